/** The ceremony: what of a draw is shown at a moment, and where the next move leads. */

export type Manner = 'overview' | 'one_by_one' | 'all'

export interface Showing {
  /** Counts the moves; 0 before the first. */
  edition: number
  /** Empty in `overview`. */
  province: string
  manner: Manner
  at_us: number
}

export interface Place {
  province: string
  manner: Manner
}

export type Step = 'next' | 'previous' | 'all'

/** One name after the other, so long apart. */
export const NAME_US = 700_000

export const NOTHING: Showing = { edition: 0, province: '', manner: 'overview', at_us: 0 }

/** How many of a province's names are to be seen. */
export function namesShown(showing: Showing, nowUs: number, names: number): number {
  if (showing.manner !== 'one_by_one') return names
  return Math.max(0, Math.min(names, Math.floor((nowUs - showing.at_us) / NAME_US) + 1))
}

/** The provinces whose names have been shown whole; `left` is how many names of the present one are not to be seen yet. */
export function revealed(order: string[], showing: Showing, left: number): Set<string> {
  if (showing.manner === 'overview') return new Set(showing.edition ? order : [])
  const at = order.indexOf(showing.province)
  const whole = showing.manner === 'all' || left === 0
  return new Set(order.slice(0, whole ? at + 1 : at))
}

/** Where a move leads; null where there is nothing beyond. */
export function moved(order: string[], showing: Pick<Showing, 'edition' | 'province' | 'manner'>, step: Step): Place | null {
  const at = order.indexOf(showing.province)
  if (showing.manner === 'overview') {
    if (step === 'previous' && showing.edition) return { province: order[order.length - 1]!, manner: 'all' }
    return step === 'next' && !showing.edition ? { province: order[0]!, manner: 'one_by_one' } : null
  }
  if (step === 'all') return { province: showing.province, manner: 'all' }
  if (step === 'previous') return at > 0 ? { province: order[at - 1]!, manner: 'all' } : null
  const next = order[at + 1]
  return next ? { province: next, manner: 'one_by_one' } : { province: '', manner: 'overview' }
}

/** Somebody who was drawn: `no` is the place in the published list. */
export interface Drawn {
  id: string
  no: string
  name: string
}

/** Whom an id of the record (`007 姓名`) names. */
export function drawnOf(id: string): Drawn {
  const at = id.indexOf(' ')
  return { id, no: id.slice(0, at), name: id.slice(at + 1) }
}
