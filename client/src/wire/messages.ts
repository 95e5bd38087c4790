// Made by scripts/generate-wire.mjs from schema/wire/messages.schema.json; do not edit.

/**
 * The first frame. A contestant presents a ticket; a public viewer leaves it empty.
 *
 * `epoch` and `offset` are the last position in the feed that this client holds; `unacked` the answers it has sent or typed without an acknowledgement.
 */
export interface ClientHello {
  type: 'hello'
  ticket?: string
  epoch?: string
  offset?: number
  unacked?: Answered[]
  session?: number
}

/**
 * One response as a client sends it, in `answer` and in `hello.unacked`.
 */
export interface Answered {
  item: number
  seq: number
  response: string[]
}

/**
 * A response to an item. `seq` rises by at least one with every new response of the sitting.
 */
export interface ClientAnswer {
  type: 'answer'
  item: number
  seq: number
  response: string[]
}

/**
 * Asks for the contest's clock; answered at once by `clock` with the same id.
 */
export interface ClientProbe {
  type: 'probe'
  id: number
}

/**
 * Check-in 签到 with what the browser measured. Shown to operators, never trusted for anything else.
 */
export interface ClientCheckIn {
  type: 'check_in'
  round_trip_us: number
  clock_offset_us: number
  browser: string
}

/**
 * The page was left or came back.
 */
export interface ClientConduct {
  type: 'conduct'
  kind: ConductKind
}

/**
 * What the contestant's page did (screen switch 切屏).
 */
export type ConductKind = 'left' | 'returned'

/**
 * Begin one's own time, where each sitting has a clock of its own. Answered by `begun`; a second one repeats it.
 */
export interface ClientBegin {
  type: 'begin'
}

/**
 * Ask the operators something, about an item or (0) about none. Confirmed by `asked`; answered by a `note`.
 */
export interface ClientQuestion {
  type: 'question'
  text: string
  item?: number
}

/**
 * Watch one page of one board instead of what was watched before.
 */
export interface ClientWatch {
  type: 'watch'
  view: View
  page?: number
  delegation?: string
}

/**
 * Which part of the public board a connection watches.
 */
export type View = 'delegations' | 'individuals' | 'none' | 'province'

/**
 * Present receipts again (the server asked by `present_receipts` in its welcome).
 */
export interface ClientReceipts {
  type: 'receipts'
  receipts: Receipted[]
}

/**
 * An acknowledged answer as the client kept it, presented again after a loss of the store.
 */
export interface Receipted {
  item: number
  seq: number
  response: string[]
  status: AckStatus
  stamp_us: number
  elapsed_us: number
  offset: number
  receipt: Uint8Array
}

/**
 * What became of an answer. `early` and `late` are recorded, never scored; `rejected` is not recorded.
 */
export type AckStatus = 'accepted' | 'early' | 'late' | 'rejected'

/**
 * Answers `hello`. `recovered`: the missed feed entries follow; otherwise one `snapshot` follows.
 */
export interface ServerWelcome {
  type: 'welcome'
  session: number
  sitting: number
  epoch: string
  offset: number
  recovered: boolean
  server_us: number
  order_seed: Uint8Array
  resume_min_ms: number
  present_receipts: boolean
}

/**
 * All that a client needs at `offset`; replaces whatever it knew. `answers` are its own acknowledged ones.
 */
export interface ServerSnapshot {
  type: 'snapshot'
  offset: number
  phase: string
  start_us: number
  timeline_version: number
  windows: ItemWindow[]
  announcements: ServerAnnouncement[]
  answers: ServerAck[]
  responses: Answered[]
}

/**
 * When an item takes answers: from `opens_at_us`, before `closes_at_us`.
 */
export interface ItemWindow {
  item: number
  opens_at_us: number
  closes_at_us: number
}

/**
 * Feed entry: words from the operators to everyone.
 */
export interface ServerAnnouncement {
  type: 'announcement'
  offset: number
  id: number
  at_us: number
  text: string
}

/**
 * What became of an answer, said only after it is durable.
 *
 * `duplicate`: this item and seq were known; everything else repeats the first acknowledgement. `code` says why for `rejected`, `late` and `early`. `receipt` proves the acknowledgement (docs/wire.md, Receipts).
 */
export interface ServerAck {
  type: 'ack'
  item: number
  seq: number
  status: AckStatus
  stamp_us: number
  elapsed_us: number
  offset: number
  receipt: Uint8Array
  duplicate: boolean
  code: string
}

/**
 * Feed entry: the session moved to another phase, or its start was set anew.
 */
export interface ServerPhase {
  type: 'phase'
  offset: number
  phase: string
  start_us: number
}

/**
 * Feed entry: all windows of the session, replacing any older version.
 */
export interface ServerTimeline {
  type: 'timeline'
  offset: number
  version: number
  windows: ItemWindow[]
}

/**
 * Feed entry: an item was closed for good; with its right answer where the contest shows it then.
 */
export interface ServerClosed {
  type: 'closed'
  offset: number
  item: number
  key: string[]
}

/**
 * An item opens: the key of its sealed content. Sent at the instant, and again to whoever joins meanwhile.
 */
export interface ServerOpen {
  type: 'open'
  item: number
  key: Uint8Array
}

/**
 * The contest's clock when the probe was read.
 */
export interface ServerClock {
  type: 'clock'
  id: number
  server_us: number
}

/**
 * The check-in was recorded.
 */
export interface ServerCheckedIn {
  type: 'checked_in'
  at_us: number
}

/**
 * This sitting's own time: every item takes its answers from `begun_us`, before `closes_at_us`.
 *
 * Said once the beginning is durable, before the keys of all items, and after every welcome of a sitting that has begun; once its time is over no keys follow.
 */
export interface ServerBegun {
  type: 'begun'
  begun_us: number
  closes_at_us: number
}

/**
 * How often the page was left, and the limit.
 */
export interface ServerConduct {
  type: 'conduct_count'
  left: number
  limit: number
}

/**
 * The question was recorded; `left` is how many more this sitting may ask.
 */
export interface ServerAsked {
  type: 'asked'
  at_us: number
  left: number
}

/**
 * Words from the operators to some contestants, or the answer to a `question` (then that is said too).
 *
 * No feed entry. Known by its `id`: all of them are said again after every welcome.
 */
export interface ServerNote {
  type: 'note'
  id: string
  at_us: number
  text: string
  to: Audience
  question: string
}

/**
 * Whom a note is for: everybody, a delegation, one of its rooms, or this sitting alone.
 */
export type Audience = 'all' | 'delegation' | 'room' | 'sitting'

/**
 * The contestant's own score and rank, when the contest shows them.
 */
export interface ServerOwn {
  type: 'own'
  version: number
  centipoints: number
  rank: number
  of: number
  elapsed_us: number
}

/**
 * A page of a board, whole. `number` is the page's own on this connection's server: `moves` refer to it.
 */
export interface ServerBoard {
  type: 'board'
  view: View
  page: number
  delegation: string
  number: number
  version: number
  total: number
  frozen: boolean
  rows: BoardRow[]
}

/**
 * A row of a board: `[key, order, rank, centipoints, elapsed_ms, name, delegation]`.
 *
 * `key` is a sitting's number on boards of people and the delegation's code on the board of delegations.
 */
export type BoardRow = [number, number, number, number, number, string?, string?]

/**
 * What changed on the page `number` since its version `base`; a client that has another asks by `watch`.
 *
 * Lists go by place on the page as it is now. `order` says where each row stood on the page before, counted from 0, or -1: the next of `entrants`; empty: the same rows in the same places. `centipoints` and `elapsed_ms` are to be added to what the row had, and `gain` to the points of each; an entrant's to what the row above it has now, without `gain`; empty: nothing to add. Places follow each other from the page's first; ranks are places, but for rows that are `tied`, which share the rank of the row above. `rank` is the first row's when it is tied with a row of the page before.
 */
export interface ServerMoves {
  type: 'moves'
  number: number
  version: number
  base: number
  order: number[]
  entrants: BoardEntrant[]
  gain: number
  centipoints: number[]
  elapsed_ms: number[]
  tied: number[]
  rank: number
}

/**
 * Who comes to a page: `[key, name, delegation, rank]`.
 *
 * `delegation` is its place, counted from 0, in the list that `GET /api/contest` gives; `rank` the rank before the latest item, for arrows, 0 when there was none.
 */
export type BoardEntrant = [number, string, number, number]

/**
 * How many sittings have answered the item that is open, and how many are connected.
 */
export interface ServerProgress {
  type: 'progress'
  item: number
  answered: number
  connected: number
  total: number
}

/**
 * Something the client sent could not be used. `retry`: the same thing may work later.
 */
export interface ServerError {
  type: 'error'
  code: string
  message: string
  retry: boolean
  item: number
  seq: number
}

/**
 * Precedes a close by the server; come back after `resume_after_ms` (0: do not).
 */
export interface ServerBye {
  type: 'bye'
  code: string
  message: string
  resume_after_ms: number
}

/**
 * What a sealed item holds, as one MessagePack map. `blanks` texts are asked for: of a fill-in item, one of a short-answer item, one for each of the `parts` (sub-items) of a case.
 */
export interface ItemContent {
  type: string
  stem: string
  options: ItemOption[]
  blanks: number
  centipoints: number
  parts: string[]
  media: ItemMedia[]
}

/**
 * An option of a choice item with its canonical id.
 */
export interface ItemOption {
  id: string
  text: string
}

/**
 * A picture or a film of an item, at `/api/item-media/{address}` for contestants of the session, from the opening of the item on, for judges at `/api/staff/desk/media/{address}`, for graphics at `/api/air/media/{address}`; of a stage's question for desks and screens at `/api/stage/media/{address}`, once it is shown, and for the staff at `/api/staff/stages/{stage}/media/{address}`. Nobody can guess the address, and before the opening there is nothing.
 *
 * `type` is its media type; `width` and `height` are a picture's in pixels, 0 of a film; `alt` says what it shows.
 */
export interface ItemMedia {
  address: string
  type: string
  width: number
  height: number
  alt: string
}

/**
 * All sealed items of a session: the body of `GET /api/sessions/{session}/sealed`.
 */
export interface SealedPaper {
  session: number
  pacing: string
  items: SealedItem[]
}

/**
 * An item before its opening: `sealed` is nonce (12 bytes) + AES-256-GCM ciphertext with its tag.
 *
 * The associated data is `leitai:{session}:{item}` in ASCII; `commitment` is SHA-256 of key + plaintext.
 */
export interface SealedItem {
  item: number
  seconds: number
  sealed: Uint8Array
  commitment: Uint8Array
}

export type ClientMessage = ClientHello | ClientAnswer | ClientProbe | ClientCheckIn | ClientConduct | ClientBegin | ClientQuestion | ClientWatch | ClientReceipts

export type ServerMessage = ServerWelcome | ServerSnapshot | ServerPhase | ServerTimeline | ServerAnnouncement | ServerClosed | ServerOpen | ServerAck | ServerClock | ServerCheckedIn | ServerBegun | ServerConduct | ServerAsked | ServerNote | ServerOwn | ServerBoard | ServerMoves | ServerProgress | ServerError | ServerBye

export type FeedEntry = ServerPhase | ServerTimeline | ServerAnnouncement | ServerClosed

/** Members that a server message may leave out, by its `type`. */
export const serverDefaults: Record<string, () => Record<string, unknown>> = {
  welcome: () => ({ order_seed: new Uint8Array(0), resume_min_ms: 500, present_receipts: false }),
  snapshot: () => ({ announcements: [], answers: [], responses: [] }),
  ack: () => ({ stamp_us: 0, elapsed_us: 0, offset: 0, receipt: new Uint8Array(0), duplicate: false, code: '' }),
  closed: () => ({ key: [] }),
  note: () => ({ question: '' }),
  moves: () => ({ order: [], entrants: [], gain: 0, centipoints: [], elapsed_ms: [], tied: [], rank: 0 }),
  error: () => ({ retry: false, item: 0, seq: 0 }),
}
