/** The bodies of sets of practice (schema/http), and the calls that ask for them. */
import { getJson, postJson } from '../../shared/http'

const BASE = '/api/practice'

export type QuestionType = 'single' | 'multiple' | 'indeterminate' | 'true_false' | 'fill_in'
export type SetKind = 'daily' | 'weekly'

export interface Topic {
  module: string
  type: QuestionType
  released: number
  known: number
  due: number
}

export interface HomeBody {
  day: string
  questions: number
  daily_goal: number
  weekly_sets: number
  weekly_counted: number
  weekly_ready: boolean
  mistakes: number
  topics: Topic[]
}

export interface Option {
  id: string
  text: string
}

/** A picture, or the film of a case, that belongs to a question. */
export interface Picture {
  media: string
  type: string
  width: number
  height: number
  caption: string
}

/** A film beside an explanation. */
export interface Lecture {
  media: string
  type: string
  title: string
  poster: string
  captions: boolean
}

export interface Result {
  right: boolean
  response: string[]
  options: string[]
  blanks: string[][]
  explanation: string
  point: string
  counted: boolean
  lecture: Lecture | null
}

export interface Item {
  item: number
  question: number
  module: string
  type: QuestionType
  stem: string
  options: Option[]
  blanks: number
  bookmarked: boolean
  pictures: Picture[]
  featured: boolean
  result: Result | null
}

export interface SetBody {
  set: number
  kind: SetKind
  module: string
  type: QuestionType | ''
  state: 'open' | 'handed_in' | 'expired'
  opened_us: number
  expires_us: number
  server_us: number
  items: Item[]
  right: number
  centipoints: number
  place_of_day: number
  counts: boolean
  took_us: number
}

export interface BookEntry {
  question: number
  module: string
  type: QuestionType
  stem: string
  choices: Option[]
  bookmarked: boolean
  note: string
  wrong: boolean
  mastered: boolean
  seen: number
  right: number
  explained: boolean
  options: string[]
  blanks: string[][]
  explanation: string
  point: string
  pictures: Picture[]
  lecture: Lecture | null
}

export interface BookBody {
  page: number
  pages: number
  total: number
  entries: BookEntry[]
}

/** Where a file beside a question is. */
export const fileOf = (question: number, media: string) => `${BASE}/questions/${question}/media/${media}`
export const captionsOf = (question: number) => `${BASE}/questions/${question}/captions`

export const home = () => getJson<HomeBody>(`${BASE}/topics`)

export const openSet = (kind: SetKind, module = '', type = '') =>
  postJson<SetBody>(`${BASE}/sets`, { kind, module, type })

export const answer = (set: number, item: number, response: readonly string[]) =>
  postJson<SetBody>(`${BASE}/sets/${set}/answers`, { item, response })

export const handIn = (set: number, responses: readonly (readonly string[])[]) =>
  postJson<SetBody>(`${BASE}/sets/${set}/hand-in`, { responses })

export const mistakes = (page: number, module = '') =>
  getJson<BookBody>(`${BASE}/mistakes?page=${page}${module ? `&module=${encodeURIComponent(module)}` : ''}`)

export const bookmarks = (page: number) => getJson<BookBody>(`${BASE}/bookmarks?page=${page}`)

export const bookmark = (question: number, on: boolean) =>
  postJson<undefined>(`${BASE}/questions/${question}/bookmark`, { on })

export const keepNote = (question: number, text: string) =>
  postJson<undefined>(`${BASE}/questions/${question}/note`, { text })

export const mastered = (question: number) => postJson<undefined>(`${BASE}/questions/${question}/mastered`, {})
