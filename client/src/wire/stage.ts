// Made by scripts/generate-wire.mjs from schema/wire/stage.schema.json; do not edit.

import type { ClientHello, ClientProbe, ItemOption, ItemMedia, ServerClock, ServerError, ServerBye } from './messages'

/**
 * The button of a desk. `question` is the one that it shows; `seq` is new with every press of this desk, and a press is sent again with its own until `pressed` comes: it is recorded once.
 */
export interface ClientPress {
  type: 'press'
  question: number
  seq: number
}

/**
 * Answers `hello`: whose desk this is, `team` 0 for a screen.
 */
export interface ServerStageWelcome {
  type: 'stage_welcome'
  stage: number
  team: number
  server_us: number
  resume_min_ms: number
}

/**
 * Where the stage stands, whole; a greater `version` is newer. `state` is `waiting`, `running` or `ended`.
 */
export interface ServerStage {
  type: 'stage'
  version: number
  state: string
  title: string
  teams: StageTeam[]
  timer_ends_us: number
  round: StageRound | null
  question: StageQuestion | null
  vote: StageVote | null
  last: StageLast | null
}

/**
 * A team and how it stands; `decider` is what it won in sudden deaths.
 */
export interface StageTeam {
  team: number
  name: string
  centipoints: number
  rank: number
  decider: number
  connected: boolean
}

/**
 * The round that goes on: `required`, `buzzer`, `risk`, `timed` or `sudden_death`.
 */
export interface StageRound {
  round: number
  kind: string
  title: string
  questions: number
  asked: number
  turn: number
  running: number
  stake: number
  contenders: number[]
}

/**
 * The question that is shown. `key`, `texts` and `explanation` stay empty until it is revealed. `media`: what it shows, in its order; a film stands still until the director plays it.
 */
export interface StageQuestion {
  question: number
  team: number
  stake: number
  type: string
  stem: string
  options: ItemOption[]
  parts: string[]
  opens_at_us: number
  closes_at_us: number
  presses: StagePress[]
  false_starts: number[]
  answering: number
  verdicts: StageVerdict[]
  over: boolean
  revealed: boolean
  key: string[]
  texts: string[][]
  explanation: string
  media: ItemMedia[]
  film: StageFilm | null
}

/**
 * A press that counts; `behind_us` is its distance to the first.
 */
export interface StagePress {
  team: number
  stamp_us: number
  behind_us: number
}

/**
 * What a judge found of a team's answer.
 */
export interface StageVerdict {
  team: number
  right: boolean
}

/**
 * The film that the director plays: at `at_us` of the stage's clock it had run `from_us`, and has run on since then if it is `playing`. `film` is its place in `media`, from 1. It may be over meanwhile: the server does not know how long films are.
 */
export interface StageFilm {
  film: number
  playing: boolean
  at_us: number
  from_us: number
}

/**
 * A vote of the audience; `code` leads to it while it is open.
 */
export interface StageVote {
  vote: number
  title: string
  choices: string[]
  counts: number[]
  open: boolean
  code: string
}

/**
 * The last change of points: `right`, `wrong`, `false_start` or `award`.
 */
export interface StageLast {
  seq: number
  team: number
  centipoints: number
  why: string
}

/**
 * The buzzer is open: written at the instant of the opening, to desks before screens, in an order drawn anew.
 */
export interface ServerGo {
  type: 'go'
  question: number
}

/**
 * The press is recorded, durably; what it is worth is told by `stage`. `elapsed_us` is negative when it was not measured.
 */
export interface ServerPressed {
  type: 'pressed'
  question: number
  seq: number
  stamp_us: number
  elapsed_us: number
}

export type StageClientMessage = ClientHello | ClientProbe | ClientPress

export type StageServerMessage = ServerStageWelcome | ServerStage | ServerGo | ServerPressed | ServerClock | ServerError | ServerBye

/** Members that a server message may leave out, by its `type`. */
export const serverDefaults: Record<string, () => Record<string, unknown>> = {
  stage: () => ({ timer_ends_us: 0, round: null, question: null, vote: null, last: null }),
  error: () => ({ retry: false, item: 0, seq: 0 }),
}
