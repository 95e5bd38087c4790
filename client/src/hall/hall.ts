/** What the hall's screen knows of the contest, and how messages change it. Pure. */
import { applied, emptyBoard, moved, rebased, type Board } from '../board/board'
import type { ItemWindow, ServerMessage, ServerProgress } from '../wire/messages'

/** Which of the two lines a message came by; each watches one board, and the first one's feed counts. */
export type Line = 'teams' | 'people'

export interface Hall {
  readonly phase: string
  readonly startUs: number
  readonly windows: readonly ItemWindow[]
  readonly progress: ServerProgress | null
  readonly teams: Board
  readonly people: Board
  /** Another item has opened: arrows start anew with the next change of each board. */
  readonly arrowsDue: { readonly teams: boolean; readonly people: boolean }
}

export function emptyHall(): Hall {
  return {
    phase: '',
    startUs: 0,
    windows: [],
    progress: null,
    teams: emptyBoard({ view: 'delegations', page: 1, delegation: '' }),
    people: emptyBoard({ view: 'individuals', page: 1, delegation: '' }),
    arrowsDue: { teams: false, people: false },
  }
}

/**
 * The hall after a message.
 *
 * @param codes the delegations' codes, in the order in which the contest lists them.
 * @returns 'watch' when a board's changes are missing in between and the page must be asked for anew.
 */
export function heard(hall: Hall, line: Line, message: ServerMessage, codes: readonly string[]): Hall | 'watch' {
  switch (message.type) {
    case 'board':
      return { ...hall, [line]: applied(hall[line], message) }
    case 'moves': {
      const before = hall.arrowsDue[line] ? rebased(hall[line]) : hall[line]
      const next = moved(before, message, codes)
      if (next === 'watch') return 'watch'
      if (next === before) return hall
      return { ...hall, [line]: next, arrowsDue: { ...hall.arrowsDue, [line]: false } }
    }
    default:
      return line === 'teams' ? told(hall, message) : hall
  }
}

function told(hall: Hall, message: ServerMessage): Hall {
  switch (message.type) {
    case 'snapshot':
      return { ...hall, phase: message.phase, startUs: message.start_us, windows: message.windows }
    case 'phase':
      return { ...hall, phase: message.phase, startUs: message.start_us }
    case 'timeline':
      return { ...hall, windows: message.windows }
    case 'progress':
      return message.item === hall.progress?.item
        ? { ...hall, progress: message }
        : { ...hall, progress: message, arrowsDue: { teams: true, people: true } }
    default:
      return hall
  }
}

export type Moment =
  /** Before the start; `untilUs` 0: the start is not set. */
  | { readonly kind: 'before'; readonly untilUs: number }
  | { readonly kind: 'item'; readonly item: number; readonly untilUs: number; readonly fromUs: number }
  | { readonly kind: 'next'; readonly item: number; readonly untilUs: number }
  /** The whole paper in one window. */
  | { readonly kind: 'paper'; readonly untilUs: number; readonly fromUs: number }
  /** It runs, and the windows have not come (yet). */
  | { readonly kind: 'running' }
  | { readonly kind: 'paused' }
  /** The last item has closed. */
  | { readonly kind: 'collected' }
  | { readonly kind: 'after' }
  | { readonly kind: 'final' }

/** What goes on at an instant of the contest's clock. */
export function momentAt(hall: Hall, paper: boolean, nowUs: number): Moment {
  switch (hall.phase) {
    case 'running': {
      if (hall.windows.length === 0) return { kind: 'running' }
      const open = hall.windows.find((window) => window.opens_at_us <= nowUs && nowUs < window.closes_at_us)
      if (open) {
        const span = { fromUs: open.opens_at_us, untilUs: open.closes_at_us }
        return paper ? { kind: 'paper', ...span } : { kind: 'item', item: open.item, ...span }
      }
      const next = hall.windows.find((window) => window.opens_at_us > nowUs)
      if (!next) return { kind: 'collected' }
      if (nowUs < hall.startUs) return { kind: 'before', untilUs: hall.startUs }
      return { kind: 'next', item: next.item, untilUs: next.opens_at_us }
    }
    case 'paused':
      return { kind: 'paused' }
    case 'closed':
    case 'under_review':
      return { kind: 'after' }
    case 'finalized':
      return { kind: 'final' }
    default:
      return { kind: 'before', untilUs: hall.startUs }
  }
}

/** Whether a board is frozen. */
export function isFrozen(hall: Hall): boolean {
  return hall.teams.frozen || hall.people.frozen
}
