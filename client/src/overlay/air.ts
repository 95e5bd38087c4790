/** What `/api/air` tells (docs/broadcast.md): public data, one whole document at a time. */

import type { ItemMedia } from '../wire/messages'

export const OVERLAYS = [
  'strip',
  'top10',
  'delegations',
  'province',
  'item',
  'versus',
  'ticker',
  'reveal',
  'program',
] as const
export type OverlayName = (typeof OVERLAYS)[number]
export type SceneName = Exclude<OverlayName, 'program'>

/** What an overlay is to show of its kind; each kind looks at its own. */
export interface Params {
  count?: number
  delegation?: string
  page?: number
  show?: 'question' | 'distribution'
  left?: string
  right?: string
}

export interface Want {
  name: SceneName
  params: Params
}

export interface Person {
  key: number
  rank: number
  /** Rank before the latest item; 0: none. */
  before: number
  name: string
  delegation: string
  centipoints: number
  elapsed_ms: number
}

export interface Team {
  rank: number
  before: number
  delegation: string
  centipoints: number
  elapsed_ms: number
  best: string
}

export interface ItemOnAir {
  item: number
  of: number
  type: string
  stem: string
  options: { id: string; text: string }[]
  seconds: number
  opens_at_us: number
  closes_at_us: number
  state: 'open' | 'closed'
  answered: number
  total: number
  distribution: { id: string; count: number }[] | null
  key: string[] | null
  /** What it shows; a server of before tells none. */
  media?: ItemMedia[]
}

export interface RevealRow {
  rank: number
  name: string
  delegation: string
  centipoints: number
  elapsed_ms: number
  /** Codes of awards, such as `team_first`. */
  awards: string[]
}

export interface Reveal {
  /** `delegations`, `individuals` or `province`. */
  group: string
  delegation: string
  of: number
  shown: number
  title: string
  rows: RevealRow[]
  call_out: { award: string; holders: { name: string; delegation: string }[] } | null
}

export interface AirBody {
  session: number
  contest: string
  title: string
  phase: string
  server_us: number
  start_us: number
  ends_at_us: number
  frozen: boolean
  version: number
  delegations: { code: string; name: string; short: string }[]
  total: number
  individuals: Person[]
  teams: Team[]
  /** Delegation empty: none was asked for. */
  province: { delegation: string; rows: Person[] }
  item: ItemOnAir | null
  ticker: { id: string; at_us: number; text: string }[]
  program: { edition: number; on: Want | null; preview: Want | null }
  reveal: Reveal | null
}
