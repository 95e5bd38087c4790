/** The audit as a page tells it: bodies of schema/http/office.yaml, and details in lines that people can read. */
import { dateTime } from '../../shared/format'

export interface AuditLine {
  no: number
  at_us: number
  actor: string
  name: string
  action: string
  subject: string
  detail: Record<string, unknown>
}

export interface AuditPage {
  lines: AuditLine[]
  before: number
}

export interface AuditState {
  checked: number
  checked_at_us: number
  broken: number
  why: string
  head: string
  actors: string[]
  actions: string[]
}

export interface DetailLine {
  name: string
  value: string
  /** What it was before, where an entry says so. */
  before: string | null
}

const FIRST_MOMENT_US = 1_000_000_000_000_000

type Named = Record<string, unknown>
const isNamed = (value: unknown): value is Named => typeof value === 'object' && value !== null && !Array.isArray(value)

function said(name: string, value: unknown): string {
  if (typeof value === 'number' && name.endsWith('_us') && value >= FIRST_MOMENT_US) return dateTime(value)
  if (Array.isArray(value)) return value.map((one) => said(name, one)).join(', ')
  if (isNamed(value)) {
    return Object.entries(value)
      .map(([key, one]) => `${key}: ${said(key, one)}`)
      .join('; ')
  }
  return value === null || value === undefined || value === '' ? '—' : String(value as string | number | boolean)
}

/** A detail as lines: each with what it was before where the entry tells `before` (and `after`, or the members themselves). */
export function detailLines(detail: Named): DetailLine[] {
  const { before, after, ...rest } = detail
  if (!isNamed(before)) return Object.entries(detail).map(([name, value]) => ({ name, value: said(name, value), before: null }))
  const now: Named = isNamed(after) ? after : {}
  const changed = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  return [
    ...changed.map((name) => ({ name, value: said(name, now[name] ?? rest[name]), before: said(name, before[name]) })),
    ...Object.entries(rest)
      .filter(([name]) => !changed.includes(name))
      .map(([name, value]) => ({ name, value: said(name, value), before: null })),
  ]
}

const PREFIXES = ['request', 'confirm', 'decline'] as const

/** An action in words: `known` tells whether there is a word for a code; what has none stands as it is. */
export function actionWords(action: string, known: (code: string) => string | null, frame: (name: string, what: string) => string): string {
  const whole = known(action)
  if (whole !== null) return whole
  if (action.endsWith('-refused')) return frame('refused', actionWords(action.slice(0, -'-refused'.length), known, frame))
  if (action.startsWith('refused-')) return frame('refused', actionWords(action.slice('refused-'.length), known, frame))
  for (const prefix of PREFIXES) {
    if (action.startsWith(`${prefix}-`)) return frame(prefix, actionWords(action.slice(prefix.length + 1), known, frame))
  }
  return action
}
