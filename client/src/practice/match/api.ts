/** The bodies of matches (schema/http/practice.yaml), and the calls that ask for them. */
import { getJson, postJson } from '../../shared/http'
import type { Option, QuestionType } from '../study/api'
import type { Outcome } from './match'

const BASE = '/api/practice/matches'

export interface MatchLine {
  match: number
  ended_us: number
  opponent: string
  recorded: boolean
  outcome: Outcome
  won_by: string
  points: number
  opponent_points: number
  right: number
  earned: number
}

export interface MatchesBody {
  playing: number
  won: number
  drawn: number
  lost: number
  counted: number
  counted_most: number
  matches: MatchLine[]
}

export interface Sought {
  state: 'waiting' | 'found'
  match: number
  waited_us: number
  recorded_after_us: number
}

export interface ReviewItem {
  place: number
  question: number
  type: QuestionType
  stem: string
  options: Option[]
  /** Empty, and `right` null, while it is not `explained`. */
  response: string[]
  right: boolean | null
  their_response: string[]
  their_right: boolean | null
  /** Not while the question waits in an open set of the learner's. */
  explained: boolean
  key: string[]
  explanation: string
}

export const review = (match: number) => getJson<{ match: number; items: ReviewItem[] }>(`${BASE}/${match}`)
export const history = () => getJson<MatchesBody>(BASE)
export const seek = (again: number) => postJson<Sought>(`${BASE}/seek`, { again })
export const withdraw = () => postJson<undefined>(`${BASE}/withdraw`, {})
export const ticketsOf = (match: number) => `${BASE}/${match}/tickets`
