/** The bodies of the calendar (schema/http), and how far it is. Days are Beijing's, as `2022-08-31`. */

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
