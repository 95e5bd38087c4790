/** What each picture shows, in words and shares. */

export interface Line {
  key: string
  rank: string
  /** Ranks risen since the latest item; negative: fallen. */
  rise: number
  name: string
  /** Where one is from, or who is the best of a team. */
  from: string
  points: string
  elapsed: string
}

export interface BoardView {
  name: 'strip' | 'top10' | 'delegations' | 'province'
  heading: string
  title: string
  tag: string
  /** What is said where there is no row yet. */
  empty: string
  lines: Line[]
}

export interface Choice {
  id: string
  letter: string
  text: string
  /** Share of all answers, 0 to 1, and as text; null while it is not to be seen. */
  share: { part: number; text: string; count: string } | null
  right: boolean
}

/** A picture or a film of an item, with the room it takes in pixels of 1920×1080. */
export interface Shown {
  src: string
  film: boolean
  words: string
  width: number
  height: number
}

export interface ItemView {
  name: 'item'
  key: string
  heading: string
  kind: string
  stem: string
  shown: Shown[]
  choices: Choice[]
  /** The right answer in words, once it may be seen. */
  answer: string
  answered: string
  /** What stands in the countdown's place; empty: the time until `endsUs`. */
  instead: string
  /** Start of the countdown, for the bar; 0: no bar. */
  beganUs: number
  endsUs: number
}

export interface Side {
  name: string
  rank: string
  points: string
  elapsed: string
  best: string
  /** Share of both sides' points. */
  part: number
}

export interface VersusView {
  name: 'versus'
  heading: string
  tag: string
  ahead: string
  labels: { rank: string; elapsed: string; best: string }
  sides: [Side, Side]
}

export interface TickerView {
  name: 'ticker'
  heading: string
  lines: { id: string; text: string }[]
}

export interface RevealView {
  name: 'reveal'
  heading: string
  title: string
  progress: string
  lines: (Line & { awards: string })[]
  callOut: { award: string; holders: { name: string; from: string }[]; more: string } | null
}

export type SceneView = BoardView | ItemView | VersusView | TickerView | RevealView
