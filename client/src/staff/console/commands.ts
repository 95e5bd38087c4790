/** What may be commanded in a session's phase, and what its large clock counts to: decided without a page. */
import type { CommandName, ConsoleBody, ConsoleItem } from '../api'

const IN_PHASE: Record<string, CommandName[]> = {
  scheduled: ['lobby', 'start'],
  lobby: ['start', 'extend'],
  running: ['pause', 'extend', 'close'],
  paused: ['resume', 'close'],
  closed: ['review'],
  under_review: ['finalize'],
}
const FREEZABLE = ['running', 'paused', 'closed', 'under_review']

/** The step that leads on from a phase. While the session runs it goes on by itself. */
const NEXT: Record<string, CommandName> = {
  scheduled: 'lobby',
  lobby: 'start',
  paused: 'resume',
  closed: 'review',
  under_review: 'finalize',
  finalized: 'thaw',
}

/** How a command's button stands out: as the next step, as one that cuts the contest short, or not at all. */
export function emphasis(command: CommandName, phase: string): 'primary' | 'danger' | 'default' {
  if (NEXT[phase] === command) return 'primary'
  return command === 'close' ? 'danger' : 'default'
}

/** A command that waits for a yes. */
export interface CommandWish {
  command: CommandName
  item: number
  seconds: number
  /** The edition that was seen when the question was put. */
  expects: string
  /** Of another's request that is confirmed; 0: it is one's own wish. */
  request: number
}

export interface CommandRights {
  conduct: boolean
  finalize: boolean
  freeze: boolean
}

/** The commands for the session as a whole, in the order of their buttons. */
export function possible(seen: Pick<ConsoleBody, 'phase' | 'frozen_us'>, rights: CommandRights): CommandName[] {
  const commands = (IN_PHASE[seen.phase] ?? []).filter((one) => (one === 'finalize' ? rights.finalize : rights.conduct))
  if (!rights.freeze) return commands
  if (seen.frozen_us) return [...commands, 'thaw']
  return FREEZABLE.includes(seen.phase) ? [...commands, 'freeze'] : commands
}

/** Whether an item may still be left out: it is some seconds away, so that the command comes in time. */
export function skippable(item: Pick<ConsoleItem, 'state' | 'opens_at_us'>, nowUs: number): boolean {
  return item.state === 'waiting' && item.opens_at_us > nowUs + 2_000_000
}

export type Moment =
  | { kind: 'starts' | 'ends'; inUs: number }
  | { kind: 'closes' | 'opens'; item: number; inUs: number }
  | { kind: 'paused' }

type Timed = Pick<ConsoleBody, 'phase' | 'pacing' | 'start_us' | 'ends_at_us' | 'items'>

/** What comes next by the contest's clock; null when nothing does. */
export function upcoming(seen: Timed, nowUs: number): Moment | null {
  if (['scheduled', 'lobby'].includes(seen.phase)) return { kind: 'starts', inUs: seen.start_us - nowUs }
  if (seen.phase === 'paused') return { kind: 'paused' }
  if (seen.phase !== 'running') return null
  if (seen.pacing === 'paper') return { kind: 'ends', inUs: seen.ends_at_us - nowUs }
  const open = seen.items.find((one) => one.opens_at_us && one.opens_at_us <= nowUs && nowUs < one.closes_at_us)
  if (open) return { kind: 'closes', item: open.item, inUs: open.closes_at_us - nowUs }
  const coming = seen.items.find((one) => one.opens_at_us > nowUs)
  return coming ? { kind: 'opens', item: coming.item, inUs: coming.opens_at_us - nowUs } : null
}
