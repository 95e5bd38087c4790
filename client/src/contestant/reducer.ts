/** What happens, as a pure function: an event and a state make the next state and what is to be done about it. */
import type { SessionInfo } from '../shared/api'
import type { Link } from '../shared/connection'
import type { FeedEntry, ServerBegun, ServerMessage, ServerSnapshot, ServerWelcome } from '../wire/messages'
import {
  acknowledged,
  autosaves,
  clear,
  entryAcknowledged,
  goTo,
  pick,
  refused,
  resend,
  save,
  saveAll,
  sending,
  submit,
  type,
} from './answering'
import { closed, opened, paperCame, unsealAll } from './items'
import { fromJournal, keepingMeta, presenting } from './keeping'
import { byItem } from './records'
import { initialState, waitingEntries, type Phase, type State } from './state'
import type { Effect, Event, Step } from './step'

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
      return clear(state, event.item)
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
