import { shallowReactive } from 'vue'
import { PROVINCES } from '../shared/provinces'

/** The bodies of schema/http/office.yaml. */
export interface StaffMe {
  staff: number
  login: string
  name: string
  roles: string[]
  delegation: string
  acts: string[]
  /** The province in whose own house one is; empty: in the nation's. */
  house?: string
}

export interface StaffPerson {
  staff: number
  login: string
  name: string
  roles: string[]
  delegation: string
  state: 'invited' | 'active' | 'disabled'
  invited_until_us: number
  version: number
  second_factor: boolean
}

export interface StaffInvited {
  person: StaffPerson
  code: string
}

export const ROLES = [
  'operator',
  'judge',
  'chief_judge',
  'broadcast_director',
  'setter',
  'reviewer',
  'practice_office',
  'team_leader',
  'auditor',
  'administrator',
] as const

/** Who is ranked as a team here: the divisions, and in a province's own house its teams. */
export const DELEGATIONS: (readonly [string, string])[] = shallowReactive([...PROVINCES])

/** Rank these teams of a province's own from now on. */
export function taking(teams: { code: string; name: string }[]): void {
  DELEGATIONS.splice(0, DELEGATIONS.length, ...teams.map((one) => [one.code, one.name] as const))
}

export interface ConsoleItem {
  item: number
  type: string
  seconds: number
  opens_at_us: number
  closes_at_us: number
  extended_us: number
  state: 'waiting' | 'open' | 'closed' | 'skipped'
}

export interface ConsoleDelegation {
  code: string
  short: string
  seats: number
  came: number
  connected: number
  checked_in: number
  poor: number
  round_trip_us: number
  left: number
  rooms: string[]
}

export interface ConsoleBody {
  session: number
  title: string
  contest: string
  phase: string
  edition: string
  pacing: 'streamed' | 'paper'
  start_us: number
  ends_at_us: number
  server_us: number
  paused_us: number
  items: ConsoleItem[]
  delegations: ConsoleDelegation[]
  browsers: Record<string, number>
  connected: number
  answered: number
  open_item: number
  gateways: number
  conducted: boolean
  store_away: boolean
  health: ConsoleHealth
  lobby_opens_us: number
  pauses: { from_us: number; until_us: number }[]
  questions: number
  two_persons: boolean
  requests: ConsoleRequest[]
  frozen_us: number
  freezes_at_us: number
}

export interface SessionRules {
  pacing: 'streamed' | 'paper'
  gap_s: number
  duration_s: number
  late_entry_s: number
  board_follows: 'close' | 'answer'
  freeze_percent: number
  show_own: boolean
  show_key: boolean
  conduct_limit: number
  appeal_minutes: number
  lobby_minutes: number
}

export interface PlannedSession {
  session: number
  contest: string
  paper: string
  title: string
  phase: string
  pacing: 'streamed' | 'paper'
  start_us: number
  lobby_opens_us: number
  freeze_percent: number
  seats: number
  struck: number
  in_force: boolean
  withdrawn: boolean
}

export interface SessionsBody {
  sessions: PlannedSession[]
  papers: { paper: number; title: string; items: number; centipoints: number; seconds: number }[]
  contests: { contest: number; title: string; year: number; roster: number }[]
  defaults: SessionRules
  server_us: number
}

export interface CodesSheet {
  session: number
  seats: number
  slips: string
  table: string
}

export interface ClarificationBody {
  id: number
  sitting: number
  name: string
  delegation: string
  room: string
  item: number
  question: string
  at_us: number
  answer: string
  answered_by: string
  answered_at_us: number
  to_all: boolean
}

export interface WordsBody {
  session: number
  phase: string
  server_us: number
  questions: ClarificationBody[]
  announcements: {
    id: number
    text: string
    by: string
    at_us: number
    delegation: string
    room: string
    name: string
  }[]
}

export interface ConsoleHealth {
  answers: number
  ack_p50_us: number
  ack_p99_us: number
  feed_behind: number
  board_lag_us: number
  recorder_behind: number
  recorder_oldest_us: number
  gateways: {
    name: string
    sockets: number
    contestants: number
    waiting: number
    feed_behind: number
    board_lag_us: number
    silent_us: number
    gone: boolean
  }[]
}

export interface ConsolePerson {
  admission_no: string
  name: string
  room: string
  came: boolean
  connected: boolean
  checked_in: boolean
  round_trip_us: number
  clock_offset_us: number
  browser: string
}

export interface ConsoleRooms {
  code: string
  short: string
  rooms: {
    room: string
    seats: number
    came: number
    connected: number
    checked_in: number
    poor: number
    round_trip_us: number
    left: number
  }[]
  missing: ConsolePerson[]
  poor: ConsolePerson[]
}

/** A command that waits for a second person. */
export interface ConsoleRequest {
  request: number
  command: CommandName
  item: number
  seconds: number
  by: string
  name: string
  lapses_us: number
}

export type CommandName =
  | 'lobby'
  | 'start'
  | 'pause'
  | 'resume'
  | 'extend'
  | 'skip'
  | 'close'
  | 'review'
  | 'finalize'
  | 'announce'
  | 'freeze'
  | 'thaw'

export type RevealGroup = 'delegations' | 'individuals' | 'province'

export interface RevealDesk {
  session: number
  phase: string
  frozen: boolean
  edition: number
  on: boolean
  group: string
  delegation: string
  best: number
  digest: string
  shown: number
  changed: boolean
}

export interface RevealStep {
  kind: 'place' | 'call_out'
  rank: number
  name: string
  delegation: string
  centipoints: number
  elapsed_ms: number
  awards: string[]
  award: string
  holders: { name: string; delegation: string }[]
}

export interface RevealSteps {
  session: number
  group: RevealGroup
  delegation: string
  best: number
  digest: string
  steps: RevealStep[]
}

export interface BothBoards {
  session: number
  title: string
  phase: string
  edition: string
  conducted: boolean
  server_us: number
  frozen_us: number
  freezes_at_us: number
  view: string
  page: number
  pages: number
  total: number
  two_persons: boolean
  lines: {
    key: number
    rank: number
    name: string
    delegation: string
    centipoints: number
    elapsed_ms: number
    public_rank: number
    public_centipoints: number
    public_elapsed_ms: number
  }[]
}
