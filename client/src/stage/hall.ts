/** What the hall's screen says of each team and of the moment, and what room it has for what a question shows. */
import type { ItemMedia } from '../wire/messages'
import type { ServerStage, StageTeam } from '../wire/stage'

export type TeamMark = '' | 'answering' | 'turn' | 'right' | 'wrong' | 'locked' | 'pressed'

export interface Tile extends StageTeam {
  mark: TeamMark
  /** The place of its press, from 1. */
  place: number
}

export function tiles(view: ServerStage): Tile[] {
  const question = view.question
  return view.teams.map((team) => {
    const place = (question?.presses.findIndex((one) => one.team === team.team) ?? -1) + 1
    return { ...team, place, mark: markOf(view, team.team, place) }
  })
}

function markOf(view: ServerStage, team: number, place: number): TeamMark {
  const question = view.question
  if (!question) return view.round?.turn === team ? 'turn' : ''
  const verdict = question.verdicts.find((one) => one.team === team)
  if (verdict) return verdict.right ? 'right' : 'wrong'
  if (question.answering === team) return 'answering'
  if (question.false_starts.includes(team)) return 'locked'
  return place > 0 ? 'pressed' : ''
}

export type Moment = 'ask' | 'ready' | 'open' | 'first' | 'answering' | 'right' | 'wrong' | 'over' | 'revealed' | 'turn' | 'none'

/** What goes on, for the line under the question. `isOpen`: the opening was told, or its instant has come. */
export function momentOf(view: ServerStage, isOpen: boolean, nowUs: number): Moment {
  const question = view.question
  if (!view.round) return 'none'
  if (!question) return view.round.turn ? 'turn' : 'ready'
  if (question.revealed) return 'revealed'
  const verdict = question.verdicts[question.verdicts.length - 1]
  if (verdict && !question.answering) return verdict.right ? 'right' : 'wrong'
  if (question.answering) return question.team ? 'answering' : 'first'
  if (question.over) return 'over'
  if (!question.opens_at_us || !isOpen) return 'ask'
  return nowUs < question.closes_at_us ? 'open' : 'over'
}

const MOST_ACROSS = 1060
const APART = 24
/** Of teams in one row under what is shown. */
export const IN_A_ROW = 6

/**
 * The column in which a question's pictures and films stand, and how high each may be, as CSS lengths for 1920×1080.
 * One is as large as the text beside it lets it be; two stand above each other, more in two columns. A film that runs has
 * the room of everything but the line under it.
 */
export function shownRoom(media: readonly ItemMedia[], teams: number, filming: boolean): { width: string; height: string } {
  const all = filming ? 720 : teams > IN_A_ROW ? 510 : 600
  const columns = media.length > 2 ? 2 : 1
  const rows = filming ? 1 : Math.max(1, Math.ceil(media.length / columns))
  const height = Math.floor((all - APART * (rows - 1)) / rows)
  const widest = Math.max(0, ...media.map((one) => height * (one.width ? one.width / one.height : 16 / 9)))
  const width = Math.min(MOST_ACROSS, Math.ceil(widest * columns + APART * (columns - 1)))
  return { width: `calc(${width} * var(--u))`, height: `calc(${height} * var(--u))` }
}

/** Teams in the order of their ranks; equals in the order of their desks. */
export function ranked(view: ServerStage): StageTeam[] {
  return [...view.teams].sort((one, other) => one.rank - other.rank || one.team - other.team)
}
