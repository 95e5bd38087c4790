import { describe, expect, it } from 'vitest'
import { progressWords, type CalendarStage } from '../src/calendar/calendar'
import { asked, honourWords, provinceName, years } from '../src/staff/pool/pool'

const t = (key: string, named: Record<string, unknown> = {}) => `${key} ${Object.values(named).join(' ')}`.trim()

describe('progress', () => {
  const stage: CalendarStage = { stage: 'nomination', state: 'under_way', first: null, last: null, done: 3, total: 32, note: '' }

  it('is counted where it has begun', () => {
    expect(progressWords(t, stage)).toBe('calendar.counted.nomination 3 32')
    expect(progressWords(t, { ...stage, state: 'planned', done: 0 })).toBe('')
    expect(progressWords(t, { ...stage, total: 0 })).toBe('')
    expect(progressWords(t, { ...stage, stage: 'contest' })).toBe('')
  })
})

describe('the pool', () => {
  it('asks for what is filled in', () => {
    expect(asked(new URLSearchParams('text=张&year=&person=3&kind=star'), 2)).toBe('?text=%E5%BC%A0&kind=star&page=2')
    expect(asked(new URLSearchParams(''))).toBe('')
  })

  it('offers every year since 2019', () => {
    expect(years(2021)).toEqual([2021, 2020, 2019])
    expect(years(2000)).toEqual([2000])
  })

  it('says an honour in short', () => {
    const honour = { year: 2019, kind: 'national', title: '一等奖', place: 3, province: '110000', source: 'ministry' as const }
    expect(honourWords(t, honour)).toBe('2019 poolHonour.national 一等奖 pool.place 3')
    expect(honourWords(t, { ...honour, title: '', place: 0 })).toBe('2019 poolHonour.national')
    expect(provinceName('110000')).toBe('北京')
  })
})
