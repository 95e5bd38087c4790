import { describe, expect, it } from 'vitest'
import { given, NOTHING, parsed, passed, settled, stocked, total, typed, type MarkingQueue } from '../src/staff/marking/marking'

const queue = (ids: string[], over: Partial<MarkingQueue> = {}): MarkingQueue => ({
  session: 1,
  phase: 'closed',
  waiting: ids.length,
  answers: ids.map((id) => ({ id, item: 3, response: ['文'] })),
  items: [{ item: 3, type: 'short_answer', stem: '简述', parts: [{ text: '', reference: ['三十日'], centipoints: 500 }] }],
  progress: { session: 1, phase: 'closed', difference_percent: 20, items: [] },
  ...over,
})

describe('marking', () => {
  it('goes on to the next answer at once, and keeps the mark until it was taken', () => {
    const first = stocked(NOTHING, queue(['a', 'b', 'c']))
    const next = given(first, [450])
    expect([next.answers[0]?.id, next.waiting, next.unsent]).toEqual(['b', 2, [{ id: 'a', centipoints: [450] }]])
    const taken = settled(next, 'a')
    expect(taken.unsent).toEqual([])
    // A queue that was asked for before the mark arrived still holds it.
    expect(stocked(taken, queue(['a', 'b', 'c'])).answers.map((one) => one.id)).toEqual(['b', 'c'])
  })

  it('does not take the answer at hand away from whoever reads it', () => {
    const first = stocked(NOTHING, queue(['a', 'b']))
    expect(stocked(first, queue(['c', 'd'])).answers.map((one) => one.id)).toEqual(['a', 'c', 'd'])
    expect(stocked(first, queue([])).items).toHaveLength(1)
  })

  it('begins anew with another session, but still sends what was given', () => {
    const first = given(stocked(NOTHING, queue(['a', 'b'])), [0])
    const other = stocked(first, queue(['x'], { session: 2 }))
    expect([other.answers.map((one) => one.id), other.unsent.length]).toEqual([['x'], 1])
  })

  it('puts an answer behind the others, but never the last', () => {
    const first = stocked(NOTHING, queue(['a', 'b']))
    expect(passed(first).answers.map((one) => one.id)).toEqual(['b', 'a'])
    const alone = stocked(NOTHING, queue(['a']))
    expect(passed(alone)).toBe(alone)
    expect(given(NOTHING, [1])).toBe(NOTHING)
  })

  it('reads points as they are typed', () => {
    expect(['4.5', '0', '5', ' 3。25 '].map((one) => parsed(one, 500))).toEqual([450, 0, 500, 325])
    expect(['', '5.01', '-1', '1.234', 'x', '1e2'].map((one) => parsed(one, 500))).toEqual(Array(6).fill(null))
    expect([typed(250), typed(500), typed(0)]).toEqual(['2.5', '5', '0'])
  })

  it('sums up the progress', () => {
    const one = { item: 3, type: 'case', unmarked: 1, one: 2, differing: 3, settled: 4 }
    expect(total([one, one])).toEqual({ settled: 8, all: 20 })
  })
})
