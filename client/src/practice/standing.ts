/** The bodies of the own page and of boards (schema/http/practice.yaml). Points are hundredths. */
import type { Period } from './words'

export type Title = 'daily_star' | 'weekly_master' | 'monthly_expert'

export interface OwnTitle {
  title: Title
  starts_on: string
  earned_on: string
  days: string[]
  amount: number
}

export interface OwnBody {
  today: string
  streak: number
  longest: number
  studied_today: boolean
  period: Period
  sums: { period: Period; centipoints: number; questions: number }[]
  titles: OwnTitle[]
  modules: { module: string; released: number; seen: number; right: number }[]
  ranks: { level: string; organisation: number; name: string; rank: number; of: number }[]
}

export interface BoardBody {
  level: string
  organisation: number
  name: string
  period: Period
  first: string
  last: string
  page: number
  pages: number
  total: number
  rows: { rank: number; name: string; where: string; centipoints: number; own: boolean; titles: Title[] }[]
}

export interface BranchesBody {
  level: string
  organisation: number
  name: string
  period: Period
  first: string
  last: string
  rows: { rank: number; organisation: number; name: string; centipoints: number; learners: number }[]
}

/** Points of a period; 0 where there are none yet. */
export function pointsOf(body: OwnBody, period: Period): number {
  return body.sums.find((one) => one.period === period)?.centipoints ?? 0
}

/** How full a bar is, in percent; an empty module has an empty bar. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.round((100 * part) / whole)) : 0
}
