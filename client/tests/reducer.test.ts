import { gcm } from '@noble/ciphers/aes.js'
import { encode as pack } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import { reduce } from '../src/contestant/reducer'
import { answerState, initialState, nextWindow, screenOf, standingEntry, type State } from '../src/contestant/state'
import type { Effect, Event } from '../src/contestant/step'
import type { SessionInfo } from '../src/shared/api'
import type { LinkStatus } from '../src/shared/connection'
import type { SealedPaper, ServerAck, ServerMessage } from '../src/wire/messages'
import { commitment, optionOrder } from '../src/wire/seal'

const US = 1_000_000
const START = 1_767_229_200 * US
const SEED = Uint8Array.from({ length: 16 }, (_, index) => index)

const SESSION: SessionInfo = {
  id: 7,
  title: '决赛',
  pacing: 'streamed',
  counted: 'first',
  phase: 'lobby',
  start_us: START,
  ends_at_us: START + 600 * US,
  items: 3,
  total_centipoints: 300,
  contestants: 1600,
  show_own: true,
  late_entry_us: 0,
  duration_us: 600 * US,
  gap_us: 0,
  rules: [],
}
const ME = { session: 7, sitting: 1042, admission_no: '1', name: '王淑敏', delegation: '220000', delegation_name: '吉林' }

const keyOf = (item: number) => new Uint8Array(32).fill(item)
const letters = (count: number) => [...'ABCDEFGH'].slice(0, count).map((id) => ({ id, text: `选项${id}` }))
const CONTENTS: Record<number, object> = {
  1: { type: 'single', stem: '一', options: letters(4), blanks: 0, centipoints: 100 },
  2: { type: 'multiple', stem: '二', options: letters(5), blanks: 0, centipoints: 100 },
  3: { type: 'fill_in', stem: '三', options: [], blanks: 2, centipoints: 100 },
}
const CASE = {
  type: 'case',
  stem: '材料',
  options: [],
  blanks: 4,
  centipoints: 1000,
  parts: ['一？', '二？', '三？', '四？'],
}

function sealedPaper(pacing: string, wrongCommitment = 0, contents: Record<number, object> = CONTENTS): SealedPaper {
  return {
    session: 7,
    pacing,
    items: [1, 2, 3].map((item) => {
      const plaintext = pack(contents[item])
      const nonce = new Uint8Array(12).fill(item)
      const ciphertext = gcm(keyOf(item), nonce, new TextEncoder().encode(`leitai:7:${item}`)).encrypt(plaintext)
      return {
        item,
        seconds: 20,
        sealed: new Uint8Array([...nonce, ...ciphertext]),
        commitment: item === wrongCommitment ? new Uint8Array(32) : commitment(keyOf(item), plaintext),
      }
    }),
  }
}

/** A page in a test: keeps the state, and the effects since they were last taken. */
class Page {
  state: State
  effects: Effect[] = []

  constructor(session: Partial<SessionInfo> = {}) {
    this.state = initialState({ ...SESSION, ...session }, ME)
  }
  on(...events: Event[]): this {
    for (const event of events) {
      const [state, effects] = reduce(this.state, event)
      this.state = state
      this.effects.push(...effects)
    }
    return this
  }
  hears(...messages: ServerMessage[]): this {
    return this.on(...messages.map((message): Event => ({ kind: 'message', message })))
  }
  link(status: LinkStatus): this {
    return this.on({ kind: 'link', link: { status, tries: 0, retryAtMs: 0 } })
  }
  take(): Effect[] {
    return this.effects.splice(0)
  }
  sent() {
    return this.take().flatMap((effect) => (effect.kind === 'send' ? [effect.message] : []))
  }
}

const welcome = (members: object = {}): ServerMessage => ({
  type: 'welcome',
  session: 7,
  sitting: 1042,
  epoch: 'e1',
  offset: 0,
  recovered: false,
  server_us: START,
  order_seed: SEED,
  resume_min_ms: 500,
  present_receipts: false,
  ...members,
})
const WINDOWS = [1, 2, 3].map((item) => ({
  item,
  opens_at_us: START + (item - 1) * 30 * US,
  closes_at_us: START + (item - 1) * 30 * US + 20 * US,
}))
const snapshot = (members: object = {}): ServerMessage => ({
  type: 'snapshot',
  offset: 4,
  phase: 'running',
  start_us: START,
  timeline_version: 1,
  windows: WINDOWS,
  announcements: [],
  answers: [],
  responses: [],
  ...members,
})
const ack = (item: number, seq: number, members: Partial<ServerAck> = {}): ServerAck => ({
  type: 'ack',
  item,
  seq,
  status: 'accepted',
  stamp_us: START + 5 * US,
  elapsed_us: 5 * US,
  offset: 90,
  receipt: new Uint8Array(16).fill(seq),
  duplicate: false,
  code: '',
  ...members,
})
const open = (item: number): ServerMessage => ({ type: 'open', item, key: keyOf(item) })
const closed = (offset: number, item: number, key: string[] = []): ServerMessage => ({ type: 'closed', offset, item, key })

/** Checked in, connected, running, with the sealed paper here. */
function running(session: Partial<SessionInfo> = {}): Page {
  const page = new Page(session)
  page.on({ kind: 'journal', storage: 'indexeddb', content: { entries: [], meta: null } }).link('live')
  page.on({ kind: 'greeting', seqs: [] })
  page.hears(welcome(), snapshot(), { type: 'checked_in', at_us: START })
  page.on({ kind: 'paper', paper: sealedPaper(session.pacing ?? 'streamed') })
  page.take()
  return page
}

describe('a sitting with a clock of its own', () => {
  const begun: ServerMessage = { type: 'begun', begun_us: START + 7 * US, closes_at_us: START + 607 * US }
  const own = { pacing: 'paper' as const, counted: 'last' as const, own_us: 600 * US }

  it('waits for its contestant to begin, and says so once asked', () => {
    const page = running(own)
    expect(screenOf(page.state, START + US)).toBe('begin')
    page.on({ kind: 'begin' })
    expect(page.take()).toEqual([{ kind: 'send', message: { type: 'begin' } }])
    expect(screenOf(page.state, START + US)).toBe('begin')
  })

  it('shows its own time, not the window of all, whatever timeline comes afterwards', () => {
    const page = running(own).hears(begun, open(1), open(2), open(3))
    expect(screenOf(page.state, START + 8 * US)).toBe('paper')
    const mine = { opens_at_us: START + 7 * US, closes_at_us: START + 607 * US }
    expect(page.state.windows[2]).toEqual({ item: 2, ...mine })
    page.hears({ type: 'timeline', offset: 5, version: 2, windows: WINDOWS })
    expect(page.state.windows[3]).toEqual({ item: 3, ...mine })
    page.hears(snapshot({ offset: 6 }))
    expect(page.state.windows[1]).toEqual({ item: 1, ...mine })
  })

  it('is begun again where the store lost its beginning', () => {
    const page = running(own).hears(begun, open(1))
    page.on({ kind: 'pick', item: 1, option: 'B' })
    page.hears(ack(1, 1, { status: 'rejected', code: 'not-begun' }))
    expect(screenOf(page.state, START + 9 * US)).toBe('begin')
    const again: ServerMessage = { type: 'begun', begun_us: START + 9 * US, closes_at_us: START + 609 * US }
    page.hears(again)
    expect(screenOf(page.state, START + 9 * US)).toBe('paper')
    expect(page.state.windows[2]).toEqual({ item: 2, opens_at_us: START + 9 * US, closes_at_us: START + 609 * US })
  })

  it('is over at the end of its own time, while the session goes on', () => {
    const page = running(own).hears(begun, open(1))
    expect(screenOf(page.state, START + 607 * US - 1)).toBe('paper')
    expect(screenOf(page.state, START + 607 * US)).toBe('time_up')
    page.on({ kind: 'hand_in' })
    expect(screenOf(page.state, START + 607 * US - 1)).toBe('handed_in')
    expect(screenOf(page.state, START + 607 * US)).toBe('time_up')
  })
})

describe('an item', () => {
  it('opens with its key, its options in the order of this sitting', () => {
    const page = running().hears(open(1))
    const expected = optionOrder(SEED, 1, letters(4)).map((option) => option.id)
    expect(page.state.items[1]?.content?.options.map((option) => option.id)).toEqual(expected)
    expect(screenOf(page.state, START + US)).toBe('item')
    expect(page.take()).toEqual([{ kind: 'announce', what: 'opened', item: 1 }])
  })

  it('opens as soon as it arrives when the key was quicker', () => {
    const page = new Page().link('live').hears(welcome(), snapshot(), open(2))
    expect(page.take().filter((effect) => effect.kind === 'fetch_paper').pop()).toEqual({
      kind: 'fetch_paper',
      urgent: true,
    })
    page.on({ kind: 'paper', paper: sealedPaper('streamed') })
    expect(page.state.items[2]?.content?.stem).toBe('二')
    expect(page.state.items[1]?.content).toBeNull()
  })

  it('that is not what was committed to is never shown', () => {
    const page = running()
    page.on({ kind: 'paper', paper: sealedPaper('streamed', 1) }).hears(open(1))
    expect(page.state.items[1]).toMatchObject({ content: null, fault: 'commitment' })
    page.hears(open(2))
    expect(page.state.items[2]?.fault).toBeNull()
  })

  it('closes for good: nothing can be picked, the right answer is shown where it is told', () => {
    const page = running().hears(open(1))
    page.on({ kind: 'pick', item: 1, option: 'A' }).hears(closed(5, 1, ['C']))
    expect(page.state.drafts[1]).toBeUndefined()
    expect(page.state.items[1]?.rightAnswer).toEqual(['C'])
    expect(screenOf(page.state, START + 21 * US)).toBe('between')
    page.take()
    page.on({ kind: 'pick', item: 1, option: 'A' }, { kind: 'submit', item: 1 })
    expect(page.sent()).toEqual([])
  })

  it('says of a pick that nobody confirmed that it does not count, and of nothing that it is no answer', () => {
    const page = running().hears(open(1))
    page.on({ kind: 'pick', item: 1, option: 'A' })
    expect(answerState(page.state, 1).state).toBe('unsaved')
    page.hears(closed(5, 1, ['C']))
    expect(answerState(page.state, 1)).toEqual({ state: 'unconfirmed', entry: null })
    expect(page.state.items[1]?.unconfirmed).toEqual(['A'])
    page.hears(closed(5, 1, ['C']))
    expect(answerState(page.state, 1).state).toBe('unconfirmed')
    page.hears(open(2))
    page.on({ kind: 'pick', item: 2, option: 'A' }, { kind: 'clear', item: 2 }).hears(closed(7, 2, ['A']))
    expect(answerState(page.state, 2).state).toBe('none')
  })

  it('keeps nothing of an item that was confirmed', () => {
    const page = running().hears(open(1))
    page.on({ kind: 'pick', item: 1, option: 'A' }, { kind: 'submit', item: 1 }).hears(closed(5, 1, ['C']))
    expect(page.state.items[1]?.unconfirmed).toEqual([])
    expect(answerState(page.state, 1).state).toBe('sending')
  })
})

describe('an answer in a streamed session', () => {
  it('goes out when it is confirmed, once, and shows what became of it', () => {
    const page = running().hears(open(1))
    page.take()
    page.on({ kind: 'pick', item: 1, option: 'B' }, { kind: 'pick', item: 1, option: 'D' })
    expect(answerState(page.state, 1).state).toBe('unsaved')
    page.on({ kind: 'submit', item: 1 }, { kind: 'submit', item: 1 })
    expect(page.sent()).toEqual([{ type: 'answer', item: 1, seq: 1, response: ['D'] }])
    expect(answerState(page.state, 1).state).toBe('sending')
    page.hears(ack(1, 1))
    expect(answerState(page.state, 1)).toMatchObject({ state: 'accepted', entry: { stamp_us: START + 5 * US } })
    page.on({ kind: 'pick', item: 1, option: 'A' }, { kind: 'submit', item: 1 })
    expect(standingEntry(page.state, 1)?.response).toEqual(['D'])
    expect(page.sent()).toEqual([])
  })

  it('speaks canonical ids in ascending order, in whatever order they were picked', () => {
    const page = running().hears(open(2))
    const events = ['D', 'A', 'E', 'D', 'B'].map((option): Event => ({ kind: 'pick', item: 2, option }))
    page.on(...events, { kind: 'submit', item: 2 })
    expect(page.sent()[0]).toMatchObject({ response: ['A', 'B', 'E'] })
  })

  it('has one text per blank, of 200 characters at most', () => {
    const page = running().hears(open(3))
    page.on({ kind: 'type', item: 3, blank: 1, text: ` 终止${'长'.repeat(300)}` }, { kind: 'submit', item: 3 })
    const response = (page.sent()[0] as { response: string[] }).response
    expect(response[0]).toBe('')
    expect(response[1]?.length).toBe(199)
  })

  it('is not made of nothing', () => {
    const page = running().hears(open(2))
    page.on({ kind: 'submit', item: 2 })
    page.on({ kind: 'pick', item: 2, option: 'A' }, { kind: 'pick', item: 2, option: 'A' }, { kind: 'submit', item: 2 })
    expect(page.sent()).toEqual([])
  })

  it('is kept before anything else when it is made', () => {
    const page = running().hears(open(1))
    page.take()
    page.on({ kind: 'pick', item: 1, option: 'B' }, { kind: 'submit', item: 1 })
    const kinds = page.take().map((effect) => effect.kind)
    expect(kinds).toEqual(['send', 'keep', 'keep_meta'])
  })

  it.each([
    ['late', 'too-late'],
    ['rejected', 'already-answered'],
    ['early', 'too-early'],
  ] as const)('says when it was %s', (status, code) => {
    const page = running().hears(open(1))
    page.on({ kind: 'pick', item: 1, option: 'B' }, { kind: 'submit', item: 1 }).hears(ack(1, 1, { status, code }))
    expect(answerState(page.state, 1)).toMatchObject({ state: status, entry: { code } })
  })

  it('can be made again after an early one, not after the first in time', () => {
    const page = running().hears(open(1))
    page.on({ kind: 'pick', item: 1, option: 'B' }, { kind: 'submit', item: 1 })
    page.hears(ack(1, 1, { status: 'early', code: 'too-early' }))
    page.take()
    page.on({ kind: 'pick', item: 1, option: 'B' }, { kind: 'submit', item: 1 })
    expect(page.sent()).toEqual([{ type: 'answer', item: 1, seq: 2, response: ['B'] }])
  })

  it('is sent again when a refusal allows it, and given up when not', () => {
    const page = running().hears(open(1))
    page.on({ kind: 'pick', item: 1, option: 'B' }, { kind: 'submit', item: 1 })
    page.take()
    const refusal = { type: 'error', message: '', item: 1, seq: 1 } as const
    page.hears({ ...refusal, code: 'too-many-messages', retry: true })
    expect(page.take()).toEqual([{ kind: 'resend_later', item: 1, seq: 1, afterMs: 1500 }])
    page.on({ kind: 'resend', item: 1, seq: 1 })
    expect(page.sent()).toEqual([{ type: 'answer', item: 1, seq: 1, response: ['B'] }])
    page.hears({ ...refusal, code: 'bad-response', retry: false })
    expect(answerState(page.state, 1)).toMatchObject({ state: 'rejected', entry: { code: 'bad-response' } })
  })
})

describe('a lost line', () => {
  it('keeps answers and sends those that no hello carried', () => {
    const page = running().hears(open(1)).link('waiting')
    page.take()
    page.on({ kind: 'pick', item: 1, option: 'C' }, { kind: 'submit', item: 1 })
    expect(answerState(page.state, 1).state).toBe('kept')
    expect(page.sent()).toEqual([])
    page.link('live').on({ kind: 'greeting', seqs: [1] }).hears(welcome({ recovered: true }))
    expect(page.sent()).toEqual([])
    page.on({ kind: 'greeting', seqs: [] }).hears(welcome({ recovered: true }))
    expect(page.sent()).toEqual([{ type: 'answer', item: 1, seq: 1, response: ['C'] }])
    page.hears(ack(1, 1, { duplicate: true }))
    expect(answerState(page.state, 1).state).toBe('accepted')
  })

  it('says so when it takes an answer that waits with it', () => {
    const page = running().hears(open(1))
    page.on({ kind: 'pick', item: 1, option: 'C' }, { kind: 'submit', item: 1 })
    page.take()
    page.link('waiting')
    expect(page.take()).toEqual([{ kind: 'announce', what: 'kept', item: 1 }])
  })

  it('does not show an item that closed meanwhile', () => {
    const page = running().hears(open(1)).link('waiting').link('live')
    page.hears(welcome(), snapshot({ offset: 9 }))
    expect(screenOf(page.state, START + 25 * US)).toBe('between')
    page.hears(open(2))
    expect(screenOf(page.state, START + 31 * US)).toBe('item')
    expect(page.state.openItem).toBe(2)
  })

  it('presents receipts again when the store asks, in frames that fit', () => {
    const page = running({ pacing: 'paper', counted: 'last' }).hears(open(1))
    for (let seq = 1; seq <= 60; seq += 1) {
      page.on({ kind: 'pick', item: 1, option: seq % 2 ? 'A' : 'B' }, { kind: 'save_due', item: 1 }).hears(ack(1, seq))
    }
    page.take()
    page.hears(welcome({ present_receipts: true }))
    const frames = page.sent() as { type: string; receipts: { seq: number; response: string[] }[] }[]
    expect(frames.map((frame) => frame.receipts.length)).toEqual([25, 25, 10])
    expect(frames[0]?.receipts[0]).toMatchObject({ seq: 1, response: ['A'], stamp_us: START + 5 * US })
    expect(frames.every((frame) => pack(frame).length < 16 * 1024)).toBe(true)
  })
})

describe('what is written', () => {
  const written = (session: Partial<SessionInfo>) => {
    const page = running(session)
    const paper = sealedPaper(session.pacing ?? 'streamed', 0, { ...CONTENTS, 1: CASE })
    page.on({ kind: 'paper', paper }).hears(open(1)).take()
    return page
  }
  const write = (blank: number, text: string): Event => ({ kind: 'type', item: 1, blank, text })

  it('has a text for each sub-item, of 1,200 characters and 3,600 in all', () => {
    const page = written({})
    page.on(...[0, 1, 2, 3].map((blank) => write(blank, '文'.repeat(1300))), { kind: 'submit', item: 1 })
    const message = page.sent()[0] as { response: string[] }
    expect(message.response.map((text) => text.length)).toEqual([1200, 1200, 1200, 0])
    expect(pack(message).length).toBeLessThan(16 * 1024)
  })

  it('is confirmed as it stands, whatever sub-item is left out, and never as blanks alone', () => {
    const page = written({})
    page.on(write(0, ' \n'), { kind: 'submit', item: 1 })
    expect(page.sent()).toEqual([])
    page.on(write(2, '应当认定。\n理由如下。'), { kind: 'submit', item: 1 })
    expect(page.sent()[0]).toMatchObject({ response: ['', '', '应当认定。\n理由如下。', ''] })
  })

  it('is saved rarer the more of it is saved, so that an hour of writing is not too many changes', () => {
    const page = written({ pacing: 'paper', counted: 'last' })
    let waited = 0
    for (let seq = 1; seq < 60; seq += 1) {
      page.on(write(0, `文${seq}`))
      const later = page.take().find((effect) => effect.kind === 'save_later')
      waited += later?.kind === 'save_later' ? later.afterMs : 0
      page.on({ kind: 'save_due', item: 1 }).hears(ack(1, seq)).take()
    }
    expect(waited).toBeGreaterThan(15 * 60 * 1000)
  })

  it('fits into frames of receipts', () => {
    const page = written({ pacing: 'paper', counted: 'last' })
    for (let seq = 1; seq <= 9; seq += 1) {
      const long = [0, 1, 2].map((blank) => write(blank, `${seq}${'文'.repeat(1199)}`))
      page.on(...long, { kind: 'save_due', item: 1 }).hears(ack(1, seq))
    }
    page.take()
    page.hears(welcome({ present_receipts: true }))
    const frames = page.sent() as { receipts: unknown[] }[]
    expect(frames.flatMap((frame) => frame.receipts).length).toBe(9)
    expect(frames.every((frame) => pack(frame).length < 16 * 1024)).toBe(true)
  })
})

describe('the journal', () => {
  it('brings back answers, the next seq, check-in, marks and handing in', () => {
    const before = running().hears(open(1))
    before.on({ kind: 'pick', item: 1, option: 'C' }, { kind: 'submit', item: 1 })
    const kept = before.take().flatMap((effect) => (effect.kind === 'keep' ? [effect.entry] : []))
    const meta = { next_seq: 9, checked_in: true, handed_in: true, marks: [2] }
    const after = new Page().on({ kind: 'journal', storage: 'indexeddb', content: { entries: kept, meta } })
    expect(after.state).toMatchObject({ nextSeq: 9, checkIn: 'yes', handedIn: true, marks: [2] })
    expect(answerState(after.state, 1).state).toBe('kept')
  })

  it('is corrected by what the server has', () => {
    const page = new Page().on({
      kind: 'journal',
      storage: 'indexeddb',
      content: { entries: [], meta: null },
    })
    page.link('live').hears(
      welcome(),
      snapshot({ answers: [ack(1, 4)], responses: [{ item: 1, seq: 4, response: ['C'] }] }),
    )
    expect(standingEntry(page.state, 1)).toMatchObject({ response: ['C'], status: 'accepted' })
    expect(page.state.nextSeq).toBe(5)
    expect(page.take().filter((effect) => effect.kind === 'keep').length).toBe(1)
  })
})

describe('the feed', () => {
  const phase = (offset: number, name: string): ServerMessage => ({
    type: 'phase',
    offset,
    phase: name,
    start_us: START,
  })

  it('applies entries once and in order', () => {
    const page = running().hears(phase(5, 'paused'), phase(5, 'running'), phase(4, 'closed'))
    expect(page.state).toMatchObject({ phase: 'paused', offset: 5 })
    expect(screenOf(page.state, START)).toBe('paused')
  })

  it('asks for everything anew when an entry is missing', () => {
    const page = running()
    page.hears(phase(6, 'paused'))
    expect(page.take()).toEqual([{ kind: 'resync' }])
    expect(page.state).toMatchObject({ phase: 'running', epoch: '', offset: 0 })
  })

  it('keeps the newest timeline', () => {
    const page = running().hears(
      { type: 'timeline', offset: 5, version: 3, windows: [WINDOWS[2]!] },
      { type: 'timeline', offset: 6, version: 2, windows: WINDOWS },
    )
    expect(Object.keys(page.state.windows)).toEqual(['3'])
    expect(nextWindow(page.state, START)?.item).toBe(3)
    expect(nextWindow(page.state, START + 60 * US)).toBeNull()
  })

  it('ignores messages of the future', () => {
    const page = running()
    const before = page.state
    page.hears({ type: 'confetti' } as unknown as ServerMessage)
    expect(page.state).toBe(before)
  })
})

describe('a paper', () => {
  const paper = () => {
    const page = running({ pacing: 'paper', counted: 'last' }).hears(open(1), open(2), open(3))
    page.take()
    return page
  }

  it('saves every change by itself, the last one counts', () => {
    const page = paper()
    page.on({ kind: 'pick', item: 1, option: 'A' })
    expect(page.take()).toEqual([{ kind: 'save_later', item: 1, afterMs: 350 }])
    page.on({ kind: 'save_due', item: 1 }, { kind: 'save_due', item: 1 })
    page.on({ kind: 'pick', item: 1, option: 'B' }, { kind: 'save_due', item: 1 })
    expect(page.sent()).toEqual([
      { type: 'answer', item: 1, seq: 1, response: ['A'] },
      { type: 'answer', item: 1, seq: 2, response: ['B'] },
    ])
    page.hears(ack(1, 1), ack(1, 2))
    expect(standingEntry(page.state, 1)?.response).toEqual(['B'])
  })

  it('saves before it moves on, hands in or the session closes', () => {
    for (const leave of [{ kind: 'go', item: 2 }, { kind: 'hand_in' }, { kind: 'save_all' }] as Event[]) {
      const page = paper().on({ kind: 'pick', item: 1, option: 'A' }, leave)
      expect(page.sent()).toEqual([{ type: 'answer', item: 1, seq: 1, response: ['A'] }])
    }
    const page = paper().on({ kind: 'pick', item: 1, option: 'A' })
    page.hears({ type: 'phase', offset: 5, phase: 'closed', start_us: START })
    expect(page.sent().length).toBe(1)
  })

  it('does not send the same again, and clears with an empty response', () => {
    const page = paper().on({ kind: 'pick', item: 2, option: 'A' }, { kind: 'save_due', item: 2 }).hears(ack(2, 1))
    page.take()
    page.on({ kind: 'pick', item: 2, option: 'B' }, { kind: 'pick', item: 2, option: 'B' }, { kind: 'save_due', item: 2 })
    expect(page.sent()).toEqual([])
    page.on({ kind: 'pick', item: 2, option: 'A' }, { kind: 'save_due', item: 2 })
    expect(page.sent()).toEqual([{ type: 'answer', item: 2, seq: 2, response: [] }])
  })

  it('sends only the newest of what was changed offline', () => {
    const page = paper().link('waiting')
    for (const option of ['A', 'B', 'C']) page.on({ kind: 'pick', item: 1, option }, { kind: 'save_due', item: 1 })
    page.take()
    page.link('live').on({ kind: 'greeting', seqs: [] }).hears(welcome({ recovered: true }))
    expect(page.sent()).toEqual([{ type: 'answer', item: 1, seq: 3, response: ['C'] }])
  })

  it('can be handed in and taken back while there is time', () => {
    const page = paper().on({ kind: 'hand_in' })
    expect(screenOf(page.state, START)).toBe('handed_in')
    page.on({ kind: 'take_back' }, { kind: 'mark', item: 2 })
    expect(screenOf(page.state, START)).toBe('paper')
    expect(page.take().pop()).toMatchObject({ kind: 'keep_meta', meta: { handed_in: false, marks: [2] } })
  })
})

describe('conduct', () => {
  it('is told only while the contest runs', () => {
    const page = running().on({ kind: 'conduct', left: true }, { kind: 'conduct', left: false })
    expect(page.sent()).toEqual([
      { type: 'conduct', kind: 'left' },
      { type: 'conduct', kind: 'returned' },
    ])
    page.hears({ type: 'phase', offset: 5, phase: 'closed', start_us: START }).on({ kind: 'conduct', left: true })
    expect(page.sent()).toEqual([])
  })
})

describe('screens', () => {
  it('follow the phase and the check-in', () => {
    const page = new Page()
    expect(screenOf(page.state, START)).toBe('check_in')
    page.on({ kind: 'check_in', roundTripUs: 23_000.4, clockOffsetUs: -5.6, browser: 'x'.repeat(400) })
    expect(page.sent()[0]).toEqual({
      type: 'check_in',
      round_trip_us: 23_000,
      clock_offset_us: -6,
      browser: 'x'.repeat(300),
    })
    expect(page.hears({ type: 'checked_in', at_us: START }) && screenOf(page.state, START)).toBe('lobby')
    page.link('live').hears(welcome(), snapshot({ phase: 'under_review' }))
    expect(screenOf(page.state, START)).toBe('finished')
  })

  it('go back to check-in when the line was lost before it was recorded', () => {
    const page = new Page().link('live').on({ kind: 'check_in', roundTripUs: 1, clockOffsetUs: 1, browser: '' })
    expect(page.link('waiting').state.checkIn).toBe('no')
  })

  it('forget the person who signs out', () => {
    const page = running().hears(open(1)).on({ kind: 'signed_out' })
    expect(page.state.me.sitting).toBe(0)
    expect(page.state.keys).toEqual({})
  })
})

describe('words of the operators', () => {
  const note = (id: string): ServerMessage => ({
    type: 'note',
    id,
    at_us: START,
    text: '请换线路。',
    to: 'room',
    question: '',
  })

  it('are kept once each, have no place in the feed, and come again after a snapshot', () => {
    const page = running()
    const offset = page.state.offset
    page.hears(note('a1'), note('c2'), note('a1'))
    expect(page.state.announcements.map((one) => one.id)).toEqual(['a1', 'c2'])
    expect(page.state.offset).toBe(offset)
    page.link('live').hears(welcome(), snapshot({}), note('a1'), note('c2'))
    expect(page.state.announcements.map((one) => one.id)).toEqual(['a1', 'c2'])
  })

  it('answer a question, which goes out with the item that is open', () => {
    const page = running().hears(open(1))
    page.sent()
    page.on({ kind: 'ask', text: '选项不全' })
    expect(page.sent()).toEqual([{ type: 'question', text: '选项不全', item: 1 }])
    page.hears({ type: 'asked', at_us: START, left: 9 })
    expect(page.state.notice?.code).toBe('asked')
  })
})
