/** Everything a contestant's page knows, as one frozen value. `reducer.ts` makes the next one. */
import type { Me, SessionInfo } from '../shared/api'
import type { Link } from '../shared/connection'
import type { JournalEntry, JournalKind } from '../shared/journal'
import type {
  ItemContent,
  ItemOption,
  ItemWindow,
  SealedItem,
  ServerAnnouncement,
  ServerBegun,
  ServerConduct,
  ServerNote,
  ServerOwn,
  ServerProgress,
} from '../wire/messages'

export type Phase =
  | 'draft'
  | 'scheduled'
  | 'lobby'
  | 'running'
  | 'paused'
  | 'closed'
  | 'under_review'
  | 'finalized'

export interface Item {
  readonly item: number
  readonly seconds: number
  readonly sealed: SealedItem
  readonly key: Uint8Array | null
  /** What the item says, options in this sitting's order; null while sealed. */
  readonly content: ItemContent | null
  readonly fault: 'unreadable' | 'commitment' | null
  readonly closed: boolean
  /** The right answer, where the contest shows it after closing. */
  readonly rightAnswer: readonly string[]
  /** What was picked and not confirmed when it closed; empty where there is an answer, or nothing was picked. */
  readonly unconfirmed: readonly string[]
}

export interface State {
  readonly session: SessionInfo
  readonly me: Me
  readonly link: Link
  readonly storage: JournalKind | 'unknown'
  readonly epoch: string
  readonly offset: number
  /** Whether the server has told the state of the session over the line yet. */
  readonly known: boolean
  readonly phase: Phase
  readonly startUs: number
  readonly timelineVersion: number
  readonly windows: Readonly<Record<number, ItemWindow>>
  /** This sitting's own time, where each has a clock of its own; null before it began. */
  readonly begun: ServerBegun | null
  readonly announcements: readonly (ServerAnnouncement | ServerNote)[]
  readonly orderSeed: Uint8Array
  readonly paper: 'absent' | 'fetching' | 'failed' | 'here'
  readonly items: Readonly<Record<number, Item>>
  /** Keys that came before the sealed items did. */
  readonly keys: Readonly<Record<number, Uint8Array>>
  /** Items that closed, kept also while the sealed items are absent. */
  readonly closedItems: Readonly<Record<number, readonly string[]>>
  /** Streamed: the item that opened last; 0 before the first. */
  readonly openItem: number
  /** What is picked or typed and not yet an answer, in canonical ids. */
  readonly drafts: Readonly<Record<number, readonly string[]>>
  /** All answers of the sitting, ascending by seq. */
  readonly entries: readonly JournalEntry[]
  readonly nextSeq: number
  /** Seqs that went out in the hello of this connection. */
  readonly greeted: readonly number[]
  readonly checkIn: 'no' | 'sent' | 'yes'
  readonly handedIn: boolean
  readonly marks: readonly number[]
  /** Paper: the item that is shown. */
  readonly place: number
  readonly own: ServerOwn | null
  readonly conduct: ServerConduct | null
  readonly progress: ServerProgress | null
  /** The last refusal that concerns no answer. */
  readonly notice: { code: string; message: string } | null
}

const NOBODY: Me = { session: 0, sitting: 0, admission_no: '', name: '', delegation: '', delegation_name: '' }

export function initialState(session: SessionInfo, me: Me = NOBODY): State {
  return {
    session,
    me,
    link: { status: 'idle', tries: 0, retryAtMs: 0 },
    storage: 'unknown',
    epoch: '',
    offset: 0,
    known: false,
    phase: session.phase as Phase,
    startUs: session.start_us,
    timelineVersion: 0,
    windows: {},
    begun: null,
    announcements: [],
    orderSeed: new Uint8Array(0),
    paper: 'absent',
    items: {},
    keys: {},
    closedItems: {},
    openItem: 0,
    drafts: {},
    entries: [],
    nextSeq: 1,
    greeted: [],
    checkIn: 'no',
    handedIn: false,
    marks: [],
    place: 1,
    own: null,
    conduct: null,
    progress: null,
    notice: null,
  }
}

export const CHOICES = ['single', 'multiple', 'indeterminate']

/** Items that are answered in writing and marked by judges. */
export const WRITTEN = ['short_answer', 'case']
/** What a written text and a whole written response take at most (docs/wire.md). */
export const MAX_WRITTEN = 1200
export const MAX_WRITTEN_ALL = 3600

export function isWritten(content: ItemContent | null): boolean {
  return content !== null && WRITTEN.includes(content.type)
}

/** Whether one pick replaces another. */
export function picksOne(content: ItemContent): boolean {
  return content.type === 'single' || content.type === 'true_false'
}

/** The options as shown; true-false has its two by nature. */
export function shownOptions(content: ItemContent): ItemOption[] {
  if (content.type === 'true_false') {
    return [
      { id: 'T', text: '' },
      { id: 'F', text: '' },
    ]
  }
  return content.options
}

export function itemNumbers(state: State): number[] {
  return Object.keys(state.items)
    .map(Number)
    .sort((first, second) => first - second)
}

export function entriesOf(state: State, item: number): JournalEntry[] {
  return state.entries.filter((entry) => entry.item === item)
}

/** The answer of an item that stands: the first in a streamed session, the last otherwise. */
export function standingEntry(state: State, item: number): JournalEntry | null {
  const entries = entriesOf(state, item).filter((entry) => entry.status !== 'replaced')
  if (entries.length === 0) return null
  const recorded = entries.filter((entry) => entry.status === 'accepted' || entry.status === 'waiting')
  const candidates = recorded.length > 0 ? recorded : entries
  const index = state.session.counted === 'first' ? 0 : candidates.length - 1
  return candidates[index] ?? null
}

/** What is shown as picked: the draft, else the standing answer. */
export function shownResponse(state: State, item: number): readonly string[] {
  return state.drafts[item] ?? standingEntry(state, item)?.response ?? []
}

export function isAnswered(state: State, item: number): boolean {
  return shownResponse(state, item).some((value) => value !== '')
}

export function waitingEntries(state: State): JournalEntry[] {
  return state.entries.filter((entry) => entry.status === 'waiting')
}

export type AnswerState =
  | 'none'
  | 'unsaved'
  | 'unconfirmed'
  | 'sending'
  | 'kept'
  | 'accepted'
  | 'late'
  | 'early'
  | 'rejected'

/** The state of an item's answer in one word, for the eye and the screen reader. */
export function answerState(state: State, item: number): { state: AnswerState; entry: JournalEntry | null } {
  const entry = standingEntry(state, item)
  const draft = state.drafts[item]
  if (draft !== undefined && !sameResponse(draft, entry?.response ?? [])) return { state: 'unsaved', entry }
  if (!entry) return { state: state.items[item]?.unconfirmed.length ? 'unconfirmed' : 'none', entry }
  if (entry.status === 'waiting') return { state: state.link.status === 'live' ? 'sending' : 'kept', entry }
  if (entry.status === 'replaced') return { state: 'none', entry: null }
  return { state: entry.status, entry }
}

export function sameResponse(first: readonly string[], second: readonly string[]): boolean {
  const filled = (response: readonly string[]) => (response.every((value) => value === '') ? [] : response)
  const one = filled(first)
  const other = filled(second)
  return one.length === other.length && one.every((value, index) => value === other[index])
}

export type Screen =
  'check_in' | 'lobby' | 'begin' | 'item' | 'paper' | 'between' | 'paused' | 'handed_in' | 'time_up' | 'finished'

/** Whether each sitting has a clock of its own. */
export function hasOwnClock(state: State): boolean {
  return (state.session.own_us ?? 0) > 0
}

/** Which page the contestant is on at an instant of the contest's clock. */
export function screenOf(state: State, nowUs: number): Screen {
  if (['closed', 'under_review', 'finalized'].includes(state.phase)) return 'finished'
  if (state.checkIn === 'no') return 'check_in'
  if (state.phase === 'paused') return 'paused'
  if (state.phase !== 'running') return 'lobby'
  if (state.session.pacing === 'paper') {
    if (hasOwnClock(state) && !state.begun) return 'begin'
    if (state.begun && nowUs >= state.begun.closes_at_us) return 'time_up'
    if (state.handedIn) return 'handed_in'
    return Object.values(state.items).some((item) => item.content) ? 'paper' : 'lobby'
  }
  if (state.openItem === 0) {
    const begun = Object.values(state.windows).some((window) => window.closes_at_us <= nowUs)
    return begun || Object.keys(state.closedItems).length > 0 ? 'between' : 'lobby'
  }
  return state.openItem in state.closedItems ? 'between' : 'item'
}

/** The window of the item that opens next after `nowUs`; null when none is left. */
export function nextWindow(state: State, nowUs: number): ItemWindow | null {
  const later = Object.values(state.windows).filter((window) => window.opens_at_us > nowUs)
  return later.reduce<ItemWindow | null>(
    (next, window) => (!next || window.opens_at_us < next.opens_at_us ? window : next),
    null,
  )
}
