/** Bodies of the HTTP interface, as docs/wire.md lists them. */
import type { ItemMedia } from '../wire/messages'

export interface Delegation {
  code: string
  name: string
  short: string
  members: number
}

export interface SessionInfo {
  id: number
  title: string
  pacing: 'streamed' | 'paper'
  counted: 'first' | 'last'
  phase: string
  start_us: number
  ends_at_us: number
  items: number
  total_centipoints: number
  contestants: number
  show_own: boolean
  late_entry_us: number
  duration_us: number
  gap_us: number
  rules: { topic: string; rule: string }[]
  /** Each sitting has so long from its own beginning; 0: everybody has the window. */
  own_us?: number
  /** Where whoever was handed over comes from. */
  home?: string
}

export interface ContestBody {
  contest: { id: number; title: string; organizer: string }
  session: SessionInfo
  delegations: Delegation[]
  server_us: number
}

export interface Me {
  session: number
  sitting: number
  admission_no: string
  name: string
  delegation: string
  delegation_name: string
}

/** A session whose boards there are; `phase` is `finalized` but for the one in force. */
export interface BoardSession {
  id: number
  contest: string
  title: string
  phase: string
  start_us: number
}

export interface BoardRowBody {
  key: number
  order: number
  rank: number
  name: string
  delegation: string
  centipoints: number
  elapsed_ms: number
  members?: number
  page?: number
}

export interface BoardBody {
  view: string
  page: number
  pages: number
  page_size: number
  version: number
  total: number
  frozen: boolean
  phase: string
  rows: BoardRowBody[]
}

export interface DelegationParticipation {
  code: string
  seats: number
  came: number
  connected: number
  checked_in: number
}

export interface ParticipationBody {
  session: number
  delegations: DelegationParticipation[]
}

export interface ResultRuling {
  ruling: number
  kind: string
  reason: string
  at_us: number
}

export interface ResultItem {
  item: number
  type: string
  stem: string
  options: { id: string; text: string }[]
  response: string[]
  key: string[]
  explanation: string
  centipoints: number
  full_centipoints: number
  status: string
  elapsed_us: number
  stamp_us: number
  parts: string[]
  verdict: string
  taken_us: number
  also: string[][]
  printed: string[]
  rulings: ResultRuling[]
  media: ItemMedia[]
}

export interface ResultBody {
  name: string
  admission_no: string
  delegation: string
  centipoints: number
  rank: number
  of: number
  delegation_rank: number
  elapsed_us: number
  items: ResultItem[]
  pacing: 'streamed' | 'paper'
  struck: boolean
  absent: boolean
  rulings: ResultRuling[]
}

/** A contestant's own appeal; `item` 0 is the session as a whole. */
export interface OwnAppeal {
  appeal: number
  item: number
  text: string
  filed_at_us: number
  state: 'filed' | 'upheld' | 'refused'
  decided_at_us: number
  reason: string
}

export interface OwnAppealsBody {
  open: boolean
  from_us: number
  until_us: number
  items: { item: number; type: string }[]
  appeals: OwnAppeal[]
}

/** Why something was awarded or passed over: a code with what it speaks of, or plain text. */
export type Reason = string | { code: string; [member: string]: unknown }

export interface AwardRow {
  rank: number
  key: number
  name: string
  delegation: string
  centipoints: number
  reason: Reason
}

export interface StarRow extends AwardRow {
  province_place: number
  passed_over: string[]
}

export interface TeamRow {
  prize: string
  rank: number
  delegation: string
  name: string
  centipoints: number
  reason: Reason
}

export interface PrizeRow extends AwardRow {
  prize: string
  place: number
}

export interface AwardsBody {
  knowledge: AwardRow[]
  stars: StarRow[]
  teams: TeamRow[]
  ties: Reason[]
  shortfalls: Reason[]
  /** Of a province's own contest, which has nothing else. */
  prizes?: PrizeRow[]
}

export interface EligibilityBody {
  rows: {
    name: string
    delegation: string
    origin: string
    eligible: boolean
    rules: { code: string; passed: boolean; evidence: string }[]
  }[]
}

export interface DrawBody {
  commitment: string
  seed: string
  public_value: string
  algorithm: string
  pool: { no: number; name: string }[]
  selected: number[]
}
