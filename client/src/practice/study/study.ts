/** What a set says and what is picked in it, without a page around it. */
import type { HomeBody, Item, Option, QuestionType, SetBody, Topic } from './api'

export const TYPES: readonly QuestionType[] = ['single', 'multiple', 'indeterminate', 'true_false', 'fill_in']

/** Whether one option takes the place of another. */
export const picksOne = (type: QuestionType) => type === 'single' || type === 'true_false'

/** What is picked after an option was touched, in the order of the options. */
export function picked(item: Pick<Item, 'type' | 'options'>, before: readonly string[], option: string): string[] {
  if (picksOne(item.type)) return [option]
  const chosen = new Set(before)
  if (!chosen.delete(option)) chosen.add(option)
  return item.options.map((one) => one.id).filter((id) => chosen.has(id))
}

/** What is typed after a blank was changed. */
export function typed(item: Pick<Item, 'blanks'>, before: readonly string[], blank: number, text: string): string[] {
  return Array.from({ length: item.blanks }, (_, place) => (place === blank ? text : (before[place] ?? '')))
}

/** Whether there is something to hand in. */
export const isAnswered = (response: readonly string[] | undefined) => (response ?? []).some((one) => one.trim() !== '')

/** An answer that is whole: every blank has something in it. */
export function isWhole(item: Pick<Item, 'type' | 'blanks'>, response: readonly string[]): boolean {
  if (item.type !== 'fill_in') return response.length > 0
  return response.length === item.blanks && response.every((one) => one.trim() !== '')
}

type Words = (key: string, named?: Record<string, unknown>) => string

interface Told {
  type: QuestionType
  options: readonly string[]
  blanks: readonly (readonly string[])[]
}

/** The right answer in words: letters, right or wrong, or what each blank accepts. */
export function rightWords(t: Words, told: Told): string {
  if (told.type === 'true_false') return told.options.map((one) => t(`truth.${one}`)).join(t('common.listJoin'))
  if (told.type !== 'fill_in') return told.options.join(t('common.listJoin'))
  return told.blanks
    .map((alternatives, place) => {
      const either = alternatives.join(t('study.or'))
      return told.blanks.length > 1 ? t('study.blankIs', { n: place + 1, text: either }) : either
    })
    .join(t('study.blankJoin'))
}

/** An option as it is shown: true and false are said in the reader's language. */
export const optionWords = (t: Words, type: QuestionType, option: Option) =>
  type === 'true_false' ? t(`truth.${option.id}`) : option.text

/** A set with the star of a question set or taken away. */
export const marked = (set: SetBody, question: number, on: boolean): SetBody => ({
  ...set,
  items: set.items.map((item) => (item.question === question ? { ...item, bookmarked: on } : item)),
})

export type OptionState = '' | 'picked' | 'right' | 'wrong'

/** How an option looks: what is picked, and once that is told, what is right and what was picked wrongly. */
export function stateOf(chosen: boolean, right: boolean, told: boolean): OptionState {
  if (!told) return chosen ? 'picked' : ''
  if (right) return 'right'
  return chosen ? 'wrong' : ''
}

/** The place of the first question without an answer; −1 when all have one. */
export const nextOpen = (set: SetBody) => set.items.findIndex((item) => item.result === null)

export interface ModuleRow {
  module: string
  released: number
  known: number
  due: number
  topics: Topic[]
}

/** Topics by module, in the syllabus' order. */
export function byModule(home: HomeBody): ModuleRow[] {
  const rows = new Map<string, ModuleRow>()
  for (const topic of home.topics) {
    const row = rows.get(topic.module) ?? { module: topic.module, released: 0, known: 0, due: 0, topics: [] }
    row.released += topic.released
    row.known += topic.known
    row.due += topic.due
    row.topics.push(topic)
    rows.set(topic.module, row)
  }
  return [...rows.values()]
}

/** What is left of a set by the server's clock; `fetchedMs` is when the body came, `nowMs` now, on this device's clock. */
export function leftUs(set: Pick<SetBody, 'expires_us' | 'server_us'>, fetchedMs: number, nowMs: number): number {
  return set.expires_us - set.server_us - Math.max(0, nowMs - fetchedMs) * 1000
}
