/** A province's own contests: the bodies of schema/http/office.yaml. */
import type { RowProblem } from '../imports/imports'

export const OWN = '/api/staff/own-contests'

export type Asks = 'phone' | 'id' | 'both'
export const ASKS: Asks[] = ['phone', 'id', 'both']

export interface Prize {
  name: string
  places: number
  /** It is for teams, not for people. */
  teams?: boolean
}

export interface Registration {
  asks: Asks
  closes_us: number
  open: boolean
}

export interface OwnContest {
  contest: number
  title: string
  organizer: string
  year: number
  people: number
  waiting: number
  registration: Registration | null
  prizes: Prize[]
  prizes_edition: number
  sessions: { session: number; title: string; phase: string; start_us: number }[]
}

export interface Team {
  code: string
  name: string
}

export interface OwnContests {
  contests: OwnContest[]
  teams: Team[]
  registration_address: string
  now_us: number
}

export interface OwnPerson {
  contestant: number
  seat: number
  name: string
  unit: string
  team: string
  phone: string
  id_number: string
}

export interface Applicant {
  applicant: number
  name: string
  unit: string
  team: string
  phone: string
  id_number: string
  state: 'waiting' | 'approved' | 'declined'
  at_us: number
  decided_by: string
  reason: string
}

export interface OwnPeople {
  people: OwnPerson[]
  applicants: Applicant[]
}

export interface RosterReport {
  file_name: string
  fault: string
  accepted: number
  teams: string[]
  refused: RowProblem[]
  skipped: string[]
  people: number
}

export interface PrizeList {
  final: boolean
  won: {
    prize: string
    place: number
    rank: number
    sitting: number
    admission_no: string
    name: string
    team: string
    unit: string
    centipoints: number
    ruling: number
  }[]
  ties: { names: string[]; seats: Prize[] }[]
  teams: { prize: string; place: number; rank: number; team: string; name: string; centipoints: number; ruling: number }[]
}

/** Phases in which a contest has begun, and its prizes are fixed. */
const BEGUN = ['running', 'paused', 'closed', 'under_review', 'finalized']
export const OVER = ['closed', 'under_review', 'finalized']

export function hasBegun(contest: OwnContest): boolean {
  return contest.sessions.some((one) => BEGUN.includes(one.phase))
}
