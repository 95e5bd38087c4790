/** An item from the first pick to its acknowledgement: a draft, an answer that is kept and sent, what became of it. */
import type { JournalEntry } from '../shared/journal'
import type { ServerAck } from '../wire/messages'
import { metaOf } from './keeping'
import { without } from './records'
import {
  isAnswered,
  isWritten,
  MAX_WRITTEN,
  MAX_WRITTEN_ALL,
  picksOne,
  sameResponse,
  standingEntry,
  type State,
} from './state'
import type { Effect, Step } from './step'

const PICK_SETTLES_MS = 350
const TYPING_SETTLES_MS = 700
/** The server takes 64 versions of an answer: the more of a long text are saved, the rarer. */
const WRITING_SETTLES_MS = 3_000
const WRITING_SETTLES_MORE_MS = 500
const RESEND_AFTER_MS = 1_500
const MAX_TEXT = 200

/** Whether answers are saved by themselves (paper) or by the contestant's word (streamed). */
export function autosaves(state: State): boolean {
  return state.session.counted === 'last'
}

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

export function pick(state: State, item: number, option: string): Step {
  const content = state.items[item]?.content
  if (!content || !isEditable(state, item)) return [state, []]
  const before = state.drafts[item] ?? standingEntry(state, item)?.response ?? []
  let after: string[]
  if (picksOne(content)) after = [option]
  else if (before.includes(option)) after = before.filter((id) => id !== option)
  else after = [...before, option].sort()
  return drafted(state, item, after, PICK_SETTLES_MS)
}

export function type(state: State, item: number, blank: number, text: string): Step {
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

/** Nothing is picked, and that is saved like any pick. */
export function clear(state: State, item: number): Step {
  return drafted(state, item, [], PICK_SETTLES_MS)
}

function drafted(state: State, item: number, response: readonly string[], afterMs: number): Step {
  if (!isEditable(state, item)) return [state, []]
  const next = { ...state, drafts: { ...state.drafts, [item]: response } }
  return [next, autosaves(state) ? [{ kind: 'save_later', item, afterMs }] : []]
}

export function submit(state: State, item: number): Step {
  if (!isEditable(state, item) || !isAnswered(state, item)) return [state, []]
  return save(state, item)
}

/** Make an answer of the draft: keep it, send it when there is a line. */
export function save(state: State, item: number): Step {
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

export function saveAll(state: State): Step {
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

export function sending(entry: JournalEntry): Effect {
  return { kind: 'send', message: { type: 'answer', item: entry.item, seq: entry.seq, response: [...entry.response] } }
}

export function resend(state: State, item: number, seq: number): Step {
  const entry = state.entries.find((one) => one.item === item && one.seq === seq)
  if (!entry || entry.status !== 'waiting' || state.link.status !== 'live') return [state, []]
  return [state, [sending(entry)]]
}

export function acknowledged(state: State, ack: ServerAck): Step {
  const [next, effects] = entryAcknowledged(state, ack, undefined)
  // The store lost this sitting's beginning: the page asks for it again.
  const begun = ack.code === 'not-begun' ? null : next.begun
  return [{ ...next, begun }, [...effects, { kind: 'announce', what: ack.status, item: ack.item }]]
}

export function entryAcknowledged(state: State, ack: ServerAck, response: readonly string[] | undefined): Step {
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

export function refused(state: State, code: string, message: string, retry: boolean, item: number, seq: number): Step {
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

export function goTo(state: State, item: number): Step {
  if (!state.items[item]) return [state, []]
  const [saved, effects] = autosaves(state) ? save(state, state.place) : ([state, []] as Step)
  return [{ ...saved, place: item }, effects]
}
