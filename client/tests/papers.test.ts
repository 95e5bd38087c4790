import { describe, expect, it } from 'vitest'
import { totals, withWorth, type Blueprint } from '../src/staff/papers/papers'

const plan: Blueprint = {
  lines: [
    { type: 'multiple', count: 4, module: '社会保险', difficulty: 5 },
    { type: 'single', count: 10, module: '', difficulty: 0 },
    { type: 'multiple', count: 6, module: '', difficulty: 0 },
  ],
  worth: [
    { type: 'single', centipoints: 150, seconds: 25, marking: 'exact' },
    { type: 'case', centipoints: 1000, seconds: 420, marking: 'exact' },
  ],
  contests: 1,
  practice: false,
}

describe('a blueprint', () => {
  it('has one worth for every type of its lines, keeps what was set, and drops what no line has', () => {
    const whole = withWorth(plan)
    expect(whole.worth.map((one) => one.type)).toEqual(['multiple', 'single'])
    expect(whole.worth[1]?.centipoints).toBe(150)
    expect(whole.worth[0]).toEqual({ type: 'multiple', centipoints: 200, seconds: 30, marking: 'exact' })
  })

  it('adds up items, points and seconds', () => {
    expect(totals(withWorth(plan))).toEqual({ items: 20, centipoints: 3500, seconds: 550 })
  })
})
