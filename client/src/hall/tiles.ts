/** The provinces as tiles, standing to each other about as they do on the map. Pure. */
import type { Delegation } from '../shared/api'
import type { DelegationParticipation } from '../shared/api'

export const COLUMNS = 7
const ROWS = 8

/** Codes of GB/T 2260 (660000: 新疆生产建设兵团), from north to south, each row from west to east. */
const MAP: readonly (readonly string[])[] = [
  ['', '', '', '', '', '', '230000'],
  ['650000', '660000', '', '', '150000', '', '220000'],
  ['', '620000', '640000', '140000', '130000', '110000', '210000'],
  ['', '630000', '610000', '410000', '370000', '120000', ''],
  ['540000', '510000', '500000', '420000', '340000', '320000', '310000'],
  ['', '530000', '520000', '430000', '360000', '330000', ''],
  ['', '', '450000', '440000', '350000', '', ''],
  ['', '', '', '460000', '', '', ''],
]

export interface Tile {
  readonly code: string
  readonly name: string
  readonly short: string
  /** From 1, as CSS grid counts. */
  readonly row: number
  readonly column: number
}

/** Every delegation on a tile of its own: on the map where it has a place there, else on the free ones from the top. */
export function tiles(delegations: readonly Delegation[]): Tile[] {
  const known = new Map<string, number>()
  const free: number[] = []
  MAP.forEach((line, row) =>
    line.forEach((code, column) => {
      if (code) known.set(code, row * COLUMNS + column)
      else free.push(row * COLUMNS + column)
    }),
  )
  let beyond = ROWS * COLUMNS
  return delegations.map(({ code, name, short }) => {
    const place = known.get(code) ?? free.shift() ?? beyond++
    return { code, name, short, row: Math.floor(place / COLUMNS) + 1, column: (place % COLUMNS) + 1 }
  })
}

/** What the tiles tell: who has checked in, who is connected now, or who has come at all. */
export type Measure = 'checked_in' | 'connected' | 'came'

export function measureOf(phase: string): Measure {
  if (phase === 'running' || phase === 'paused') return 'connected'
  return ['draft', 'scheduled', 'lobby', ''].includes(phase) ? 'checked_in' : 'came'
}

/** How strongly a tile is coloured: 0 nobody, then by quarters of the seats, 5 everybody. */
export function level(count: number, seats: number): number {
  if (seats <= 0 || count <= 0) return 0
  return count >= seats ? 5 : 1 + Math.floor((count / seats) * 4)
}

/** All delegations together. */
export function sum(rows: readonly DelegationParticipation[], measure: Measure): { count: number; seats: number } {
  return {
    count: rows.reduce((total, row) => total + row[measure], 0),
    seats: rows.reduce((total, row) => total + row.seats, 0),
  }
}
