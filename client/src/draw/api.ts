/** Bodies of the draw at the contest's address (schema/http/openapi.yaml). */
import type { Manner } from './stage'

export interface DrawContest {
  contest: number
  title: string
  year: number
  number: number
  state: string
}

export interface DrawParty {
  name: string
  commitment: string
  seed: string
}

export interface DrawList {
  delegation: string
  name: string
  short: string
  nominated: number
  sha256: string
}

export interface DrawEvent {
  act: string
  at_us: number
  person: number
  party: number
  /** At the staff's door only. */
  who: string
  login: string
  content: string
}

export interface Draw {
  number: number
  state: string
  reason: string
  algorithm: string
  places: number
  parties: DrawParty[]
  value_name: string
  value_kind: string
  known_from_us: number
  value: string
  lists: DrawList[]
  lists_sha256: string
  events: DrawEvent[]
  record_sha256: string
}

export interface ContestDraws {
  contest: number
  title: string
  year: number
  now_us: number
  draws: Draw[]
}

export interface DrawShowing {
  edition: number
  province: string
  manner: Manner
  at_us: number
  now_us: number
}
