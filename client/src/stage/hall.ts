/** What the hall's screen says of each team and of the moment. */
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

/** Teams in the order of their ranks; equals in the order of their desks. */
export function ranked(view: ServerStage): StageTeam[] {
  return [...view.teams].sort((one, other) => one.rank - other.rank || one.team - other.team)
}
