import { describe, expect, it } from 'vitest'
import { emptyHall, heard, isFrozen, momentAt, type Hall } from '../src/hall/hall'
import { newer, RevealRows, SHOWN, type Reveal, type RevealBody } from '../src/hall/reveal'
import { COLUMNS, level, measureOf, sum, tiles } from '../src/hall/tiles'
import type { ServerBoard, ServerMessage } from '../src/wire/messages'

const PROVINCES =
  '110000 120000 130000 140000 150000 210000 220000 230000 310000 320000 330000 340000 350000 360000 370000 410000 420000 430000 440000 450000 460000 500000 510000 520000 530000 540000 610000 620000 630000 640000 650000 660000'.split(
    ' ',
  )
const delegation = (code: string) => ({ code, name: `${code}代表队`, short: code.slice(0, 2), members: 50 })
const places = (codes: readonly string[]) => new Map(tiles(codes.map(delegation)).map((tile) => [tile.code, tile]))

describe('the tiles', () => {
  it('gives each of the 32 delegations a place of its own within seven columns', () => {
    const found = [...places(PROVINCES).values()]
    expect(new Set(found.map((tile) => `${tile.row} ${tile.column}`)).size).toBe(32)
    expect(found.every((tile) => tile.column <= COLUMNS && tile.row <= 8)).toBe(true)
  })

  it('stands as the map does', () => {
    const at = places(PROVINCES)
    expect(at.get('230000')!.row).toBeLessThan(at.get('220000')!.row)
    expect(at.get('220000')!.row).toBeLessThan(at.get('210000')!.row)
    expect(at.get('460000')!.row).toBe(8)
    expect(at.get('650000')!.column).toBeLessThan(at.get('620000')!.column)
    expect(at.get('310000')!.column).toBeGreaterThan(at.get('420000')!.column)
  })

  it('finds a free place for delegations that the map does not know, as many as come', () => {
    const strangers = Array.from({ length: 40 }, (_, number) => `9${String(number).padStart(5, '0')}`)
    const found = [...places([...PROVINCES, ...strangers]).values()]
    expect(new Set(found.map((tile) => `${tile.row} ${tile.column}`)).size).toBe(72)
  })

  it('colours by quarters of the seats', () => {
    expect([0, 1, 12, 13, 25, 38, 49, 50].map((count) => level(count, 50))).toEqual([0, 1, 1, 2, 3, 4, 4, 5])
    expect(level(0, 0)).toBe(0)
  })

  it('tells what matters in each phase', () => {
    expect(['scheduled', 'lobby', 'running', 'paused', 'closed', 'finalized'].map(measureOf)).toEqual([
      'checked_in',
      'checked_in',
      'connected',
      'connected',
      'came',
      'came',
    ])
    const row = { code: '110000', seats: 50, came: 49, connected: 40, checked_in: 45 }
    expect(sum([row, row], 'connected')).toEqual({ count: 80, seats: 100 })
  })
})

const board = (members: Partial<ServerBoard>): ServerBoard => ({
  type: 'board',
  view: 'individuals',
  page: 1,
  delegation: '',
  number: 7,
  version: 4,
  total: 2,
  frozen: false,
  rows: [
    [11, 1, 1, 900, 5000, '甲', '110000'],
    [12, 2, 2, 800, 5000, '乙', '120000'],
  ],
  ...members,
})
const told = (hall: Hall, line: 'teams' | 'people', ...messages: ServerMessage[]): Hall =>
  messages.reduce((now, message) => heard(now, line, message, PROVINCES) as Hall, hall)
const moves = (base: number): ServerMessage => ({
  type: 'moves',
  number: 7,
  version: base + 1,
  base,
  order: [1, 0],
  entrants: [],
  gain: 0,
  centipoints: [200, 0],
  elapsed_ms: [],
  tied: [],
  rank: 0,
})
const progress = (item: number): ServerMessage => ({ type: 'progress', item, answered: 3, connected: 9, total: 10 })

describe('what is heard', () => {
  it('keeps two boards, each from its own line', () => {
    const teams = board({ view: 'delegations', rows: [[110000, 1, 1, 9000, 1, '北京', '110000']] })
    const hall = told(told(emptyHall(), 'teams', teams), 'people', board({}))
    expect([hall.teams.rows.length, hall.people.rows.length]).toEqual([1, 2])
  })

  it('moves a board, and asks for it anew when something is missing', () => {
    const hall = told(emptyHall(), 'people', board({}), moves(4))
    expect(hall.people.rows.map((row) => row.name)).toEqual(['乙', '甲'])
    expect(heard(hall, 'people', moves(9), PROVINCES)).toBe('watch')
  })

  it('starts the arrows anew with the first change after another item has opened', () => {
    const hall = told(emptyHall(), 'people', board({}), moves(4))
    const opened = told(hall, 'teams', progress(2))
    expect(opened.arrowsDue).toEqual({ teams: true, people: true })
    const next = told(opened, 'people', moves(5))
    expect(next.people.rows.map((row) => row.baseRank)).toEqual([2, 1])
    expect(next.arrowsDue).toEqual({ teams: true, people: false })
  })

  it('takes the feed from one line only', () => {
    const phase: ServerMessage = { type: 'phase', offset: 3, phase: 'running', start_us: 100 }
    expect(told(emptyHall(), 'people', phase).phase).toBe('')
    expect(told(emptyHall(), 'teams', phase).phase).toBe('running')
  })

  it('says that it is frozen when either board is', () => {
    expect(isFrozen(emptyHall())).toBe(false)
    expect(isFrozen(told(emptyHall(), 'people', board({ frozen: true })))).toBe(true)
  })
})

describe('what goes on', () => {
  const windows = [
    { item: 1, opens_at_us: 100, closes_at_us: 200 },
    { item: 2, opens_at_us: 230, closes_at_us: 330 },
  ]
  const running: Hall = { ...emptyHall(), phase: 'running', startUs: 100, windows }

  it('counts down to the start by the contest’s clock', () => {
    expect(momentAt({ ...running, phase: 'lobby' }, false, 50)).toEqual({ kind: 'before', untilUs: 100 })
    expect(momentAt(running, false, 99)).toEqual({ kind: 'before', untilUs: 100 })
  })

  it('knows the open item, and the gap between two, to the microsecond', () => {
    expect(momentAt(running, false, 100)).toMatchObject({ kind: 'item', item: 1, untilUs: 200 })
    expect(momentAt(running, false, 199)).toMatchObject({ kind: 'item', item: 1 })
    expect(momentAt(running, false, 200)).toEqual({ kind: 'next', item: 2, untilUs: 230 })
    expect(momentAt(running, false, 329)).toMatchObject({ kind: 'item', item: 2 })
    expect(momentAt(running, false, 330)).toEqual({ kind: 'collected' })
  })

  it('counts down to the collection of a whole paper', () => {
    expect(momentAt(running, true, 150)).toEqual({ kind: 'paper', fromUs: 100, untilUs: 200 })
  })

  it('stands still in a pause, and is calm afterwards', () => {
    const kinds = ['paused', 'closed', 'under_review', 'finalized'].map(
      (phase) => momentAt({ ...running, phase }, false, 150).kind,
    )
    expect(kinds).toEqual(['paused', 'after', 'after', 'final'])
    expect(momentAt({ ...running, windows: [] }, false, 150)).toEqual({ kind: 'running' })
  })
})

describe('the reveal', () => {
  const row = (rank: number) => ({ rank, name: `选手${rank}`, delegation: '110000', centipoints: 100, elapsed_ms: 1, awards: [] })
  const reveal = (...ranks: number[]): Reveal => ({
    group: 'individuals',
    delegation: '',
    of: 50,
    shown: ranks.length,
    title: '个人',
    rows: ranks.map(row),
    call_out: null,
  })

  it('keeps a row the same while others come on top, and when the director goes back', () => {
    const rows = new RevealRows()
    const [third] = rows.of(reveal(3))
    const after = rows.of(reveal(2, 3))
    expect(after.map((one) => [one.rank, one.order])).toEqual([[2, 0], [3, 1]])
    expect(after[1]!.key).toBe(third!.key)
    expect(after[0]!.key).not.toBe(third!.key)
    expect(rows.of(reveal(3))[0]!.key).toBe(third!.key)
    expect(rows.of(reveal(...Array.from({ length: 40 }, (_, place) => place + 1)))).toHaveLength(SHOWN)
  })

  it('does not go back to an answer that was on its way', () => {
    const body = (edition: number, session = 7): RevealBody => ({ session, edition, reveal: null })
    const held = newer(newer(null, body(3)), body(2))
    expect(held.edition).toBe(3)
    expect(newer(held, body(1, 8)).session).toBe(8)
  })
})
