import { describe, expect, it } from 'vitest'
import type { ConsoleItem } from '../src/staff/api'
import { emphasis, possible, skippable, upcoming } from '../src/staff/console/commands'

const ALL = { conduct: true, finalize: true, freeze: true }
const SECOND = 1_000_000

function item(number: number, opens_at_us: number, closes_at_us: number, state: ConsoleItem['state'] = 'waiting'): ConsoleItem {
  return { item: number, type: 'single', seconds: 20, opens_at_us, closes_at_us, extended_us: 0, state }
}

describe('what may be commanded', () => {
  it('follows from the phase', () => {
    const of = (phase: string, frozen_us = 0) => possible({ phase, frozen_us }, ALL)
    expect(of('draft')).toEqual([])
    expect(of('lobby')).toEqual(['start', 'extend'])
    expect(of('running')).toEqual(['pause', 'extend', 'close', 'freeze'])
    expect(of('closed')).toEqual(['review', 'freeze'])
    expect(of('finalized')).toEqual([])
    expect(of('finalized', 1)).toEqual(['thaw'])
  })

  it('and from who asks', () => {
    const seen = { phase: 'under_review', frozen_us: 1 }
    expect(possible(seen, { conduct: true, finalize: false, freeze: false })).toEqual([])
    expect(possible(seen, { conduct: false, finalize: true, freeze: false })).toEqual(['finalize'])
    expect(possible(seen, { conduct: true, finalize: false, freeze: true })).toEqual(['thaw'])
  })

  it('stands out when it leads on or cuts short, and not for thawing the board before 定榜', () => {
    const of = (phase: string, frozen_us = 0) =>
      possible({ phase, frozen_us }, ALL).map((one) => [one, emphasis(one, phase)].join(' '))
    expect(of('lobby')).toEqual(['start primary', 'extend default'])
    expect(of('running', 1)).toEqual(['pause default', 'extend default', 'close danger', 'thaw default'])
    expect(of('paused', 1)).toEqual(['resume primary', 'close danger', 'thaw default'])
    expect(of('closed', 1)).toEqual(['review primary', 'thaw default'])
    expect(of('under_review', 1)).toEqual(['finalize primary', 'thaw default'])
    expect(of('finalized', 1)).toEqual(['thaw primary'])
  })

  it('an item is left out two seconds before it opens, or not at all', () => {
    const next = item(1, 10 * SECOND, 30 * SECOND)
    expect(skippable(next, 8 * SECOND - 1)).toBe(true)
    expect(skippable(next, 8 * SECOND)).toBe(false)
    expect(skippable({ ...next, state: 'skipped' }, 0)).toBe(false)
  })
})

describe('what comes next', () => {
  const items = [item(1, 10 * SECOND, 30 * SECOND), item(2, 33 * SECOND, 53 * SECOND)]
  const seen = { phase: 'running', pacing: 'streamed' as const, start_us: 10 * SECOND, ends_at_us: 53 * SECOND, items }

  it('is the start, until the session runs', () => {
    expect(upcoming({ ...seen, phase: 'draft' }, 0)).toBeNull()
    expect(upcoming({ ...seen, phase: 'lobby' }, 4 * SECOND)).toEqual({ kind: 'starts', inUs: 6 * SECOND })
    expect(upcoming({ ...seen, phase: 'paused' }, 20 * SECOND)).toEqual({ kind: 'paused' })
  })

  it('is an opening or a closing, to the microsecond', () => {
    expect(upcoming(seen, 10 * SECOND - 1)).toEqual({ kind: 'opens', item: 1, inUs: 1 })
    expect(upcoming(seen, 10 * SECOND)).toEqual({ kind: 'closes', item: 1, inUs: 20 * SECOND })
    expect(upcoming(seen, 30 * SECOND - 1)).toEqual({ kind: 'closes', item: 1, inUs: 1 })
    expect(upcoming(seen, 30 * SECOND)).toEqual({ kind: 'opens', item: 2, inUs: 3 * SECOND })
    expect(upcoming(seen, 53 * SECOND)).toBeNull()
  })

  it('is the end of all where a paper is given at once', () => {
    expect(upcoming({ ...seen, pacing: 'paper' }, 13 * SECOND)).toEqual({ kind: 'ends', inUs: 40 * SECOND })
  })
})
