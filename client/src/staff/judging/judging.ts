/** Rulings and appeals as judges see them: the bodies of schema/http/office.yaml, and what a page makes of them. */

export interface KeyBody {
  options: string[]
  blanks: string[][]
  also: string[][]
}

export type ScopeKind = 'sitting' | 'room' | 'delegation' | 'all'

export interface ScopeBody {
  kind: ScopeKind
  sitting_id?: number | null
  delegation?: string | null
  room?: string
}

export type EffectBody =
  | { kind: 'accept_alternative'; item_no: number; response: string[] }
  | { kind: 'change_key'; item_no: number; key: KeyBody }
  | { kind: 'void_item'; item_no: number }
  | { kind: 'credit_item'; item_no: number }
  | { kind: 'adjust_judgement'; sitting_id: number; item_no: number; centipoints: number }
  | { kind: 'compensate'; scope: ScopeBody; us: number; item_no?: number | null }
  | { kind: 'warn'; sitting_id: number }
  | { kind: 'strike_off'; sitting_id: number }
  | { kind: 'order_equals'; persons: number[]; delegations: string[] }

export type EffectKind = EffectBody['kind']

export const KINDS: readonly EffectKind[] = [
  'accept_alternative',
  'change_key',
  'void_item',
  'credit_item',
  'adjust_judgement',
  'compensate',
  'warn',
  'strike_off',
  'order_equals',
]

export interface RulingActBody {
  act: string
  actor: string
  name: string
  at_us: number
  reason: string
}

export type RulingState = 'proposed' | 'declined' | 'in_force' | 'withdrawal_proposed' | 'withdrawn'

export interface RulingBody {
  ruling: number
  version: number
  state: RulingState
  effect: EffectBody
  evidence: string
  acts: RulingActBody[]
  concerned: string[]
}

export interface DecisionBody {
  actor: string
  name: string
  at_us: number
  reason: string
  ruling: number
}

export interface AppealBody {
  appeal: number
  sitting: number
  name: string
  delegation: string
  item: number
  text: string
  filed_at_us: number
  state: 'filed' | 'upheld' | 'refused'
  decision: DecisionBody | null
}

/** A receipt that was presented after a loss of the store and could not be put back. */
export interface ReceiptBody {
  receipt: number
  sitting: number
  name: string
  delegation: string
  item: number
  seq: number
  response: string[]
  status: string
  stamp_us: number
  presented_at_us: number
  fault: 'unproven' | 'contradicted'
  state: 'open' | 'borne_out' | 'ruled' | 'laid_aside'
  recorded: { seq: number; response: string[]; status: string; stamp_us: number }[]
  decision: DecisionBody | null
}

export interface JudgingBody {
  session: number
  phase: string
  pacing: 'streamed' | 'paper'
  appeals_until_us: number
  server_us: number
  rulings: RulingBody[]
  appeals: AppealBody[]
  receipts: ReceiptBody[]
}

export interface CourtItem {
  item: number
  type: string
  centipoints: number
  stem: string
  options: { id: string; text: string }[]
  parts: string[]
  key: KeyBody
}

export interface CourtMember {
  sitting: number
  name: string
  delegation: string
  room: string
  struck: boolean
  absent: boolean
}

export interface CourtBody {
  session: number
  items: CourtItem[]
  delegations: { code: string; name: string; short: string; rooms: string[] }[]
  members: CourtMember[]
}

export interface PreviewShift {
  sitting: number
  name: string
  delegation: string
  centipoints_before: number
  centipoints_after: number
  rank_before: number
  rank_after: number
}

export interface PreviewTeam {
  delegation: string
  centipoints_before: number
  centipoints_after: number
  elapsed_us_before: number
  elapsed_us_after: number
  rank_before: number
  rank_after: number
}

export interface PreviewBody {
  session: number
  ruling: number
  version: number
  concerned: string[]
  conflict: boolean
  gaining: number
  losing: number
  moving: number
  moving_teams: number
  crossing: number
  gain: PreviewShift[]
  lose: PreviewShift[]
  ranks: PreviewShift[]
  teams: PreviewTeam[]
  crossings: { award: string; gained: boolean; sitting: number; name: string; delegation: string }[]
  open_before: number
  open_after: number
}

export interface BlockersBody {
  session: number
  phase: string
  blockers: { code: string; count: number; subjects: number[]; message: string }[]
  appeals_until_us: number
}

/** What a page holds of the session in force. */
export interface Judging {
  session: number
  phase: string
  pacing: 'streamed' | 'paper'
  appealsUntilUs: number
  rulings: RulingBody[]
  appeals: AppealBody[]
  receipts: ReceiptBody[]
}

/** What is held after an event: those that moved take the place of what they were. Another session starts anew. */
export function merged(before: Judging | null, body: JudgingBody): Judging {
  const same = before !== null && before.session === body.session
  const rulings = new Map(same ? before.rulings.map((one) => [one.ruling, one]) : [])
  for (const one of body.rulings) {
    // An answer to an act of one's own may be newer than an event that was on its way.
    if ((rulings.get(one.ruling)?.version ?? 0) <= one.version) rulings.set(one.ruling, one)
  }
  const appeals = new Map(same ? before.appeals.map((one) => [one.appeal, one]) : [])
  for (const one of body.appeals) {
    if (one.decision !== null || !appeals.get(one.appeal)?.decision) appeals.set(one.appeal, one)
  }
  const receipts = new Map(same ? before.receipts.map((one) => [one.receipt, one]) : [])
  for (const one of body.receipts) {
    if (one.decision !== null || !receipts.get(one.receipt)?.decision) receipts.set(one.receipt, one)
  }
  return {
    session: body.session,
    phase: body.phase,
    pacing: body.pacing,
    appealsUntilUs: body.appeals_until_us,
    rulings: [...rulings.values()].sort((one, other) => Number(waits(other)) - Number(waits(one)) || other.ruling - one.ruling),
    appeals: [...appeals.values()].sort(
      (one, other) => Number(other.state === 'filed') - Number(one.state === 'filed') || one.appeal - other.appeal,
    ),
    receipts: [...receipts.values()].sort(
      (one, other) => Number(other.state === 'open') - Number(one.state === 'open') || one.receipt - other.receipt,
    ),
  }
}

/** Whether a ruling waits for a second judge. */
export function waits(ruling: RulingBody): boolean {
  return ruling.state === 'proposed' || ruling.state === 'withdrawal_proposed'
}

export function inForce(ruling: RulingBody): boolean {
  return ruling.state === 'in_force' || ruling.state === 'withdrawal_proposed'
}

/** Why somebody may not approve what waits: they come from a delegation concerned, or proposed it. */
export function hindrance(ruling: RulingBody, login: string, delegation: string): '' | 'conflict' | 'self' {
  if (delegation && ruling.concerned.includes(delegation)) return 'conflict'
  return ruling.acts[ruling.acts.length - 1]?.actor === login ? 'self' : ''
}

/** The short names of effects in links. */
const ALIASES: Record<string, EffectKind> = {
  accept: 'accept_alternative',
  key: 'change_key',
  void: 'void_item',
  credit: 'credit_item',
  adjust: 'adjust_judgement',
  strike: 'strike_off',
  order: 'order_equals',
}

/** The kind of effect that a link asks for; null when it asks for none. */
export function kindOf(name: string | null): EffectKind | null {
  if (!name) return null
  return ALIASES[name] ?? KINDS.find((kind) => kind === name) ?? null
}
