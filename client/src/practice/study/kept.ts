/**
 * What this device keeps: answers of a set that is not handed in yet, and the book of mistakes for reading without a line.
 * Everything is under the learner's number, and goes when they sign out or somebody else signs in here.
 */
import type { BookEntry } from './api'

const OWNER = 'leitai.practice.owner'
const BOOK = 'leitai.practice.book'
const DRAFT = 'leitai.practice.draft'
const MOST = 200

export interface KeptBook {
  keptAt: number
  entries: BookEntry[]
}

function read<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null') as T | null
  } catch {
    return null
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value))
  } catch {
    // A device that keeps nothing, or is full: the page works, only not without a line.
  }
}

/** Say who learns here; what another learner left is forgotten. */
export function owns(learner: number): void {
  if (read<number>(OWNER) === learner) return
  forgetAll()
  write(OWNER, learner)
}

/** Keep nothing of anybody: telephones are lent, and what is kept is read without signing in. */
export function forgetAll(): void {
  for (const name of [OWNER, BOOK, DRAFT]) forget(name)
}

function forget(name: string): void {
  try {
    localStorage.removeItem(name)
  } catch {
    // Nothing was kept.
  }
}

export function keepBook(entries: readonly BookEntry[], nowMs: number): void {
  write(BOOK, { keptAt: nowMs, entries: entries.slice(0, MOST) } satisfies KeptBook)
}

export const keptBook = () => read<KeptBook>(BOOK)

/** The responses of a set as they were left, or none. */
export function draftOf(set: number): string[][] {
  const draft = read<{ set: number; responses: string[][] }>(DRAFT)
  return draft?.set === set ? draft.responses : []
}

export function keepDraft(set: number, responses: readonly (readonly string[])[]): void {
  write(DRAFT, { set, responses })
}

export const forgetDraft = () => forget(DRAFT)
