import { describe, expect, it } from 'vitest'
import en from '../src/locales/days.en.json'
import zh from '../src/locales/days.zh-CN.json'
import { dayAt, fieldOf, instantOf } from '../src/shared/beijing'
import { dayWords, monthWords, spanWords, yearOf } from '../src/shared/days'
import { clockTime, dateTime } from '../src/shared/format'

const MINUTE_US = 60_000_000

function saying(locale: { days: Record<string, string> }) {
  return (key: string, named: Record<string, unknown> = {}) =>
    locale.days[key.replace('days.', '')]!.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]))
}
const inEnglish = saying(en)
const inChinese = saying(zh)

describe('days in words', () => {
  it('cannot be read two ways in English', () => {
    expect(dayWords(inEnglish, '2022-08-09', 2022)).toBe('9 Aug')
    expect(dayWords(inEnglish, '2023-01-02', 2022)).toBe('2 Jan 2023')
    expect(monthWords(inEnglish, '2022-12-31')).toBe('Dec 2022')
    const months = Array.from({ length: 12 }, (_, month) => dayWords(inEnglish, `2022-${month + 1}-1`, 2022))
    expect(new Set(months.filter((one) => /^1 [A-Z][a-z]{2}$/.test(one))).size).toBe(12)
  })

  it('are numbers with their signs in Chinese', () => {
    expect(dayWords(inChinese, '2022-08-09', 2022)).toBe('8 月 9 日')
    expect(dayWords(inChinese, '2023-01-02', 2022)).toBe('2023 年 1 月 2 日')
    expect(monthWords(inChinese, '2022-12-31')).toBe('2022 年 12 月')
  })

  it('are said once where a span has one, and with the year where it is another', () => {
    expect(spanWords(inEnglish, '2022-08-31', '2022-08-31', 2022)).toBe('31 Aug')
    expect(spanWords(inEnglish, '2022-12-29', '2023-01-04', yearOf('2023-01-04'))).toBe('29 Dec 2022 to 4 Jan')
    expect([spanWords(inEnglish, null, '2023-01-04', 2023), spanWords(inEnglish, '2023-01-04', null, 2023)]).toEqual(['', ''])
  })
})

describe('Beijing’s time', () => {
  /** 2026-11-30 00:00 in Beijing, which is 16:00 of the day before in UTC. */
  const midnight = Date.UTC(2026, 10, 29, 16) * 1000

  it('turns the day at its own midnight', () => {
    expect([midnight - 1, midnight].map(dayAt)).toEqual(['2026-11-29', '2026-11-30'])
    expect([midnight - 1, midnight].map(dateTime)).toEqual(['2026-11-29 23:59', '2026-11-30 00:00'])
    expect([midnight - 1, midnight].map(clockTime)).toEqual(['23:59:59', '00:00:00'])
    expect([midnight - 1, midnight].map(fieldOf)).toEqual(['2026-11-29T23:59', '2026-11-30T00:00'])
    expect(dayAt(Date.UTC(2026, 11, 31, 16) * 1000)).toBe('2027-01-01')
  })

  it('is eight hours ahead in summer as in winter', () => {
    for (const month of [0, 3, 6, 9]) expect(fieldOf(Date.UTC(2026, month, 15, 4) * 1000)).toMatch(/T12:00$/)
  })

  it('reads what it wrote in a field, on every side of midnight, and of what is none gives 0', () => {
    for (const us of [midnight - MINUTE_US, midnight, midnight + MINUTE_US]) expect(instantOf(fieldOf(us))).toBe(us)
    expect(['', 'tomorrow', '2026-13-01T00:00'].map(instantOf)).toEqual([0, 0, 0])
  })
})
