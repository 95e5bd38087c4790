import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { bars, current, moved, rows, told, verdict, type DeskItem, type DeskItemBody, type DeskMoved } from '../src/staff/desk/desk'
import { usePaced } from '../src/staff/desk/paced'

const item = (no: number, over: Partial<DeskItem> = {}): DeskItem => ({
  item: no,
  type: 'single',
  centipoints: 100,
  state: 'waiting',
  answered: 0,
  right: 0,
  wrong: 0,
  cleared: 0,
  late: 0,
  early: 0,
  p50_us: 0,
  p90_us: 0,
  responses: 0,
  ...over,
})
const event = (over: Partial<DeskMoved>): DeskMoved => ({
  session: 1,
  phase: 'running',
  edition: 1,
  seats: 1600,
  newest: 0,
  items: [],
  ...over,
})

describe('the desk', () => {
  it('lets items that moved stand in for those before, and keeps the rest', () => {
    const first = moved(null, event({ items: [item(1), item(2)] }))
    const second = moved(first, event({ newest: 3, items: [item(2, { answered: 3 })] }))
    expect(second.items.map((one) => one.answered)).toEqual([0, 3])
    expect(second.items[0]).toBe(first.items[0])
    expect(moved(second, event({ newest: 4 })).items).toBe(second.items)
  })

  it('begins anew with another session', () => {
    const first = moved(null, event({ newest: 9, items: [item(1, { answered: 9 }), item(2)] }))
    expect(moved(first, event({ session: 2, items: [item(1)] })).items).toHaveLength(1)
  })

  it('looks at the item in play, else at the last that was', () => {
    expect(current([item(1, { state: 'closed' }), item(2, { state: 'open' }), item(3)])).toBe(2)
    expect(current([item(1, { state: 'closed' }), item(2, { state: 'skipped' }), item(3)])).toBe(1)
    expect(current([item(1), item(2)])).toBe(1)
    expect(current([])).toBeNull()
  })

  it('counts responses nationwide or in one delegation', () => {
    const group = (form: string, count: number, delegations: Record<string, number>) => ({
      form: [form],
      example: [form],
      centipoints: 0,
      wrong: true,
      common: false,
      count,
      delegations,
    })
    const body: DeskItemBody = {
      session: 1,
      edition: 1,
      item: item(1, { answered: 10 }),
      groups: [group('A', 7, { '110000': 1, '650000': 6 }), group('B', 3, { '110000': 3 })],
      delegations: [{ code: '110000', answered: 4, right: 0, late: 0, early: 0, p50_us: 0, p90_us: 0 }],
      times: [],
      text: null,
    }
    expect(rows(body, '').map((one) => [one.form[0], one.seen, one.percent])).toEqual([['A', 7, 70], ['B', 3, 30]])
    expect(rows(body, '110000').map((one) => [one.form[0], one.seen, one.percent])).toEqual([['B', 3, 75], ['A', 1, 25]])
    expect(rows(body, '990000')).toEqual([])
  })

  it('draws times without the empty ends', () => {
    const times = [0, 2, 0, 4, 0].map((count, place) => ({ upto_us: place, count }))
    expect(bars(times).map((one) => [one.upto_us, one.share])).toEqual([[1, 0.5], [2, 0], [3, 1]])
    expect(bars([{ upto_us: 1, count: 0 }])).toEqual([])
  })

  it('names what a response is by the key', () => {
    expect(verdict('single', 100, { centipoints: 100 }, ['A'])).toBe('right')
    expect(verdict('multiple', 100, { centipoints: 50 }, ['A'])).toBe('part')
    expect(verdict('single', 100, { centipoints: 0 }, ['B'])).toBe('wrong')
    expect(verdict('single', 100, { centipoints: 0 }, [])).toBe('cleared')
    expect(verdict('case', 100, { centipoints: 0 }, ['文'])).toBe('judged')
    expect([told('multiple', ['A', 'C']), told('fill_in', ['三十日', '书面'])]).toEqual(['AC', '三十日 | 书面'])
  })
})

describe('loading at a pace', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('makes a few requests of many stirs, and never misses the last', async () => {
    const scope = effectScope()
    let loads = 0
    const paced = scope.run(() => usePaced(() => Promise.resolve((loads += 1)), 250))!
    for (let ms = 0; ms < 1000; ms += 1) {
      paced.stir()
      await vi.advanceTimersByTimeAsync(1)
    }
    expect(loads).toBeGreaterThanOrEqual(4)
    expect(loads).toBeLessThanOrEqual(5)
    await vi.advanceTimersByTimeAsync(1000)
    const after = loads
    expect(paced.body.value).toBe(after)
    await vi.advanceTimersByTimeAsync(5000)
    expect(loads).toBe(after)
    scope.stop()
  })

  it('forgets what is on its way when it begins anew', async () => {
    const scope = effectScope()
    const answers: ((text: string) => void)[] = []
    const paced = scope.run(() => usePaced(() => new Promise<string>((resolve) => answers.push(resolve)), 250))!
    paced.stir()
    await vi.advanceTimersByTimeAsync(0)
    paced.anew()
    await vi.advanceTimersByTimeAsync(0)
    answers[1]!('new')
    await vi.advanceTimersByTimeAsync(0)
    answers[0]!('old')
    await vi.advanceTimersByTimeAsync(0)
    expect(paced.body.value).toBe('new')
    scope.stop()
  })

  it('keeps what it has through a fault, and tries again', async () => {
    const scope = effectScope()
    let fails = false
    const paced = scope.run(() => usePaced(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve('here')), 250))!
    paced.stir()
    await vi.advanceTimersByTimeAsync(0)
    fails = true
    paced.stir()
    await vi.advanceTimersByTimeAsync(300)
    expect([paced.body.value, paced.fault.value instanceof Error]).toEqual(['here', true])
    fails = false
    await vi.advanceTimersByTimeAsync(2500)
    expect([paced.body.value, paced.fault.value]).toEqual(['here', null])
    scope.stop()
  })
})
