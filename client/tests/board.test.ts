import { describe, expect, it } from 'vitest'
import { applied, asMessage, emptyBoard, gliding, rebased, rise, type Board } from '../src/board/board'
import type { BoardBody } from '../src/shared/api'
import type { BoardRow, ServerBoard } from '../src/wire/messages'

const PLACE = { view: 'individuals', page: 1, delegation: '' } as const
const message = (members: Partial<ServerBoard>): ServerBoard => ({
  type: 'board',
  view: 'individuals',
  page: 1,
  delegation: '',
  version: 1,
  base: 0,
  full: true,
  total: 3,
  frozen: false,
  rows: [],
  gone: [],
  ...members,
})
const row = (key: number, rank: number, name = ''): BoardRow => [key, rank, rank, 1000 - rank, 5000, name, name && '220000']

function board(): Board {
  return applied(
    emptyBoard(PLACE),
    message({ version: 4, rows: [row(11, 1, '甲'), row(12, 2, '乙'), row(13, 3, '丙')] }),
  ) as Board
}
const keys = (value: Board | 'watch') => (value as Board).rows.map((one) => one.key)

describe('a board', () => {
  it('applies a delta to exactly its base: changed, joined and gone rows, names kept', () => {
    const next = applied(
      board(),
      message({ full: false, base: 4, version: 5, rows: [row(13, 1), row(11, 2), row(14, 3, '丁')], gone: [12] }),
    ) as Board
    expect(keys(next)).toEqual([13, 11, 14])
    expect(next.rows.map((one) => one.name)).toEqual(['丙', '甲', '丁'])
    expect(next.version).toBe(5)
  })

  it('asks anew when it has another version, and ignores older ones and other places', () => {
    expect(applied(board(), message({ full: false, base: 6, version: 7 }))).toBe('watch')
    expect(applied(emptyBoard(PLACE), message({ full: false, base: 6, version: 7 }))).toBe('watch')
    const now = board()
    expect(applied(now, message({ full: false, base: 2, version: 3 }))).toBe(now)
    expect(applied(now, message({ page: 2 }))).toBe(now)
    expect(applied(now, message({ view: 'delegations' }))).toBe(now)
  })

  it('is the same by deltas as by a full page', () => {
    const rows = [row(13, 1, '丙'), row(12, 2, '乙'), row(11, 3, '甲')]
    const byDelta = applied(board(), message({ full: false, base: 4, version: 5, rows: [row(13, 1), row(11, 3)] }))
    const byPage = applied(board(), message({ version: 5, rows }))
    expect(byDelta).toEqual(byPage)
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

  it('tells the change since the arrows were set to zero', () => {
    const next = applied(
      rebased(board()),
      message({ full: false, base: 4, version: 5, rows: [row(13, 1), row(11, 2), row(12, 3), row(14, 4, '丁')] }),
    ) as Board
    expect(next.rows.map(rise)).toEqual([2, -1, -1, 0])
  })

  it('keeps the arrow of a row that left the page and came back', () => {
    const left = applied(
      rebased(board()),
      message({ full: false, base: 4, version: 5, rows: [], gone: [13] }),
    ) as Board
    const back = applied(left, message({ full: false, base: 5, version: 6, rows: [row(13, 1, '丙')] })) as Board
    expect(back.rows.filter((one) => one.key === 13).map(rise)).toEqual([2])
  })

  it('tells no change from the start, where all share the first place', () => {
    const level = applied(emptyBoard(PLACE), message({ version: 4, rows: [row(11, 1, '甲'), row(12, 1, '乙')] })) as Board
    const next = applied(rebased(level), message({ full: false, base: 4, version: 5, rows: [row(12, 1), row(11, 2)] }))
    expect((next as Board).rows.map(rise)).toEqual([0, 0])
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
