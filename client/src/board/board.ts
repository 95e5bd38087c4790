/** One page of a board as it is shown, and how it changes. Pure. */
import type { BoardBody } from '../shared/api'
import type { BoardRow, ServerBoard, View } from '../wire/messages'

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
  return { place, version: 0, total: 0, frozen: false, rows: [], baseRanks: new Map() }
}

export function samePlace(first: Place, second: { view: string; page: number; delegation: string }): boolean {
  return (
    first.view === second.view &&
    first.page === second.page &&
    (first.view !== 'province' || first.delegation === second.delegation)
  )
}

/**
 * The board after a message.
 *
 * @returns 'watch' when the message cannot be applied and the page must be asked for anew; the same board when the
 *   message is for another place or older than what is shown.
 */
export function applied(board: Board, message: ServerBoard): Board | 'watch' {
  if (!samePlace(board.place, message)) return board
  const { version, total, frozen } = message
  if (message.full) {
    // A full page also comes after a restart of the server, with whatever version it has then.
    const rows = message.rows.map((row) => joined(board, row, find(board, row[0])))
    return { ...board, version, total, frozen, rows: sorted(rows) }
  }
  if (version <= board.version && board.version > 0) return board
  if (message.base !== board.version) return 'watch'
  const gone = new Set(message.gone)
  const changed = new Map(message.rows.map((row) => [row[0], row]))
  const rows = board.rows
    .filter((row) => !gone.has(row.key))
    .map((row) => {
      const change = changed.get(row.key)
      changed.delete(row.key)
      return change ? joined(board, change, row) : row
    })
  for (const row of changed.values()) rows.push(joined(board, row, undefined))
  return { ...board, version, total, frozen, rows: sorted(rows) }
}

/** A page as HTTP gives it, in the shape of a message. */
export function asMessage(body: BoardBody, delegation: string): ServerBoard {
  return {
    type: 'board',
    view: body.view as View,
    page: body.page,
    delegation,
    version: body.version,
    base: 0,
    full: true,
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
    gone: [],
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
export function gliding(before: ReadonlyMap<number, number>, rows: readonly Row[], most = 20): Set<number> {
  const ways = rows.flatMap((row, index) => {
    const from = before.get(row.key)
    return from === undefined || from === index ? [] : [{ key: row.key, way: Math.abs(from - index) }]
  })
  ways.sort((first, second) => second.way - first.way)
  return new Set(ways.slice(0, most).map((one) => one.key))
}

function joined(board: Board, row: BoardRow, known: Row | undefined): Row {
  const [key, order, rank, centipoints, elapsedMs, name, delegation] = row
  return {
    key,
    order,
    rank,
    centipoints,
    elapsedMs,
    name: name || known?.name || '',
    delegation: delegation || known?.delegation || '',
    baseRank: board.baseRanks.get(key) ?? 0,
  }
}

function find(board: Board, key: number): Row | undefined {
  return board.rows.find((row) => row.key === key)
}

function sorted(rows: Row[]): Row[] {
  return rows.sort((first, second) => first.order - second.order)
}
