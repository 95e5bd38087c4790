/** One page of a board as it is shown, and how it changes. Pure. */
import type { BoardBody } from '../shared/api'
import type { BoardRow, ServerBoard, ServerMoves, View } from '../wire/messages'

export interface Place {
  readonly view: Exclude<View, 'none'>
  readonly page: number
  readonly delegation: string
}

export interface Row {
  readonly key: number
  readonly order: number
  readonly rank: number
  readonly centipoints: number
  readonly elapsedMs: number
  readonly name: string
  readonly delegation: string
  /** Rank when the arrows were last set to zero; 0 when the row was not here then. */
  readonly baseRank: number
}

export interface Board {
  readonly place: Place
  /** What the server's moves call this page; 0: it came by HTTP, and nothing moves it. */
  readonly number: number
  /** 0: nothing has come yet. */
  readonly version: number
  readonly total: number
  readonly frozen: boolean
  readonly rows: readonly Row[]
  /** Ranks by key when the arrows were last set to zero, also of rows that have left the page since. */
  readonly baseRanks: ReadonlyMap<number, number>
}

export const PAGE_ROWS = 50

export function emptyBoard(place: Place): Board {
  return { place, number: 0, version: 0, total: 0, frozen: false, rows: [], baseRanks: new Map() }
}

export function samePlace(first: Place, second: { view: string; page: number; delegation: string }): boolean {
  return (
    first.view === second.view &&
    first.page === second.page &&
    (first.view !== 'province' || first.delegation === second.delegation)
  )
}

/** What an address shows: its query, as `queryOf` writes it. */
export function placeOf(search: string): Place {
  const query = new URLSearchParams(search)
  const delegation = /^\d{6}$/.test(query.get('delegation') ?? '') ? query.get('delegation')! : ''
  const asked = query.get('view')
  const view = asked === 'delegations' || (asked === 'province' && delegation) ? (asked as Place['view']) : 'individuals'
  const page = Math.max(1, Math.floor(Number(query.get('page')) || 1))
  return { view, page: view === 'delegations' ? 1 : page, delegation: view === 'province' ? delegation : '' }
}

/** The session that an address asks for; 0: the one in force. */
export function sessionOf(search: string): number {
  const asked = new URLSearchParams(search).get('session') ?? ''
  return /^[1-9]\d{0,9}$/.test(asked) ? Number(asked) : 0
}

export function queryOf(place: Place, session: number): string {
  const query = new URLSearchParams({ view: place.view })
  if (session) query.set('session', String(session))
  if (place.page > 1) query.set('page', String(place.page))
  if (place.delegation) query.set('delegation', place.delegation)
  return query.toString()
}

/** The board after a whole page; the same board when the page is of another place. */
export function applied(board: Board, message: ServerBoard): Board {
  if (!samePlace(board.place, message)) return board
  const { number, version, total, frozen } = message
  const rows = message.rows.map((row) => shown(row, board.baseRanks.get(row[0]) ?? 0))
  return { ...board, number, version, total, frozen, rows: rows.sort((first, second) => first.order - second.order) }
}

/**
 * The board after what changed on it.
 *
 * @param delegations codes, in the order in which the contest lists them.
 * @returns 'watch' when changes are missing in between and the page must be asked for anew; the same board when the
 *   message is for another page or older than what is shown.
 */
export function moved(board: Board, message: ServerMoves, delegations: readonly string[]): Board | 'watch' {
  if (message.number !== board.number || message.version <= board.version) return board
  if (message.base !== board.version) return 'watch'
  const order = message.order.length > 0 ? message.order : board.rows.map((_, place) => place)
  const firstOrder = (board.place.page - 1) * PAGE_ROWS + 1
  const tied = new Set(message.tied)
  const entrants = message.entrants[Symbol.iterator]()
  const baseRanks = new Map(board.baseRanks)
  const rows: Row[] = []
  for (const [place, from] of order.entries()) {
    const above = rows[place - 1]
    const had = from < 0 ? above : board.rows[from]
    const numbers = {
      order: firstOrder + place,
      rank: place === 0 ? message.rank || firstOrder : tied.has(place) ? above!.rank : firstOrder + place,
      centipoints: (had?.centipoints ?? 0) + (message.centipoints[place] ?? 0) + (from < 0 ? 0 : message.gain),
      elapsedMs: (had?.elapsedMs ?? 0) + (message.elapsed_ms[place] ?? 0),
    }
    if (from >= 0) {
      if (!had) return 'watch'
      rows.push({ ...had, ...numbers })
      continue
    }
    const entrant = entrants.next().value
    if (!entrant) return 'watch'
    const [key, name, delegation, rankBefore] = entrant
    const baseRank = baseRanks.get(key) ?? rankBefore
    baseRanks.set(key, baseRank)
    rows.push({ key, name, delegation: delegations[delegation] ?? '', baseRank, ...numbers })
  }
  return { ...board, version: message.version, rows, baseRanks }
}

/** A page as HTTP gives it, in the shape of a message. */
export function asMessage(body: BoardBody, delegation: string): ServerBoard {
  return {
    type: 'board',
    view: body.view as View,
    page: body.page,
    delegation,
    number: 0,
    version: body.version,
    total: body.total,
    frozen: body.frozen,
    rows: body.rows.map((row) => [
      row.key,
      row.order,
      row.rank,
      row.centipoints,
      row.elapsed_ms,
      row.name,
      row.delegation,
    ]),
  }
}

/** From now on arrows tell the change since this moment. While all share the first place there is nothing to tell. */
export function rebased(board: Board): Board {
  const ranked = board.rows.some((row) => row.rank > 1)
  const rows = board.rows.map((row) => ({ ...row, baseRank: ranked ? row.rank : 0 }))
  return { ...board, rows, baseRanks: new Map(rows.map((row) => [row.key, row.baseRank])) }
}

/** How many ranks a row rose since the arrows were set to zero; negative when it fell. */
export function rise(row: Row): number {
  return row.baseRank === 0 ? 0 : row.baseRank - row.rank
}

/**
 * Which rows glide to their new place. The eye cannot follow more than `most`; the shortest ways go first to jump.
 *
 * @param before places by key on the page as it was shown.
 */
export function gliding<K>(before: ReadonlyMap<K, number>, rows: readonly { key: K }[], most = 20): Set<K> {
  const ways = rows.flatMap((row, index) => {
    const from = before.get(row.key)
    return from === undefined || from === index ? [] : [{ key: row.key, way: Math.abs(from - index) }]
  })
  ways.sort((first, second) => second.way - first.way)
  return new Set(ways.slice(0, most).map((one) => one.key))
}

function shown(row: BoardRow, baseRank: number): Row {
  const [key, order, rank, centipoints, elapsedMs, name, delegation] = row
  return { key, order, rank, centipoints, elapsedMs, name: name ?? '', delegation: delegation ?? '', baseRank }
}
