/** What the browser keeps of a sitting: taken up again after a reload, shown to the server after a loss. */
import type { JournalContent, JournalKind, JournalMeta } from '../shared/journal'
import type { Receipted } from '../wire/messages'
import type { State } from './state'
import type { Effect, Step } from './step'

/** Keeps a frame of receipts well under the wire's 16 KiB. */
const RECEIPTS_PER_FRAME = 25
const RECEIPT_CHARS_PER_FRAME = 4_000

export function fromJournal(state: State, storage: JournalKind, content: JournalContent): State {
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

export function metaOf(state: State): JournalMeta {
  return {
    next_seq: state.nextSeq,
    checked_in: state.checkIn === 'yes',
    handed_in: state.handedIn,
    marks: [...state.marks],
  }
}

export function keepingMeta(state: State): Step {
  return [state, [{ kind: 'keep_meta', meta: metaOf(state) }]]
}

/** Every receipt that is kept, for a server that asks for them. */
export function presenting(state: State): Effect[] {
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
