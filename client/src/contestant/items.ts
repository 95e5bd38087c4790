/** Items as they come sealed, open and close. */
import type { SealedPaper } from '../wire/messages'
import { optionOrder, unseal } from '../wire/seal'
import { without } from './records'
import { CHOICES, standingEntry, type Item, type State } from './state'
import type { Effect, Step } from './step'

export function opened(state: State, item: number, key: Uint8Array): Step {
  const known = state.keys[item] !== undefined
  const closedItems = without(state.closedItems, item)
  const next = unsealOne(
    { ...state, keys: { ...state.keys, [item]: key }, closedItems, openItem: Math.max(state.openItem, item) },
    item,
  )
  const effects: Effect[] = []
  if (next.paper !== 'here') effects.push({ kind: 'fetch_paper', urgent: true })
  if (!known && state.session.pacing === 'streamed') effects.push({ kind: 'announce', what: 'opened', item })
  return [next, effects]
}

export function paperCame(state: State, paper: SealedPaper): State {
  const items: Record<number, Item> = {}
  for (const sealed of paper.items) {
    items[sealed.item] = {
      item: sealed.item,
      seconds: sealed.seconds,
      sealed,
      key: null,
      content: null,
      fault: null,
      closed: sealed.item in state.closedItems,
      rightAnswer: state.closedItems[sealed.item] ?? [],
      unconfirmed: [],
    }
  }
  return unsealAll({ ...state, paper: 'here', items })
}

export function unsealAll(state: State): State {
  return Object.keys(state.keys).reduce((next, item) => unsealOne(next, Number(item)), state)
}

function unsealOne(state: State, number: number): State {
  const item = state.items[number]
  const key = state.keys[number]
  if (!item || !key || item.content || state.orderSeed.length === 0) return state
  const result = unseal(state.session.id, item.sealed, key)
  if (!result.ok) return { ...state, items: { ...state.items, [number]: { ...item, key, fault: result.fault } } }
  const { content } = result
  const options = CHOICES.includes(content.type)
    ? optionOrder(state.orderSeed, number, content.options)
    : content.options
  const open: Item = { ...item, key, content: { ...content, options }, fault: null }
  return { ...state, items: { ...state.items, [number]: open } }
}

export function closed(state: State, item: number, key: readonly string[]): Step {
  const known = state.items[item]
  return [
    {
      ...state,
      drafts: without(state.drafts, item),
      closedItems: { ...state.closedItems, [item]: key },
      items: known
        ? { ...state.items, [item]: { ...known, closed: true, rightAnswer: key, unconfirmed: leftBehind(state, item) } }
        : state.items,
    },
    state.session.pacing === 'streamed' ? [{ kind: 'announce', what: 'closed', item }] : [],
  ]
}

/** What was picked of an item that is answered once, and never confirmed: it is no answer. */
function leftBehind(state: State, item: number): readonly string[] {
  const draft = state.drafts[item]
  if (draft === undefined) return state.items[item]?.unconfirmed ?? []
  const once = state.session.counted === 'first'
  return once && !standingEntry(state, item) && draft.some((value) => value !== '') ? draft : []
}
