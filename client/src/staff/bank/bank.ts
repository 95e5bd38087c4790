/** The bodies of the question bank (schema/http/office.yaml), and what its pages work out by themselves. */

export interface CasePart {
  text: string
  reference: string
}

export interface QuestionWords {
  type: string
  stem: string
  options: string[]
  right: string[]
  blanks: string[][]
  reference: string
  parts: CasePart[]
  explanation: string
  difficulty: number
  module: string
  point: number
  point_name: string
  tags: string[]
}

export interface QuestionFound {
  question: number
  version: number
  state: string
  usable: number
  type: string
  stem: string
  difficulty: number
  module: string
  point: string
  author: string
  at_us: number
}

export interface QuestionsBody {
  rows: QuestionFound[]
  total: number
  more: boolean
  page: number
  size: number
}

export interface QuestionVersion {
  version: number
  state: string
  author: string
  author_name: string
  at_us: number
  imported_from: string
  words: QuestionWords
}

export interface QuestionAct {
  version: number
  move: string
  actor: string
  actor_name: string
  reason: string
  at_us: number
}

export interface QuestionComment {
  comment: number
  version: number
  author: string
  author_name: string
  text: string
  at_us: number
}

export interface QuestionBody {
  question: number
  state: string
  usable: number
  versions: QuestionVersion[]
  acts: QuestionAct[]
  comments: QuestionComment[]
  moves: { move: string; refused: string }[]
  lent?: boolean
  foreign?: boolean
}

export interface QuestionFault {
  field: string
  part: number
  code: string
  message: string
}

export interface QuestionSaved {
  question: QuestionBody | null
  faults: QuestionFault[]
}

export interface FieldDifference {
  field: string
  place: string
  pieces: { kind: 'same' | 'removed' | 'added'; text: string }[]
}

export interface DifferencesBody {
  older: number
  newer: number
  fields: FieldDifference[]
}

export interface SyllabusEdition {
  edition: number
  name: string
  based_on: number
  created_by: string
  created_at_us: number
  published_at_us: number
  points: number
  in_work: boolean
}

export interface SyllabusPoint {
  point: number
  name: string
  retired: boolean
  reason: string
  supplement: boolean
  questions: number
}

export interface SyllabusModule {
  name: string
  points: SyllabusPoint[]
}

export interface SyllabusBody {
  editions: SyllabusEdition[]
  shown: SyllabusEdition
  modules: SyllabusModule[]
}

export const QUESTIONS = '/api/staff/bank/questions'
export const SYLLABUS = '/api/staff/bank/syllabus'
export const LETTERS = 'ABCDEFGH'
export const TYPES = ['single', 'multiple', 'indeterminate', 'true_false', 'fill_in', 'short_answer', 'case'] as const
export const CHOICES: readonly string[] = ['single', 'multiple', 'indeterminate']
export const DIFFICULTIES = [1, 2, 3, 4, 5] as const
export const STATES = ['draft', 'in_review', 'returned', 'approved', 'locked', 'retired'] as const
export const REASONED: readonly string[] = ['return', 'retire', 'restore']
/** The filters that stay in the address. */
export const FILTERS = ['q', 'module', 'point', 'type', 'difficulty', 'state', 'mine', 'page'] as const

const BLANK = /_{2,}|＿{2,}|（\s*）|\(\s*\)|【\s*】/g

/** How many blanks a stem has: ____ or （ ）. */
export function blanksIn(stem: string): number {
  return stem.match(BLANK)?.length ?? 0
}

export function emptyWords(): QuestionWords {
  return {
    type: 'single',
    stem: '',
    options: ['', '', '', ''],
    right: [],
    blanks: [],
    reference: '',
    parts: [{ text: '', reference: '' }],
    explanation: '',
    difficulty: 3,
    module: '',
    point: 0,
    point_name: '',
    tags: [],
  }
}

/** Words as a form needs them: room for what another type would have. */
export function forForm(words: QuestionWords): QuestionWords {
  const copy = JSON.parse(JSON.stringify(words)) as QuestionWords
  if (!copy.options.length || copy.type === 'true_false') copy.options = ['', '', '', '']
  if (!copy.parts.length) copy.parts = [{ text: '', reference: '' }]
  return copy
}

/** Words as they are sent: nothing of what another type would have. */
export function forServer(words: QuestionWords): QuestionWords {
  const choice = CHOICES.includes(words.type)
  const last = words.options.reduce((found, text, index) => (text.trim() ? index : found), -1)
  const there = LETTERS.slice(0, last + 1)
  return {
    ...words,
    options: choice ? words.options.slice(0, last + 1) : [],
    right: choice
      ? words.right.filter((one) => there.includes(one)).sort()
      : words.type === 'true_false'
        ? words.right.filter((one) => 'TF'.includes(one))
        : [],
    blanks: words.type === 'fill_in' ? words.blanks.slice(0, blanksIn(words.stem)) : [],
    reference: words.type === 'short_answer' ? words.reference : '',
    parts: words.type === 'case' ? words.parts : [],
    tags: words.tags.map((one) => one.trim()).filter(Boolean),
  }
}

/** A text in stretches, so that what was looked for can be marked. What people type may differ in case and width. */
export function marked(text: string, sought: string): { text: string; hit: boolean }[] {
  const terms = sought
    .split(/\s+/)
    .filter((one) => one.length > 1 && !one.startsWith('#'))
    .map((one) => one.toLowerCase())
  const plain = text.toLowerCase()
  if (!terms.length || plain.length !== text.length) return [{ text, hit: false }]
  const inside = new Array<boolean>(text.length).fill(false)
  for (const term of terms) {
    for (let at = plain.indexOf(term); at >= 0; at = plain.indexOf(term, at + 1)) inside.fill(true, at, at + term.length)
  }
  const found: { text: string; hit: boolean }[] = []
  for (let at = 0; at < text.length; at++) {
    const last = found[found.length - 1]
    if (last && last.hit === inside[at]) last.text += text[at]
    else found.push({ text: text[at]!, hit: inside[at]! })
  }
  return found
}

export type Happening =
  | { kind: 'written'; at_us: number; version: QuestionVersion }
  | { kind: 'act'; at_us: number; act: QuestionAct }
  | { kind: 'comment'; at_us: number; comment: QuestionComment }

/** Everything that happened with a question, the newest first. */
export function happenings(question: QuestionBody): Happening[] {
  const found: Happening[] = [
    ...question.versions.map((version) => ({ kind: 'written', at_us: version.at_us, version }) as const),
    ...question.acts.map((act) => ({ kind: 'act', at_us: act.at_us, act }) as const),
    ...question.comments.map((comment) => ({ kind: 'comment', at_us: comment.at_us, comment }) as const),
  ]
  return found.sort((a, b) => b.at_us - a.at_us)
}
