/** The bodies of the files around the bank (schema/http/office.yaml), and how they are said. */
import type { RowProblem } from '../imports/imports'

export type ImportProblem = RowProblem & { code: string; message: string }

export interface ImportLike {
  sheet: string
  row: number
  stem: string
  permille: number
  question: number
  other_sheet: string
  other_row: number
  other_stem: string
}

export interface ImportReport {
  accepted: number
  added: number
  revised: number
  unchanged: number
  refused: number
  problems: ImportProblem[]
  duplicated: number
  duplicates: { sheet: string; row: number; first_sheet: string; first_row: number }[]
  likes: number
  alike: ImportLike[]
  skipped: string[]
  code: string
  message: string
  took_ms: number
  commit: { added: number; revised: number; unchanged: number; held: number } | null
}

export interface ImportBody {
  upload: string
  file_name: string
  state: 'reading' | 'ready' | 'refused' | 'taking' | 'done' | 'failed'
  stage: string
  done: number
  total: number
  report: ImportReport | null
}

export interface AlikeQuestion {
  question: number
  version: number
  state: string
  type: string
  module: string
  stem: string
  author: string
  at_us: number
}

export interface AlikePair {
  one: AlikeQuestion
  other: AlikeQuestion
  permille: number
}

export interface AlikeBody {
  pairs: AlikePair[]
  total: number
  page: number
  size: number
  scanning: boolean
  scanned_us: number
  questions: number
  cut: boolean
  took_ms: number
}

export interface MediaBody {
  media: string
  type: string
  bytes: number
  width: number
  height: number
  title: string
  purpose: string
  module: string
  by: string
  at_us: number
  used: number
}

export interface MediaList {
  files: MediaBody[]
  total: number
  page: number
  size: number
}

export interface ShownFiles {
  question: number
  files: { version: number; place: number; caption: string; file: MediaBody }[]
}

export interface UseBody {
  takers: number
  right_permille: number
  discrimination_permille: number | null
  group: number
}

export interface FaredBody {
  question: number
  contests: number
  contest: UseBody
  practice: UseBody
}

export interface QuestionFared {
  whole: FaredBody
  times: { version: number; kind: string; title: string; at_us: number; use: UseBody }[]
}

export const BANK = '/api/staff/bank'
export const MEDIA = '/api/staff/media'
export const FORMATS = ['xlsx', 'csv', 'docx', 'txt', 'gift', 'aiken', 'moodle', 'qti'] as const
export const PURPOSES = ['question', 'lecture', 'case'] as const
export const MODULES = ['党的基本路线方针政策', '就业创业', '社会保险', '人才人事', '劳动关系', '综合服务规范', '系统操作能力'] as const

/** Rows as a table for spreadsheets, none of whose cells is ever computed. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = String(value)
    return `"${(/^'*[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`
  }
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** `3.4 MB` of a number of bytes. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `62.5 %` of thousandths. */
export function share(permille: number): string {
  return `${(permille / 10).toFixed(1)}%`
}

/** `0.33` of a discrimination in thousandths, with the sign of a true minus. */
export function discrimination(permille: number | null): string {
  if (permille === null) return '—'
  return `${permille < 0 ? '−' : ''}${(Math.abs(permille) / 1000).toFixed(2)}`
}
