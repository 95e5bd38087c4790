/** What a team's desk shows, from where the stage stands and what this device did. */
import type { LinkStatus } from '../shared/connection'
import type { ServerStage } from '../wire/stage'

export type DeskState =
  | 'offline'
  | 'waiting'
  | 'ended'
  | 'turn'
  | 'watching'
  | 'ready'
  | 'open'
  | 'sent'
  | 'first'
  | 'pressed'
  | 'locked'
  | 'right'
  | 'wrong'
  | 'over'

export interface Device {
  team: number
  link: LinkStatus
  /** The question whose opening was told to this device. */
  goFor: number
  /** The question for which a press is on its way or recorded. */
  pressedFor: number
}

/** Whether the button takes a press; before the opening that is a false start, and the desk says so. */
export function canPress(state: DeskState): boolean {
  return state === 'ready' || state === 'open'
}

export function deskState(view: ServerStage | null, device: Device, nowUs: number): DeskState {
  if (device.link !== 'live' || !view) return 'offline'
  if (view.state === 'ended') return 'ended'
  const question = view.question
  if (view.state === 'waiting' || !view.round || !question) return 'waiting'
  const verdict = question.verdicts.find((one) => one.team === device.team)
  if (verdict) return verdict.right ? 'right' : 'wrong'
  if (question.team) {
    if (question.over) return 'over'
    return question.team === device.team ? 'turn' : 'watching'
  }
  if (question.false_starts.includes(device.team)) return 'locked'
  if (question.answering === device.team) return 'first'
  if (question.over) return 'over'
  if (question.presses.some((one) => one.team === device.team)) return 'pressed'
  if (!view.round.contenders.includes(device.team)) return 'watching'
  if (device.pressedFor === question.question) return 'sent'
  if (!question.opens_at_us) return 'ready'
  // The instant itself is told by a frame; a device that came later goes by the clock.
  if (device.goFor !== question.question && nowUs < question.opens_at_us) return 'ready'
  return nowUs < question.closes_at_us ? 'open' : 'over'
}

/** The place of a team's press among those that count, from 1; 0: it has none. */
export function placeOf(view: ServerStage | null, team: number): number {
  return (view?.question?.presses.findIndex((one) => one.team === team) ?? -1) + 1
}
