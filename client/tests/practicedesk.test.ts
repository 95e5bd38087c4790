import { describe, expect, it } from 'vitest'
import { byModule, share, shifted, summed } from '../src/staff/practice/practice'

describe('what may be released', () => {
  it('is summed by module', () => {
    const topic = (module: string, type: string, ready: number) => ({ module, type, served: 1, scheduled: 2, ready })
    const rows = byModule([topic('甲', 'single', 3), topic('乙', 'single', 1), topic('甲', 'fill_in', 4)])
    expect(rows.map((row) => [row.module, row.served, row.scheduled, row.ready, row.topics.length])).toEqual([
      ['甲', 2, 4, 7, 2],
      ['乙', 1, 2, 1, 1],
    ])
  })
})

describe('participation', () => {
  const row = (province: string, province_name: string, module: string, answers: number) => ({ province, province_name, module, learner_days: 1, answers, right: 1 })
  const rows = [row('110000', '北京市', '', 12), row('110000', '北京市', '甲', 10), row('', '', '', 5), row('', '', '甲', 5), row('110000', '北京市', '乙', 2)]

  it('is summed by province or by module, the most answers first', () => {
    expect(summed(rows, 'province', '公众').map((one) => [one.name, one.answers, one.learnerDays])).toEqual([
      ['北京市', 12, 1],
      ['公众', 5, 1],
    ])
    expect(summed(rows, 'module', '公众').map((one) => [one.name, one.answers])).toEqual([
      ['甲', 15],
      ['乙', 2],
    ])
  })

  it('says shares and days', () => {
    expect([share(1, 3), share(0, 0)]).toEqual(['33.3%', '—'])
    expect(shifted('2022-03-01', -1)).toBe('2022-02-28')
  })
})
