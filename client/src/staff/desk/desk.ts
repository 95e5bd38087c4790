/** What the judges' desk knows, as the server tells it (schema/http/office.yaml), and what follows from it. Pure. */
import type { ItemMedia } from '../../wire/messages'

export type ItemState = 'waiting' | 'open' | 'closed' | 'skipped'

export interface DeskItem {
  item: number
  type: string
  centipoints: number
  state: ItemState
  answered: number
  right: number
  wrong: number
  cleared: number
  late: number
  early: number
  p50_us: number
  p90_us: number
  responses: number
}

export interface DeskItems {
  session: number
  phase: string
  edition: number
  seats: number
  items: DeskItem[]
}

export interface DeskMoved extends DeskItems {
  newest: number
}

export interface DeskGroup {
  form: string[]
  example: string[]
  centipoints: number
  wrong: boolean
  common: boolean
  count: number
  delegations: Record<string, number>
}

export interface DeskDelegation {
  code: string
  answered: number
  right: number
  late: number
  early: number
  p50_us: number
  p90_us: number
}

export interface DeskText {
  stem: string
  options: { id: string; text: string; right: boolean }[]
  blanks: string[][]
  parts: string[]
  media: ItemMedia[]
}

export interface DeskItemBody {
  session: number
  edition: number
  item: DeskItem
  groups: DeskGroup[]
  delegations: DeskDelegation[]
  times: { upto_us: number; count: number }[]
  text: DeskText | null
}

export interface DeskAnswer {
  number: number
  item: number
  sitting: number
  name: string
  delegation: string
  room: string
  response: string[]
  centipoints: number
  wrong: boolean
  status: 'accepted' | 'late' | 'early'
  stamp_us: number
  elapsed_us: number
  flagged: boolean
}

export interface DeskTail {
  session: number
  newest: number
  answers: DeskAnswer[]
}

export interface DeskAnomaly {
  kind: string
  delegation: string
  room: string
  sittings: number[]
  names: string[]
  responses: { item: number; form: string[] }[]
  count: number
}

export const ONLY = ['wrong', 'common', 'late', 'flagged'] as const
export const JUDGED: readonly string[] = ['short_answer', 'case']
const CHOICES: readonly string[] = ['single', 'multiple', 'indeterminate']

/** The session's items in figures, as of the newest event. */
export interface Sight {
  session: number
  phase: string
  seats: number
  newest: number
  items: DeskItem[]
}

/** Take an event in: items that it tells stand in for those before. Another session begins anew. */
export function moved(sight: Sight | null, body: DeskMoved): Sight {
  const { session, phase, seats, newest } = body
  if (sight === null || sight.session !== session) return { session, phase, seats, newest, items: body.items }
  const told = new Map(body.items.map((one) => [one.item, one]))
  const items = told.size ? sight.items.map((one) => told.get(one.item) ?? one) : sight.items
  return { session, phase, seats, newest, items }
}

/** The item to look at when the address names none: the newest that is open, else the last that was. */
export function current(items: readonly DeskItem[]): number | null {
  const seen = items.filter((one) => one.state === 'open' || one.state === 'closed')
  const open = seen.filter((one) => one.state === 'open')
  return (open[open.length - 1] ?? seen[seen.length - 1] ?? items[0])?.item ?? null
}

export type Verdict = 'right' | 'part' | 'wrong' | 'cleared' | 'judged'

/** What a response is by the paper's key. */
export function verdict(type: string, full: number, one: { centipoints: number }, form: readonly string[]): Verdict {
  if (!form.length) return 'cleared'
  if (JUDGED.includes(type)) return 'judged'
  if (one.centipoints === full) return 'right'
  return one.centipoints > 0 ? 'part' : 'wrong'
}

/** A group with its count where one looks: nationwide, or in one delegation. */
export interface Row extends DeskGroup {
  seen: number
  /** Of those who answered there, in whole percent. */
  percent: number
}

export function rows(body: DeskItemBody, delegation: string): Row[] {
  const answered = delegation
    ? (body.delegations.find((one) => one.code === delegation)?.answered ?? 0)
    : body.item.answered
  return body.groups
    .map((one) => ({ ...one, seen: delegation ? (one.delegations[delegation] ?? 0) : one.count }))
    .filter((one) => one.seen > 0)
    .sort((one, other) => other.seen - one.seen)
    .map((one) => ({ ...one, percent: answered ? Math.round((one.seen * 100) / answered) : 0 }))
}

/** The bars of response times without the empty ones at both ends; `share` is of the highest. */
export function bars(times: DeskItemBody['times']): { upto_us: number; count: number; share: number }[] {
  const first = times.findIndex((one) => one.count > 0)
  if (first < 0) return []
  const last = times.length - [...times].reverse().findIndex((one) => one.count > 0)
  const highest = Math.max(...times.map((one) => one.count))
  return times.slice(first, last).map((one) => ({ ...one, share: one.count / highest }))
}

/** A response for the eye: `AC`, or the texts of the blanks. Empty when it was cleared. */
export function told(type: string, response: readonly string[]): string {
  return response.join(CHOICES.includes(type) ? '' : ' | ')
}

/** Seconds from microseconds: `4.2`. */
export function seconds(us: number): string {
  return (us / 1_000_000).toFixed(1)
}
