import { describe, expect, it } from 'vitest'
import { applied, asMessage, emptyBoard, gliding, moved, placeOf, queryOf, rebased, rise, sessionOf, type Board } from '../src/board/board'
import type { BoardBody } from '../src/shared/api'
import type { BoardRow, ServerBoard, ServerMoves } from '../src/wire/messages'

const PLACE = { view: 'individuals', page: 1, delegation: '' } as const
const message = (members: Partial<ServerBoard>): ServerBoard => ({
  type: 'board',
  view: 'individuals',
  page: 1,
  delegation: '',
  number: 7,
  version: 1,
  total: 3,
  frozen: false,
  rows: [],
  ...members,
})
const moves = (members: Partial<ServerMoves>): ServerMoves => ({
  type: 'moves',
  number: 7,
  version: 5,
  base: 4,
  order: [],
  entrants: [],
  gain: 0,
  centipoints: [],
  elapsed_ms: [],
  tied: [],
  rank: 0,
  ...members,
})
const CODES = ['110000', '220000']
const row = (key: number, rank: number, name = ''): BoardRow => [key, rank, rank, 1000 - rank, 5000, name, name && '220000']

function board(): Board {
  return applied(
    emptyBoard(PLACE),
    message({ version: 4, rows: [row(11, 1, '甲'), row(12, 2, '乙'), row(13, 3, '丙')] }),
  )
}
const after = (before: Board, members: Partial<ServerMoves>) => moved(before, moves(members), CODES) as Board

describe('an address', () => {
  it('says which session, view and page', () => {
    for (const [place, session] of [
      [{ view: 'individuals', page: 1, delegation: '' }, 0],
      [{ view: 'individuals', page: 7, delegation: '' }, 12],
      [{ view: 'delegations', page: 1, delegation: '' }, 3],
      [{ view: 'province', page: 2, delegation: '650000' }, 0],
    ] as const) {
      const query = `?${queryOf(place, session)}`
      expect([placeOf(query), sessionOf(query)]).toEqual([place, session])
    }
  })

  it('of somebody else is the first page of the session in force', () => {
    for (const query of ['', '?session=0&page=-1', '?session=x&view=y&page=z', '?session=1e3&view=province&delegation=1', `?session=${'9'.repeat(20)}`]) {
      expect([placeOf(query), sessionOf(query)]).toEqual([{ view: 'individuals', page: 1, delegation: '' }, 0])
    }
  })
})

describe('a board', () => {
  it('applies moves: places, what was gained, who came, names kept', () => {
    const next = after(board(), {
      order: [2, 0, -1],
      entrants: [[14, '丁', 1, 9]],
      gain: 100,
      centipoints: [100, 0, -3],
      elapsed_ms: [40, -5, 7],
      tied: [2],
    })
    expect(next.rows).toEqual([
      { key: 13, order: 1, rank: 1, centipoints: 1197, elapsedMs: 5040, name: '丙', delegation: '220000', baseRank: 0 },
      { key: 11, order: 2, rank: 2, centipoints: 1099, elapsedMs: 4995, name: '甲', delegation: '220000', baseRank: 0 },
      { key: 14, order: 3, rank: 2, centipoints: 1096, elapsedMs: 5002, name: '丁', delegation: '220000', baseRank: 9 },
    ])
    expect([next.version, next.total]).toEqual([5, 3])
  })

  it('lets rows stay where the order is not told, and says the rank of a first row that is tied', () => {
    const place = { ...PLACE, page: 2 }
    const second = applied(emptyBoard(place), message({ page: 2, version: 4, rows: [row(11, 51, '甲')] }))
    const next = after(second, { elapsed_ms: [3], rank: 49 })
    expect(next.rows).toMatchObject([{ key: 11, order: 51, rank: 49, centipoints: 949, elapsedMs: 5003 }])
  })

  it('asks anew when it has another version, and ignores older ones, other pages and other places', () => {
    const now = board()
    expect(moved(now, moves({ base: 6, version: 7 }), CODES)).toBe('watch')
    expect(moved(now, moves({ order: [5] }), CODES)).toBe('watch')
    expect(moved(now, moves({ order: [-1] }), CODES)).toBe('watch')
    expect(moved(now, moves({ base: 2, version: 3 }), CODES)).toBe(now)
    expect(moved(now, moves({ number: 8 }), CODES)).toBe(now)
    expect(applied(now, message({ page: 2 }))).toBe(now)
    expect(applied(now, message({ view: 'delegations' }))).toBe(now)
  })

  it('reads a page of HTTP as a full one', () => {
    const body: BoardBody = {
      view: 'individuals',
      page: 1,
      pages: 1,
      page_size: 50,
      version: 9,
      total: 1,
      frozen: true,
      phase: 'running',
      rows: [{ key: 11, order: 1, rank: 1, name: '甲', delegation: '220000', centipoints: 999, elapsed_ms: 5000 }],
    }
    expect(applied(emptyBoard(PLACE), asMessage(body, ''))).toMatchObject({
      version: 9,
      frozen: true,
      rows: [{ key: 11, name: '甲', elapsedMs: 5000 }],
    })
  })

  it('tells the change since the arrows were set to zero, of those who come to the page too', () => {
    const next = after(rebased(board()), { order: [2, 0, 1, -1], entrants: [[14, '丁', 0, 60]] })
    expect(next.rows.map(rise)).toEqual([2, -1, -1, 56])
  })

  it('keeps the arrow of a row that left the page and came back', () => {
    const left = after(rebased(board()), { order: [0, 1] })
    const back = after(left, { base: 5, version: 6, order: [-1, 0, 1], entrants: [[13, '丙', 1, 0]] })
    expect(back.rows.map(rise)).toEqual([2, -1, -1])
  })

  it('tells no change from the start, where all share the first place', () => {
    const level = applied(emptyBoard(PLACE), message({ version: 4, rows: [row(11, 1, '甲'), row(12, 1, '乙')] }))
    expect(after(rebased(level), { order: [1, 0], centipoints: [100, 0] }).rows.map(rise)).toEqual([0, 0])
  })

  it('lets the twenty longest ways glide and the rest jump', () => {
    const before = new Map(Array.from({ length: 50 }, (_, index) => [index, index] as const))
    const rows = Array.from({ length: 50 }, (_, index) => ({ ...board().rows[0]!, key: (index + 1) % 50 }))
    const glides = gliding(before, rows)
    expect(glides.size).toBe(20)
    expect(glides.has(0)).toBe(true)
    expect(gliding(before, [{ ...board().rows[0]!, key: 0 }]).size).toBe(0)
    expect(gliding(new Map(), rows).size).toBe(0)
  })
})
