import { describe, expect, it } from 'vitest'
import texts from '../src/locales/results.zh-CN.json'
import common from '../src/locales/common.zh-CN.json'
import { sayReason, sayShortfalls, sayTie, type Say } from '../src/results/reasons'

const all = { ...texts, ...common } as Record<string, Record<string, string>>
const t: Say = (key, named = {}) => {
  const [group = '', ...rest] = key.split('.')
  return (all[group]?.[rest.join('.')] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]))
}
const names = (key: unknown) => ({ '220000': '吉林', '540000': '西藏', 7: '王敏' })[String(key)] ?? String(key)

describe('reasons', () => {
  it('say a code with the row’s own figures', () => {
    expect(sayReason('national_place', { rank: 3 }, t)).toBe('全国第 3 名，在前 50 名之内')
    expect(sayReason('province_place', { province_place: 2, rank: 61 }, t)).toBe('本队第 2 位，全国第 61 名')
    expect(sayReason('team_place', { rank: 1 }, t)).toBe('团体第 1 名')
  })

  it('prefer the figures that come with them, and name the ruling', () => {
    const reason = { code: 'national_place', place: 50, quota: 50, ruling_id: 4 }
    expect(sayReason(reason, { rank: 49 }, t)).toBe('全国第 50 名，在前 50 名之内（裁决 4 号）')
  })

  it('leave plain words as they are', () => {
    expect(sayReason('按裁决授予', {}, t)).toBe('按裁决授予')
    expect(sayTie('两人并列', names, t)).toBe('两人并列')
    expect(sayShortfalls(['空缺'], names, t)).toEqual(['空缺'])
  })

  it('say ties, provinces that wait, and shortfalls that are alike together', () => {
    const tie = { code: 'tie', seats: [['knowledge', 1]], names: ['王敏', '李静'], delegation: '' }
    expect(sayTie(tie, names, t)).toBe('全国：王敏、李静 同名次，共享全国“人社知识通” 1 个名额，待裁判组裁决')
    const waiting = { code: 'waiting', seats: [['star', 3]], names: ['王敏'], delegation: '220000' }
    expect(sayTie(waiting, names, t)).toBe('吉林：全国“岗位练兵明星” 3 个名额待全国裁决后确定，候选 王敏')
    expect(sayTie({ code: 'tie', seats: [] }, names, t)).toBe('有选手同名次，待裁判组裁决')
    const short = (delegation: string, eligible: number) => ({ code: 'shortfall', kind: 'star', quota: 3, eligible, delegation })
    expect(sayShortfalls([short('220000', 2), short('540000', 2), short('110000', 0)], names, t)).toEqual([
      '全国“岗位练兵明星”应有 3 个，符合条件的 2 个，空缺不补：吉林、西藏',
      '全国“岗位练兵明星”应有 3 个，符合条件的 0 个，空缺不补：110000',
    ])
  })

  it('say of a province’s own contest what is all of it', () => {
    const tie = { code: 'tie', seats: [['一等奖', 1]], names: ['王敏', '李静'], delegation: '' }
    expect(sayTie(tie, names, t, '河北')).toBe('河北：王敏、李静 同名次，共享一等奖 1 个名额，待裁判组裁决')
    const short = { code: 'shortfall', kind: '一等奖', quota: 3, eligible: 2, delegation: '' }
    expect(sayShortfalls([short], names, t, '河北')).toEqual(['一等奖应有 3 个，符合条件的 2 个，空缺不补：河北'])
  })
})
