/** What can happen to a contestant's page, and what may follow from it. */
import type { Me, SessionInfo } from '../shared/api'
import type { Link } from '../shared/connection'
import type { JournalContent, JournalEntry, JournalKind, JournalMeta } from '../shared/journal'
import type { ClientMessage, SealedPaper, ServerMessage } from '../wire/messages'
import type { State } from './state'

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

/** The next state, and what is to be done about it. */
export type Step = [State, Effect[]]
