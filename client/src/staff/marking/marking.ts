/** What a judge marks, as the server tells it (schema/http/office.yaml), and what follows from it. Pure. */

export interface MarkingProgress {
  item: number
  type: string
  unmarked: number
  one: number
  differing: number
  settled: number
}

export interface MarkingItem {
  item: number
  type: string
  stem: string
  parts: { text: string; reference: string[]; centipoints: number }[]
}

export interface MarkingAnswer {
  id: string
  item: number
  response: string[]
}

export interface MarkingQueue {
  session: number
  phase: string
  waiting: number
  answers: MarkingAnswer[]
  items: MarkingItem[]
  progress: { session: number; phase: string; difference_percent: number; items: MarkingProgress[] }
}

/** A mark on its way: kept until the server has it. */
export interface Unsent {
  id: string
  centipoints: number[]
}

export interface Marking {
  session: number
  waiting: number
  /** Answers at hand, the first is the one to mark. */
  answers: MarkingAnswer[]
  items: MarkingItem[]
  progress: MarkingProgress[]
  difference: number
  /** Marks that the server has not taken yet, in the order they were given. */
  unsent: Unsent[]
  /** Answers that were marked on this page: they never come back from a queue that was asked for before. */
  done: string[]
}

export const NOTHING: Marking = {
  session: 0,
  waiting: 0,
  answers: [],
  items: [],
  progress: [],
  difference: 0,
  unsent: [],
  done: [],
}

/** Take a queue in. The answer at hand stays, whatever became of it elsewhere: whoever reads it is not interrupted. */
export function stocked(state: Marking, body: MarkingQueue): Marking {
  const before = state.session === body.session ? state : { ...NOTHING, unsent: state.unsent, done: state.done }
  const gone = new Set([...before.done, ...before.unsent.map((one) => one.id)])
  const current = before.answers.slice(0, 1)
  const next = body.answers.filter((one) => !gone.has(one.id) && one.id !== current[0]?.id)
  const answers = [...current, ...next]
  const known = new Map([...before.items, ...body.items].map((one) => [one.item, one]))
  return {
    ...before,
    session: body.session,
    waiting: Math.max(0, body.waiting - before.unsent.length),
    answers,
    items: [...known.values()].filter((one) => answers.some((answer) => answer.item === one.item)),
    progress: body.progress.items,
    difference: body.progress.difference_percent,
  }
}

/** Give the answer at hand its points: the next one is there at once, the mark goes its way. */
export function given(state: Marking, centipoints: number[]): Marking {
  const [current, ...answers] = state.answers
  if (!current) return state
  const unsent = [...state.unsent, { id: current.id, centipoints }]
  return { ...state, answers, unsent, done: [...state.done, current.id], waiting: Math.max(0, state.waiting - 1) }
}

/** Put an answer behind the others at hand, to be marked later. */
export function passed(state: Marking): Marking {
  const [current, ...answers] = state.answers
  return current && answers.length ? { ...state, answers: [...answers, current] } : state
}

/** A mark needs no more sending: it was taken, or it was refused for good. */
export function settled(state: Marking, id: string): Marking {
  return { ...state, unsent: state.unsent.filter((one) => one.id !== id) }
}

/** Centipoints of what was typed, or null when it is no number of points up to `most`. */
export function parsed(text: string, most: number): number | null {
  const typed = text.trim().replace(/[，。,]/, '.')
  if (!/^\d{1,4}(\.\d{0,2})?$/.test(typed)) return null
  const centipoints = Math.round(Number(typed) * 100)
  return centipoints <= most ? centipoints : null
}

/** Points as they are typed: `250` → `2.5`. */
export function typed(centipoints: number): string {
  return String(centipoints / 100)
}

/** How far all of it is. */
export function total(progress: readonly MarkingProgress[]): { settled: number; all: number } {
  const settledOnes = progress.reduce((sum, one) => sum + one.settled, 0)
  const others = progress.reduce((sum, one) => sum + one.unmarked + one.one + one.differing, 0)
  return { settled: settledOnes, all: settledOnes + others }
}
