import type { Row } from '../board/board'

/** schema/http/openapi.yaml: what of a reveal is shown. */
export interface Reveal {
  group: 'delegations' | 'individuals' | 'province'
  delegation: string
  of: number
  shown: number
  title: string
  /** The newest first. */
  rows: { rank: number; name: string; delegation: string; centipoints: number; elapsed_ms: number; awards: string[] }[]
  call_out: { award: string; holders: { name: string; delegation: string }[] } | null
}

export interface RevealBody {
  session: number
  edition: number
  reveal: Reveal | null
}

/** So many rows stand on a wall at once, and may glide. */
export const SHOWN = 12
export const HOLDERS = 12

/** What is held after an answer: one that was on its way while the director moved on changes nothing. */
export function newer(held: RevealBody | null, body: RevealBody): RevealBody {
  return held && held.session === body.session && body.edition <= held.edition ? held : body
}

/** The rows of the wall, the newest on top; each has a key of its own for as long as the page is open. */
export class RevealRows {
  private readonly keys = new Map<string, number>()

  of(reveal: Reveal): Row[] {
    return reveal.rows.slice(0, SHOWN).map((row, order) => {
      const who = `${reveal.group} ${row.rank} ${row.delegation} ${row.name}`
      const key = this.keys.get(who) ?? this.keys.size + 1
      this.keys.set(who, key)
      return {
        key,
        order,
        rank: row.rank,
        centipoints: row.centipoints,
        elapsedMs: row.elapsed_ms,
        name: row.name,
        delegation: row.delegation,
        baseRank: 0,
      }
    })
  }
}
