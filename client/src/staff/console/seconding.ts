import type { CommandName, ConsoleBody } from '../api'

/** Whether a command is only asked for, and another has to confirm it: rules.seconding, as the server judges. */
export function needsSecond(seen: Pick<ConsoleBody, 'two_persons' | 'pacing'>, command: CommandName, item: number): boolean {
  if (!seen.two_persons) return false
  if (command === 'extend') return !item || seen.pacing === 'paper'
  return ['close', 'skip', 'finalize', 'thaw'].includes(command)
}
