/** What happens, as a pure function: an event and a state make the next state and what is to be done about it. */
import type { Me, SessionInfo } from '../shared/api'
import type { Link } from '../shared/connection'
import type { JournalContent, JournalEntry, JournalKind, JournalMeta } from '../shared/journal'
import type {
  ClientMessage,
  FeedEntry,
  Receipted,
  SealedPaper,
  ServerAck,
  ServerBegun,
  ServerMessage,
  ServerSnapshot,
  ServerWelcome,
} from '../wire/messages'
import { optionOrder, unseal } from '../wire/seal'
import {
  CHOICES,
  initialState,
  isAnswered,
  isWritten,
  MAX_WRITTEN,
  MAX_WRITTEN_ALL,
  picksOne,
  sameResponse,
  standingEntry,
  waitingEntries,
  type Item,
  type Phase,
  type State,
} from './state'

export type Event =
  | { kind: 'signed_in'; me: Me }
  | { kind: 'signed_out' }
  | { kind: 'session'; session: SessionInfo }
  | { kind: 'journal'; storage: JournalKind; content: JournalContent }
  | { kind: 'journal_failed' }
  | { kind: 'link'; link: Link }
  | { kind: 'greeting'; seqs: number[] }
  | { kind: 'message'; message: ServerMessage }
  | { kind: 'paper_fetching' }
  | { kind: 'paper_failed' }
  | { kind: 'paper'; paper: SealedPaper }
  | { kind: 'check_in'; roundTripUs: number; clockOffsetUs: number; browser: string }
  | { kind: 'pick'; item: number; option: string }
  | { kind: 'type'; item: number; blank: number; text: string }
  | { kind: 'clear'; item: number }
  | { kind: 'submit'; item: number }
  | { kind: 'save_due'; item: number }
  | { kind: 'save_all' }
  | { kind: 'resend'; item: number; seq: number }
  | { kind: 'go'; item: number }
  | { kind: 'mark'; item: number }
  | { kind: 'hand_in' }
  | { kind: 'take_back' }
  | { kind: 'conduct'; left: boolean }
  | { kind: 'dismiss_notice' }
  | { kind: 'ask'; text: string }
  | { kind: 'begin' }

export type Effect =
  | { kind: 'send'; message: ClientMessage }
  | { kind: 'keep'; entry: JournalEntry }
  | { kind: 'keep_meta'; meta: JournalMeta }
  | { kind: 'fetch_paper'; urgent: boolean }
  | { kind: 'resync' }
  | { kind: 'save_later'; item: number; afterMs: number }
  | { kind: 'resend_later'; item: number; seq: number; afterMs: number }
  | { kind: 'announce'; what: 'accepted' | 'late' | 'early' | 'rejected' | 'kept' | 'opened' | 'closed'; item: number }

export type Step = [State, Effect[]]

const PICK_SETTLES_MS = 350
const TYPING_SETTLES_MS = 700
/** The server takes 64 versions of an answer: the more of a long text are saved, the rarer. */
const WRITING_SETTLES_MS = 3_000
const WRITING_SETTLES_MORE_MS = 500
const RESEND_AFTER_MS = 1_500
/** Keeps a frame of receipts well under the wire's 16 KiB. */
const RECEIPTS_PER_FRAME = 25
const RECEIPT_CHARS_PER_FRAME = 4_000
const MAX_TEXT = 200

export function reduce(state: State, event: Event): Step {
  switch (event.kind) {
    case 'signed_in':
      return [initialState(state.session, event.me), []]
    case 'signed_out':
      return [initialState(state.session), []]
    case 'session':
      return [{ ...state, session: event.session, ...(state.known ? {} : headOf(event.session)) }, []]
    case 'journal':
      return [fromJournal(state, event.storage, event.content), []]
    case 'journal_failed':
      return [{ ...state, storage: 'memory' }, []]
    case 'link':
      return linkChanged(state, event.link)
    case 'greeting':
      return [{ ...state, greeted: event.seqs }, []]
    case 'message':
      return heard(state, event.message)
    case 'paper_fetching':
      return [state.paper === 'here' ? state : { ...state, paper: 'fetching' }, []]
    case 'paper_failed':
      return [state.paper === 'here' ? state : { ...state, paper: 'failed' }, []]
    case 'paper':
      return [paperCame(state, event.paper), []]
    case 'check_in':
      return [
        { ...state, checkIn: 'sent' },
        [
          {
            kind: 'send',
            message: {
              type: 'check_in',
              round_trip_us: Math.max(0, Math.round(event.roundTripUs)),
              clock_offset_us: Math.round(event.clockOffsetUs),
              browser: event.browser.slice(0, 300),
            },
          },
        ],
      ]
    case 'pick':
      return pick(state, event.item, event.option)
    case 'type':
      return type(state, event.item, event.blank, event.text)
    case 'clear':
      return drafted(state, event.item, [], PICK_SETTLES_MS)
    case 'submit':
      return submit(state, event.item)
    case 'save_due':
      return autosaves(state) ? save(state, event.item) : [state, []]
    case 'save_all':
      return saveAll(state)
    case 'resend':
      return resend(state, event.item, event.seq)
    case 'go':
      return goTo(state, event.item)
    case 'mark':
      return keepingMeta({
        ...state,
        marks: state.marks.includes(event.item)
          ? state.marks.filter((item) => item !== event.item)
          : [...state.marks, event.item],
      })
    case 'hand_in': {
      const [saved, effects] = saveAll(state)
      const [next, more] = keepingMeta({ ...saved, handedIn: true })
      return [next, [...effects, ...more]]
    }
    case 'take_back':
      return keepingMeta({ ...state, handedIn: false })
    case 'conduct':
      if (state.phase !== 'running' || state.checkIn === 'no') return [state, []]
      return [state, [{ kind: 'send', message: { type: 'conduct', kind: event.left ? 'left' : 'returned' } }]]
    case 'ask':
      return [state, [{ kind: 'send', message: { type: 'question', text: event.text, item: state.openItem } }]]
    case 'begin':
      return [{ ...state, notice: null }, [{ kind: 'send', message: { type: 'begin' } }]]
    case 'dismiss_notice':
      return [{ ...state, notice: null }, []]
  }
}

function headOf(session: SessionInfo): Partial<State> {
  return { phase: session.phase as Phase, startUs: session.start_us }
}

/** Whether answers are saved by themselves (paper) or by the contestant's word (streamed). */
export function autosaves(state: State): boolean {
  return state.session.counted === 'last'
}

// ---- the journal

function fromJournal(state: State, storage: JournalKind, content: JournalContent): State {
  const known = new Set(state.entries.map((entry) => entry.seq))
  const entries = [...state.entries, ...content.entries.filter((entry) => !known.has(entry.seq))].sort(
    (first, second) => first.seq - second.seq,
  )
  const meta = content.meta
  return {
    ...state,
    storage,
    entries,
    nextSeq: Math.max(state.nextSeq, meta?.next_seq ?? 1, ...entries.map((entry) => entry.seq + 1)),
    checkIn: meta?.checked_in ? 'yes' : state.checkIn,
    handedIn: meta?.handed_in ?? state.handedIn,
    marks: meta?.marks ?? state.marks,
  }
}

function metaOf(state: State): JournalMeta {
  return {
    next_seq: state.nextSeq,
    checked_in: state.checkIn === 'yes',
    handed_in: state.handedIn,
    marks: [...state.marks],
  }
}

function keepingMeta(state: State): Step {
  return [state, [{ kind: 'keep_meta', meta: metaOf(state) }]]
}

// ---- the line

function linkChanged(state: State, link: Link): Step {
  const lost = state.link.status === 'live' && link.status !== 'live'
  const next: State = { ...state, link, checkIn: lost && state.checkIn === 'sent' ? 'no' : state.checkIn }
  const waits = lost && waitingEntries(state)[0]
  return [next, waits ? [{ kind: 'announce', what: 'kept', item: waits.item }] : []]
}

function heard(state: State, message: ServerMessage): Step {
  switch (message.type) {
    case 'welcome':
      return welcomed(state, message)
    case 'snapshot':
      return snapshot(state, message)
    case 'phase':
    case 'timeline':
    case 'announcement':
    case 'closed':
      return fed(state, message)
    case 'open':
      return opened(state, message.item, message.key)
    case 'ack':
      return acknowledged(state, message)
    case 'checked_in':
      return keepingMeta({ ...state, checkIn: 'yes' })
    case 'begun':
      return [{ ...state, begun: message, windows: ownWindows(state.windows, message) }, []]
    case 'conduct_count':
      return [{ ...state, conduct: message }, []]
    case 'asked':
      return [{ ...state, notice: { code: 'asked', message: '' } }, []]
    case 'note':
      if (state.announcements.some((one) => one.id === message.id)) return [state, []]
      return [{ ...state, announcements: [...state.announcements, message] }, []]
    case 'own':
      return [!state.own || message.version >= state.own.version ? { ...state, own: message } : state, []]
    case 'progress':
      return [{ ...state, progress: message }, []]
    case 'error':
      return refused(state, message.code, message.message, message.retry, message.item, message.seq)
    default:
      return [state, []]
  }
}

function welcomed(state: State, message: ServerWelcome): Step {
  const seedIsNew = message.order_seed.length > 0 && state.orderSeed.length === 0
  let next: State = { ...state, epoch: message.epoch, orderSeed: message.order_seed }
  if (seedIsNew) next = unsealAll(next)
  const effects: Effect[] = []
  const forgotten = waitingEntries(next).filter((entry) => !state.greeted.includes(entry.seq))
  for (const entry of forgotten) effects.push(sending(entry))
  if (message.present_receipts) effects.push(...presenting(next))
  if (next.paper === 'absent' || next.paper === 'failed') effects.push({ kind: 'fetch_paper', urgent: false })
  return [next, effects]
}

function presenting(state: State): Effect[] {
  const receipts = state.entries.flatMap((entry): Receipted[] =>
    entry.status === 'waiting' || entry.status === 'replaced' || entry.receipt.length === 0
      ? []
      : [
          {
            item: entry.item,
            seq: entry.seq,
            response: [...entry.response],
            status: entry.status,
            stamp_us: entry.stamp_us,
            elapsed_us: entry.elapsed_us,
            offset: entry.offset,
            receipt: entry.receipt,
          },
        ],
  )
  const effects: Effect[] = []
  let frame: Receipted[] = []
  let room = 0
  for (const receipt of receipts) {
    const chars = receipt.response.join('').length
    if (frame.length === 0 || frame.length >= RECEIPTS_PER_FRAME || chars > room) {
      frame = []
      room = RECEIPT_CHARS_PER_FRAME
      effects.push({ kind: 'send', message: { type: 'receipts', receipts: frame } })
    }
    frame.push(receipt)
    room -= chars
  }
  return effects
}

function snapshot(state: State, message: ServerSnapshot): Step {
  let next: State = {
    ...state,
    offset: message.offset,
    known: true,
    phase: message.phase as Phase,
    startUs: message.start_us,
    timelineVersion: message.timeline_version,
    windows: ownWindows(byItem(message.windows), state.begun),
    announcements: message.announcements,
    openItem: 0,
    notice: null,
  }
  const effects: Effect[] = []
  message.answers.forEach((ack, index) => {
    const [applied, caused] = entryAcknowledged(next, ack, message.responses[index]?.response)
    next = applied
    effects.push(...caused)
  })
  return [next, effects]
}

function without<T>(record: Readonly<Record<number, T>>, item: number): Record<number, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => Number(key) !== item))
}

function byItem<T extends { item: number }>(list: readonly T[]): Record<number, T> {
  return Object.fromEntries(list.map((one) => [one.item, one]))
}

/** Where a sitting has a clock of its own, its time stands for the windows of all. */
function ownWindows(windows: State['windows'], begun: ServerBegun | null): State['windows'] {
  if (!begun) return windows
  const { begun_us: opens_at_us, closes_at_us } = begun
  return byItem(Object.values(windows).map((window) => ({ ...window, opens_at_us, closes_at_us })))
}

/** Feed entries come once each and in order; an older one is known, a gap asks for everything anew. */
function fed(state: State, message: FeedEntry): Step {
  if (message.offset <= state.offset) return [state, []]
  if (message.offset > state.offset + 1) return [{ ...state, epoch: '', offset: 0 }, [{ kind: 'resync' }]]
  const next: State = { ...state, offset: message.offset, known: true }
  switch (message.type) {
    case 'phase':
      return phaseMoved(next, message.phase as Phase, message.start_us)
    case 'timeline':
      if (message.version < next.timelineVersion) return [next, []]
      return [{ ...next, timelineVersion: message.version, windows: ownWindows(byItem(message.windows), next.begun) }, []]
    case 'announcement':
      return [{ ...next, announcements: [...next.announcements, message] }, []]
    case 'closed':
      return closed(next, message.item, message.key)
  }
}

function phaseMoved(state: State, phase: Phase, startUs: number): Step {
  const ending = phase === 'closed' && state.phase !== 'closed'
  if (!ending) return [{ ...state, phase, startUs }, []]
  const [saved, effects] = autosaves(state) ? saveAll(state) : ([state, []] as Step)
  return [{ ...saved, phase, startUs }, effects]
}

function closed(state: State, item: number, key: readonly string[]): Step {
  const known = state.items[item]
  return [
    {
      ...state,
      drafts: without(state.drafts, item),
      closedItems: { ...state.closedItems, [item]: key },
      items: known ? { ...state.items, [item]: { ...known, closed: true, rightAnswer: key } } : state.items,
    },
    state.session.pacing === 'streamed' ? [{ kind: 'announce', what: 'closed', item }] : [],
  ]
}

// ---- items

function opened(state: State, item: number, key: Uint8Array): Step {
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

function paperCame(state: State, paper: SealedPaper): State {
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
    }
  }
  return unsealAll({ ...state, paper: 'here', items })
}

function unsealAll(state: State): State {
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

// ---- answering

/** Whether the contestant may still change an item here; the server alone judges. */
export function isEditable(state: State, item: number): boolean {
  const known = state.items[item]
  if (!known?.content || known.closed || state.phase !== 'running') return false
  if (['taken', 'ended', 'signed_out'].includes(state.link.status)) return false
  if (state.session.counted === 'first') {
    const standing = standingEntry(state, item)
    return !standing || standing.status === 'early' || (standing.status === 'rejected' && mayRetry(standing.code))
  }
  return true
}

function mayRetry(code: string): boolean {
  return code !== 'already-answered' && code !== 'struck' && code !== 'late-entry'
}

function pick(state: State, item: number, option: string): Step {
  const content = state.items[item]?.content
  if (!content || !isEditable(state, item)) return [state, []]
  const before = state.drafts[item] ?? standingEntry(state, item)?.response ?? []
  let after: string[]
  if (picksOne(content)) after = [option]
  else if (before.includes(option)) after = before.filter((id) => id !== option)
  else after = [...before, option].sort()
  return drafted(state, item, after, PICK_SETTLES_MS)
}

function type(state: State, item: number, blank: number, text: string): Step {
  const content = state.items[item]?.content
  if (!content || !isEditable(state, item)) return [state, []]
  const before = state.drafts[item] ?? standingEntry(state, item)?.response ?? []
  const after = Array.from({ length: content.blanks }, (_, index) => before[index] ?? '')
  if (!isWritten(content)) {
    after[blank] = text.slice(0, MAX_TEXT)
    return drafted(state, item, after, TYPING_SETTLES_MS)
  }
  const others = after.reduce((sum, other, index) => (index === blank ? sum : sum + other.length), 0)
  after[blank] = text.slice(0, Math.min(MAX_WRITTEN, MAX_WRITTEN_ALL - others))
  const saved = state.entries.filter((entry) => entry.item === item).length
  return drafted(state, item, after, WRITING_SETTLES_MS + saved * WRITING_SETTLES_MORE_MS)
}

function drafted(state: State, item: number, response: readonly string[], afterMs: number): Step {
  if (!isEditable(state, item)) return [state, []]
  const next = { ...state, drafts: { ...state.drafts, [item]: response } }
  return [next, autosaves(state) ? [{ kind: 'save_later', item, afterMs }] : []]
}

function submit(state: State, item: number): Step {
  if (!isEditable(state, item) || !isAnswered(state, item)) return [state, []]
  return save(state, item)
}

/** Make an answer of the draft: keep it, send it when there is a line. */
function save(state: State, item: number): Step {
  const draft = state.drafts[item]
  if (draft === undefined) return [state, []]
  const drafts = without(state.drafts, item)
  const trimmed = draft.map((value) => value.trim())
  const response = trimmed.every((value) => value === '') ? [] : trimmed
  const standing = standingEntry(state, item)
  const stands = standing?.status === 'accepted' || standing?.status === 'waiting'
  if (sameResponse(response, stands ? standing.response : [])) return [{ ...state, drafts }, []]
  const entry: JournalEntry = {
    item,
    seq: state.nextSeq,
    response,
    status: 'waiting',
    stamp_us: 0,
    elapsed_us: 0,
    offset: 0,
    receipt: new Uint8Array(0),
    code: '',
  }
  const effects: Effect[] = []
  const entries = state.entries.map((older) => {
    if (older.item !== item || older.status !== 'waiting' || state.link.status === 'live') return older
    const replaced: JournalEntry = { ...older, status: 'replaced' }
    effects.push({ kind: 'keep', entry: replaced })
    return replaced
  })
  const next: State = { ...state, drafts, entries: [...entries, entry], nextSeq: state.nextSeq + 1 }
  effects.push({ kind: 'keep', entry }, { kind: 'keep_meta', meta: metaOf(next) })
  if (state.link.status === 'live') effects.unshift(sending(entry))
  else effects.push({ kind: 'announce', what: 'kept', item })
  return [next, effects]
}

function saveAll(state: State): Step {
  let next = state
  const effects: Effect[] = []
  for (const item of Object.keys(state.drafts).map(Number)) {
    if (!isEditable(next, item)) continue
    const [saved, caused] = save(next, item)
    next = saved
    effects.push(...caused)
  }
  return [next, effects]
}

function sending(entry: JournalEntry): Effect {
  return { kind: 'send', message: { type: 'answer', item: entry.item, seq: entry.seq, response: [...entry.response] } }
}

function resend(state: State, item: number, seq: number): Step {
  const entry = state.entries.find((one) => one.item === item && one.seq === seq)
  if (!entry || entry.status !== 'waiting' || state.link.status !== 'live') return [state, []]
  return [state, [sending(entry)]]
}

function acknowledged(state: State, ack: ServerAck): Step {
  const [next, effects] = entryAcknowledged(state, ack, undefined)
  return [next, [...effects, { kind: 'announce', what: ack.status, item: ack.item }]]
}

function entryAcknowledged(state: State, ack: ServerAck, response: readonly string[] | undefined): Step {
  const known = state.entries.find((entry) => entry.item === ack.item && entry.seq === ack.seq)
  if (!known && response === undefined) return [state, []]
  if (known?.status === ack.status && known.stamp_us === ack.stamp_us && known.receipt.length > 0) return [state, []]
  const entry: JournalEntry = {
    item: ack.item,
    seq: ack.seq,
    response: [...(response ?? known?.response ?? [])],
    status: ack.status,
    stamp_us: ack.stamp_us,
    elapsed_us: ack.elapsed_us,
    offset: ack.offset,
    receipt: ack.receipt,
    code: ack.code,
  }
  const others = state.entries.filter((other) => other !== known)
  return [
    {
      ...state,
      entries: [...others, entry].sort((first, second) => first.seq - second.seq),
      nextSeq: Math.max(state.nextSeq, ack.seq + 1),
    },
    [{ kind: 'keep', entry }],
  ]
}

function refused(state: State, code: string, message: string, retry: boolean, item: number, seq: number): Step {
  const entry = seq > 0 ? state.entries.find((one) => one.item === item && one.seq === seq) : undefined
  if (!entry || entry.status !== 'waiting') {
    return [{ ...state, notice: { code, message }, checkIn: state.checkIn === 'sent' ? 'no' : state.checkIn }, []]
  }
  if (retry) return [state, [{ kind: 'resend_later', item, seq, afterMs: RESEND_AFTER_MS }]]
  const rejected: JournalEntry = { ...entry, status: 'rejected', code }
  return [
    { ...state, entries: state.entries.map((one) => (one === entry ? rejected : one)) },
    [
      { kind: 'keep', entry: rejected },
      { kind: 'announce', what: 'rejected', item },
    ],
  ]
}

// ---- the paper

function goTo(state: State, item: number): Step {
  if (!state.items[item]) return [state, []]
  const [saved, effects] = autosaves(state) ? save(state, state.place) : ([state, []] as Step)
  return [{ ...saved, place: item }, effects]
}
