/** What was written of questions and not saved: it outlives its form while the page does, for whoever wrote it. */
import { reactive } from 'vue'
import type { QuestionWords } from './bank'

export interface Draft {
  /** The version that it was to follow; 0 for a new question. */
  version: number
  words: QuestionWords
  tags: string
}

const drafts = reactive(new Map<string, Draft>())
const keyOf = (login: string, question: number) => `${login} ${question}`

/** Keep what was written of a question, 0 for a new one; null forgets it. */
export function keepDraft(login: string, question: number, draft: Draft | null): void {
  if (draft) drafts.set(keyOf(login, question), draft)
  else drafts.delete(keyOf(login, question))
}

export function draftOf(login: string, question: number): Draft | null {
  return drafts.get(keyOf(login, question)) ?? null
}

/** The questions of which somebody has something unsaved, 0 for a new one. */
export function unsaved(login: string): number[] {
  const own = [...drafts.keys()].filter((key) => key.slice(0, key.lastIndexOf(' ')) === login)
  return own.map((key) => Number(key.slice(key.lastIndexOf(' ') + 1))).sort((a, b) => a - b)
}

// The page goes, and they with it.
window.addEventListener('beforeunload', (event) => {
  if (drafts.size) event.preventDefault()
})
