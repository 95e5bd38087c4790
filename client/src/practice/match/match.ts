/** A match as this page knows it, from what the server says and what was touched. Pure: no browser around it. */
import type { MatchPlayer, MatchServerMessage, SealedItem, ServerMatch } from '../../wire/match'
import { unseal } from '../../wire/seal'
import type { Option, QuestionType } from '../study/api'
import { picked as pickedOf, picksOne } from '../study/study'

export interface MatchQuestion {
  question: number
  type: QuestionType
  stem: string
  options: Option[]
}

export interface Own {
  response: string[]
  /** `sent` until the server has it; `refused` when it does not take it. */
  status: 'sent' | 'accepted' | 'late' | 'refused'
}

export interface Played {
  seat: number
  match: ServerMatch | null
  sealed: SealedItem | null
  /** The newest question that has opened. */
  shown: MatchQuestion | null
  picked: string[]
  own: Record<number, Own>
  /** A question that came and could not be read. */
  broken: boolean
  /** What the server said of the last thing it did not take. */
  fault: string
}

export const NOTHING: Played = { seat: 0, match: null, sealed: null, shown: null, picked: [], own: {}, broken: false, fault: '' }
const LATE = new Set(['too-late', 'match-over', 'too-early', 'bad-response', 'too-many-messages'])

/** What the page knows after a message; `number` is the match's. */
export function told(now: Played, number: number, message: MatchServerMessage): Played {
  switch (message.type) {
    case 'match_welcome':
      return { ...now, seat: message.seat, match: null, fault: '' }
    case 'match':
      return now.match && message.version <= now.match.version ? now : { ...now, match: message }
    case 'match_sealed':
      return { ...now, sealed: message.sealed }
    case 'match_key':
      return opened(now, number, message.question, message.key)
    case 'match_answered': {
      const status = message.status === 'accepted' ? 'accepted' : 'late'
      return { ...now, own: { ...now.own, [message.question]: { response: message.response, status } }, fault: '' }
    }
    case 'error': {
      const asked = now.shown?.question ?? 0
      const own = now.own[asked]
      if (!LATE.has(message.code) || own?.status !== 'sent') return { ...now, fault: message.message }
      return { ...now, fault: message.message, own: { ...now.own, [asked]: { ...own, status: 'refused' } } }
    }
    default:
      return now
  }
}

function opened(now: Played, number: number, question: number, key: Uint8Array): Played {
  if (now.shown?.question === question) return now
  if (now.sealed?.item !== question) return { ...now, broken: true }
  const found = unseal(number, now.sealed, key)
  if (!found.ok) return { ...now, broken: true }
  const { type, stem, options } = found.content
  return { ...now, shown: { question, type: type as QuestionType, stem, options }, picked: [], broken: false, fault: '' }
}

/** Whether something can be picked: the question is the one that is open, and has no answer from here. */
export function canAnswer(now: Played): boolean {
  const { match, shown } = now
  return match?.state === 'open' && shown?.question === match.question && now.own[shown.question] === undefined
}

/** What the page knows after an option was touched: picked, and at once an answer where one takes the place of another. */
export function touched(now: Played, option: string): Played {
  if (!canAnswer(now) || !now.shown) return now
  const picked = pickedOf(now.shown, now.picked, option)
  return picksOne(now.shown.type) ? answered({ ...now, picked }) : { ...now, picked }
}

/** What the page knows after the answer that is picked was given. */
export function answered(now: Played): Played {
  if (!canAnswer(now) || !now.shown || now.picked.length === 0) return now
  return { ...now, own: { ...now.own, [now.shown.question]: { response: now.picked, status: 'sent' } } }
}

/** The answer that the server has not said anything of. */
export function unsaid(now: Played): { question: number; response: string[] } | null {
  for (const [question, own] of Object.entries(now.own)) {
    if (own.status === 'sent' && Number(question) === now.match?.question) return { question: Number(question), response: own.response }
  }
  return null
}

export const playerOf = (now: Played, own: boolean): MatchPlayer | null =>
  now.match?.players.find((one) => (one.seat === now.seat) === own) ?? null

/** Whole seconds until an opening, from 1; 0 when it is not to be counted. */
export function countdownOf(match: ServerMatch | null, nowUs: number): number {
  if (!match || match.state !== 'soon') return 0
  return Math.max(1, Math.min(3, Math.ceil((match.opens_us - nowUs) / 1_000_000)))
}

/** What is left of a question's window, in microseconds and as a share of it; nothing outside of it. */
export function leftOf(match: ServerMatch | null, nowUs: number): { us: number; share: number } {
  if (!match || match.state !== 'open') return { us: 0, share: 0 }
  const us = Math.max(0, Math.min(match.closes_us - match.opens_us, match.closes_us - nowUs))
  return { us, share: us / (match.closes_us - match.opens_us) }
}

export type Outcome = 'won' | 'lost' | 'drawn'

export function outcomeOf(now: Played): Outcome | null {
  if (now.match?.state !== 'ended') return null
  if (now.match.won === 0) return 'drawn'
  return now.match.won === now.seat ? 'won' : 'lost'
}
