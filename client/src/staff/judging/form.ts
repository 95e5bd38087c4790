/** A proposal as it is typed, and the effect it makes. Pure: tried without a browser. */
import { kindOf, type CourtItem, type EffectBody, type EffectKind, type ScopeKind } from './judging'

export interface Draft {
  kind: EffectKind
  item: number
  /** Option ids picked. */
  picked: string[]
  /** One text for each blank; of change_key alternatives are split by `;`. */
  texts: string[]
  sitting: number
  points: number
  scope: ScopeKind
  delegation: string
  room: string
  seconds: number
  ordered: 'persons' | 'delegations'
  persons: number[]
  delegations: string[]
}

export function emptyDraft(): Draft {
  return {
    kind: 'accept_alternative',
    item: 0,
    picked: [],
    texts: [],
    sitting: 0,
    points: 0,
    scope: 'all',
    delegation: '',
    room: '',
    seconds: 30,
    ordered: 'persons',
    persons: [],
    delegations: [],
  }
}

const SCOPES: readonly string[] = ['sitting', 'room', 'delegation', 'all']

/** What a link asks for. */
export function draftOf(query: URLSearchParams): Draft {
  const number = (name: string) => Number.parseInt(query.get(name) ?? '', 10) || 0
  const response = query.getAll('response')
  const sitting = number('sitting')
  const delegation = query.get('delegation') ?? ''
  const room = query.get('room') ?? ''
  const scope = query.get('scope') ?? (sitting ? 'sitting' : room ? 'room' : delegation ? 'delegation' : 'all')
  return {
    ...emptyDraft(),
    kind: kindOf(query.get('effect')) ?? 'accept_alternative',
    item: number('item'),
    picked: [...response],
    texts: [...response],
    sitting,
    points: number('points') / 100,
    scope: (SCOPES.includes(scope) ? scope : 'all') as ScopeKind,
    delegation,
    room,
    seconds: number('seconds') || 30,
    ordered: query.has('team') ? 'delegations' : 'persons',
    persons: query.getAll('person').map(Number),
    delegations: query.getAll('team'),
  }
}

/** The ids and texts of an item's options; true and false have no texts of their own. */
export function optionsOf(item: CourtItem): { id: string; text: string }[] {
  return item.type === 'true_false' ? ['T', 'F'].map((id) => ({ id, text: '' })) : item.options
}

export const ABOUT_ITEM: readonly EffectKind[] = [
  'accept_alternative',
  'change_key',
  'void_item',
  'credit_item',
  'adjust_judgement',
]
export const ABOUT_PERSON: readonly EffectKind[] = ['adjust_judgement', 'warn', 'strike_off']

/** The effect of a draft; null while something is missing. */
export function effectOf(draft: Draft, item: CourtItem | null, streamed: boolean): EffectBody | null {
  if (ABOUT_ITEM.includes(draft.kind) && !item) return null
  if (ABOUT_PERSON.includes(draft.kind) && !draft.sitting) return null
  const item_no = item?.item ?? 0
  switch (draft.kind) {
    case 'accept_alternative': {
      const response = item!.type === 'fill_in' ? item!.key.blanks.map((_, place) => draft.texts[place] ?? '') : known(draft, item!)
      return response.some((text) => text.trim()) ? { kind: draft.kind, item_no, response } : null
    }
    case 'change_key': {
      const blanks = item!.type === 'fill_in' ? item!.key.blanks.map((_, place) => split(draft.texts[place] ?? '')) : []
      const options = item!.type === 'fill_in' ? [] : known(draft, item!)
      const whole = blanks.length ? blanks.every((texts) => texts.length) : options.length > 0
      return whole ? { kind: draft.kind, item_no, key: { options, blanks, also: [] } } : null
    }
    case 'void_item':
    case 'credit_item':
      return { kind: draft.kind, item_no }
    case 'adjust_judgement':
      return { kind: draft.kind, sitting_id: draft.sitting, item_no, centipoints: Math.round(draft.points * 100) }
    case 'compensate': {
      if (streamed && !item) return null
      const us = draft.seconds * 1_000_000
      const about = streamed ? item_no : null
      if (draft.scope === 'sitting') {
        return draft.sitting ? { kind: draft.kind, scope: { kind: 'sitting', sitting_id: draft.sitting }, us, item_no: about } : null
      }
      if (draft.scope === 'all') return { kind: draft.kind, scope: { kind: 'all' }, us, item_no: about }
      if (!draft.delegation) return null
      const room = draft.scope === 'room' ? draft.room : ''
      if (draft.scope === 'room' && !room) return null
      return { kind: draft.kind, scope: { kind: draft.scope, delegation: draft.delegation, room }, us, item_no: about }
    }
    case 'warn':
    case 'strike_off':
      return { kind: draft.kind, sitting_id: draft.sitting }
    case 'order_equals': {
      const persons = draft.ordered === 'persons' ? draft.persons : []
      const delegations = draft.ordered === 'delegations' ? draft.delegations : []
      return persons.length + delegations.length >= 2 ? { kind: draft.kind, persons, delegations } : null
    }
  }
}

function known(draft: Draft, item: CourtItem): string[] {
  return optionsOf(item)
    .map((option) => option.id)
    .filter((id) => draft.picked.includes(id))
}

function split(text: string): string[] {
  return text
    .split(/[;；]/)
    .map((one) => one.trim())
    .filter(Boolean)
}
