/** Days in words, from `2026-08-29`. Months have names where numbers alone could be read two ways. */

type Words = (key: string, named?: Record<string, unknown>) => string

const parts = (day: string) => day.split('-').map(Number) as [number, number, number]

export const yearOf = (day: string): number => parts(day)[0]

const monthName = (t: Words, month: number) => t('days.months').split(' ')[month - 1]

/** `8 月 29 日`, `29 Aug`; with its year where that is not `year`: `2026 年 8 月 29 日`, `29 Aug 2026`. */
export function dayWords(t: Words, day: string, year: number): string {
  const [y, month, date] = parts(day)
  return t(y === year ? 'days.short' : 'days.day', { year: y, month: monthName(t, month), day: date })
}

/** The month of a day: `2026 年 8 月`, `Aug 2026`. */
export function monthWords(t: Words, day: string): string {
  const [year, month] = parts(day)
  return t('days.month', { year, month: monthName(t, month) })
}

/** From one day to another, said once where they are the same; empty when one is missing. */
export function spanWords(t: Words, first: string | null, last: string | null, year: number): string {
  if (!first || !last) return ''
  if (first === last) return dayWords(t, first, year)
  return t('days.span', { first: dayWords(t, first, year), last: dayWords(t, last, year) })
}
