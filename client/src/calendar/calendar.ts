/** The bodies of the calendar (schema/http), and how its days are said. Days are Beijing's, as `2022-08-31`. */

export type StageState = 'not_planned' | 'planned' | 'under_way' | 'done' | 'overdue'

export interface CalendarStage {
  stage: string
  state: StageState
  first: string | null
  last: string | null
  done: number
  total: number
  note: string
}

export interface CalendarBody {
  contest: number
  title: string
  organizer: string
  year: number
  today: string
  stages: CalendarStage[]
}

export interface PlanDays {
  stage: string
  first: string
  last: string
}

export interface StaffCalendarBody {
  contests: { contest: number; title: string; year: number; shown: boolean }[]
  version: number
  calendar: CalendarBody | null
  plan: PlanDays[]
}

type Words = (key: string, named: Record<string, unknown>) => string

const parts = (day: string) => day.split('-').map(Number) as [number, number, number]

/** A day in full, or without its year where that is the calendar's own. */
export function dayWords(t: Words, day: string, year: number): string {
  const [y, month, date] = parts(day)
  return t(y === year ? 'calendar.short' : 'calendar.day', { year: y, month, day: date })
}

/** The days of a stage in words; empty when none are set. */
export function spanWords(t: Words, first: string | null, last: string | null, year: number): string {
  if (!first || !last) return ''
  if (first === last) return dayWords(t, first, year)
  return t('calendar.span', { first: dayWords(t, first, year), last: dayWords(t, last, year) })
}

/** Stages whose progress is counted, and in what words. */
export const COUNTED: Record<string, string> = {
  nomination: 'calendar.counted.nomination',
  appeals: 'calendar.counted.appeals',
}

/** What is said of a stage's progress; empty where nothing is counted or nothing has happened yet. */
export function progressWords(t: Words, stage: CalendarStage): string {
  const key = COUNTED[stage.stage]
  if (!key || stage.total === 0 || (stage.done === 0 && stage.state !== 'under_way')) return ''
  return t(key, { done: stage.done, total: stage.total })
}
