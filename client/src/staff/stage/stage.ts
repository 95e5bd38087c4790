/** The bodies of schema/http/office.yaml for stage rounds, and what the console's keys do. */
import { filmOf, isFilm } from '../../stage/film'
import type { ItemMedia } from '../../wire/messages'
import type { ServerStage, StageQuestion } from '../../wire/stage'

export const STAGES = '/api/staff/stages'
export const KINDS = ['required', 'buzzer', 'risk', 'timed', 'sudden_death'] as const
export type Kind = (typeof KINDS)[number]

export interface StageLine {
  stage: number
  title: string
  state: 'draft' | 'running' | 'ended'
  teams: number
  questions: number
  created_us: number
}

export interface StageList {
  stages: StageLine[]
  modules: string[]
}

export interface StageSettings {
  base: number
  required: number
  required_penalty: number
  buzzer: number
  buzzer_penalty: number
  false_start_penalty: number
  buzzer_chances: number
  stakes: number[]
  timed: number
  timed_penalty: number
  answer_s: number
  buzzer_s: number
  timed_s: number
}

/** As rules.stage_events has them. */
export const DEFAULTS: StageSettings = {
  base: 10_000,
  required: 1_000,
  required_penalty: 0,
  buzzer: 1_000,
  buzzer_penalty: 1_000,
  false_start_penalty: 1_000,
  buzzer_chances: 1,
  stakes: [1_000, 2_000, 3_000],
  timed: 500,
  timed_penalty: 0,
  answer_s: 30,
  buzzer_s: 10,
  timed_s: 90,
}
export const FIGURES = ['base', 'required', 'required_penalty', 'buzzer', 'buzzer_penalty', 'false_start_penalty', 'timed', 'timed_penalty'] as const
export const SECONDS = ['answer_s', 'buzzer_s', 'timed_s'] as const

export interface StageText {
  type: string
  stem: string
  options?: { id: string; text: string }[]
  parts?: string[]
  media?: ItemMedia[]
}

export interface ScoreLine {
  seq: number
  at_us: number
  actor: string
  team: number
  centipoints: number
  why: 'right' | 'wrong' | 'false_start' | 'award'
  question: number
  reason: string
}

export interface StageConsoleBody {
  stage: number
  state: 'draft' | 'running' | 'ended'
  server_us: number
  codes: number
  settings: StageSettings
  rounds: { round: number; kind: Kind; title: string; questions: number; begun: boolean }[]
  view: ServerStage
  next_question: number
  coming: StageText | null
  key: { options: string[]; texts: string[][]; explanation: string } | null
  presses: { team: number; stamp_us: number; elapsed_us: number }[]
  lines: ScoreLine[]
  most_from_one: number
}

export interface StageCode {
  team: number
  name: string
  code: string
}

/** A plan as it was asked for. */
export interface StagePlan {
  title: string
  teams: string[]
  rounds: { kind: Kind; title: string; questions: number[]; draw: number; module: string }[]
  settings: StageSettings
}

export interface PlanHeld {
  edition: number
  plan: StagePlan
}

export type RunAct = { act: string; [member: string]: unknown }

const KEYS = { n: 'next', b: 'buzzer', r: 'right', w: 'wrong', v: 'reveal', z: 'undo', t: 'timer', p: 'film' } as const
export type KeyAct = (typeof KEYS)[keyof typeof KEYS]

/** What a key does on the console; nothing while somebody types, or with another key held. */
export function keyAct(event: Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'repeat' | 'target'>): KeyAct | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) return null
  const target = event.target as HTMLElement | null
  if (target?.closest?.('input, textarea, select, [role="dialog"], [contenteditable]')) return null
  return KEYS[event.key.toLowerCase() as keyof typeof KEYS] ?? null
}

/** Playing or pausing a film of the question, by its place in `media`; one that has come to its end begins again. */
export function filmAct(question: StageQuestion, place: number, over: boolean): RunAct {
  const film = filmOf(question, question.media[place - 1]?.address ?? '')
  const playing = !film?.playing || over
  return { act: 'film', question: question.question, film: place, playing, from_start: playing && over }
}

/** The place of the film that a key is about: the one that was played last, or the first; 0: the question shows none. */
export const filmPlace = (question: StageQuestion) => question.film?.film ?? question.media.findIndex(isFilm) + 1

/** Which acts make sense now; the server judges each again. */
export function legal(body: StageConsoleBody): Record<KeyAct, boolean> {
  const { view } = body
  const round = view.round
  const question = view.question
  const live = body.state === 'running' && view.state === 'running'
  const buzzed = round?.kind === 'buzzer' || round?.kind === 'sudden_death'
  const staked = round?.kind !== 'risk' || (round?.stake ?? 0) > 0
  const runs = round?.kind !== 'timed' || (round?.running ?? 0) > 0
  return {
    next: live && body.next_question > 0 && staked && runs && (!buzzed || (round?.contenders.length ?? 0) > 1),
    buzzer: live && buzzed && !!question && !question.opens_at_us && !question.over,
    right: live && !!question?.answering,
    wrong: live && !!question?.answering,
    reveal: live && !!question && !question.revealed,
    undo: live && body.lines.length > 0,
    timer: live && !!round,
    film: live && !!question?.media.some(isFilm),
  }
}
