// Made by scripts/generate-wire.mjs from schema/wire/match.schema.json; do not edit.

import type { ClientHello, ClientProbe, ServerClock, ServerError, ServerBye } from './messages'

/**
 * The answer to the question that is open: option ids ascending, or `T` or `F`. The first one is final; it may be sent again until `match_answered` comes.
 */
export interface ClientMatchAnswer {
  type: 'match_answer'
  question: number
  response: string[]
}

/**
 * Leave the match for good, which loses it.
 */
export interface ClientMatchLeave {
  type: 'match_leave'
}

/**
 * Answers `hello`: `seat` is 1 or 2.
 */
export interface ServerMatchWelcome {
  type: 'match_welcome'
  match: number
  seat: number
  server_us: number
  resume_min_ms: number
}

/**
 * Where the match stands, whole; a greater `version` is newer.
 *
 * `state`: `gathering` until both are there; `soon` before an opening; `open`; `closed` after it; `saving` until the result is kept; `ended`; `void` when somebody did not come. `question` has the opening and closing that are told; 0 before the first. `won`: the seat, 0 for nobody; `won_by`: `points`, `time`, `left`, `drawn`, empty before the end.
 */
export interface ServerMatch {
  type: 'match'
  version: number
  state: string
  questions: number
  question: number
  opens_us: number
  closes_us: number
  players: MatchPlayer[]
  last: MatchClosed | null
  won: number
  won_by: string
}

/**
 * A player and how they stand by the questions that are closed.
 *
 * `recorded_us`: the answers are those of an earlier play, at this time; 0: the player is here. `answered`: the question that is open has an answer. `earned`: hundredths of points of practice, once the match has ended.
 */
export interface MatchPlayer {
  seat: number
  name: string
  recorded_us: number
  connected: boolean
  points: number
  right: number
  elapsed_us: number
  answered: boolean
  left: boolean
  earned: number
}

/**
 * A closed question with its right answer and what both answered.
 */
export interface MatchClosed {
  question: number
  key: string[]
  explanation: string
  answers: MatchAnswer[]
}

/**
 * What a player answered to a closed question; an empty `response`: nothing, or nothing in time.
 */
export interface MatchAnswer {
  seat: number
  response: string[]
  right: boolean
  points: number
  elapsed_us: number
}

/**
 * The next question, sealed; it comes some seconds before its opening.
 */
export interface ServerMatchSealed {
  type: 'match_sealed'
  sealed: SealedItem
}

/**
 * An item before its opening: `sealed` is nonce (12 bytes) + AES-256-GCM ciphertext with its tag.
 *
 * The associated data is `leitai:{session}:{item}` in ASCII; `commitment` is SHA-256 of key + plaintext.
 */
export interface SealedItem {
  item: number
  seconds: number
  sealed: Uint8Array
  commitment: Uint8Array
}

/**
 * The question opens: its key, written to both at the instant, in an order drawn anew; again to whoever returns.
 */
export interface ServerMatchKey {
  type: 'match_key'
  question: number
  key: Uint8Array
}

/**
 * The answer that is recorded, durably: the first one. `status` is `accepted` or `late`; `flagged`: the elapsed time is from the scheduled opening, since the key did not go out on this connection.
 */
export interface ServerMatchAnswered {
  type: 'match_answered'
  question: number
  response: string[]
  status: string
  stamp_us: number
  elapsed_us: number
  flagged: boolean
}

export type MatchClientMessage = ClientHello | ClientProbe | ClientMatchAnswer | ClientMatchLeave

export type MatchServerMessage = ServerMatchWelcome | ServerMatch | ServerMatchSealed | ServerMatchKey | ServerMatchAnswered | ServerClock | ServerError | ServerBye

/** Members that a server message may leave out, by its `type`. */
export const serverDefaults: Record<string, () => Record<string, unknown>> = {
  match: () => ({ last: null, won: 0, won_by: '' }),
  match_answered: () => ({ flagged: false }),
  error: () => ({ retry: false, item: 0, seq: 0 }),
}
