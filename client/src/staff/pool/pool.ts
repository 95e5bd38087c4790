/** The bodies of the expert pool (schema/http/office.yaml), and how they are said. */
import { DELEGATIONS } from '../api'
import type { TableReport } from '../imports/imports'

export const KINDS = [
  'knowledge',
  'star',
  'national',
  'regional',
  'inter_provincial',
  'unified_online',
  'law_knowledge',
  'provincial',
] as const
export const FIRST_YEAR = 2019

export interface PoolHonour {
  year: number
  kind: string
  title: string
  place: number
  province: string
  source: 'province' | 'ministry' | 'contest'
}

export interface PoolRow {
  person: number
  name: string
  province: string
  unit: string
  expertise: string[]
  state: 'active' | 'left'
  honours: PoolHonour[]
}

export interface PoolBody {
  total: number
  page: number
  pages: number
  own: string
  people: PoolRow[]
}

export interface PoolPerson extends PoolRow {
  version: number
  id_number: string
  phone: string
  merged_into: number
  events: { at_us: number; actor: string; kind: string; detail: string }[]
  barred_year: number
  barred: { rule: string; sentence: string }[]
  namesakes: PoolRow[]
}

export interface PoolImport extends TableReport {
  possible: { sheet: string; row: number; name: string; person: number }[]
}

export interface PoolSync {
  province: string
  sequence: number
  people: number
  added: number
  changed: number
  unchanged: number
  left_out: { line: number; code: string; sentence: string }[]
  possible: number[]
  sha256: string
  committed: boolean
  repeated: boolean
}

export interface PoolProvinces {
  mailbox: string
  keys: { key: string; province: string; public: string; created_us: number; created_by: string; revoked: boolean }[]
  tokens: { token: number; province: string; created_us: number; created_by: string; revoked: boolean }[]
  taken: { province: string; sequence: number; taken_us: number; people: number; added: number; changed: number; left_out: number }[]
}

export const FILTERS = ['text', 'province', 'year', 'kind', 'state'] as const
export type Filter = (typeof FILTERS)[number]

/** The filters of an address as the server wants them; what is empty is left out. */
export function asked(query: URLSearchParams, page = 0): string {
  const kept = new URLSearchParams()
  for (const name of FILTERS) {
    const value = query.get(name)
    if (value) kept.set(name, value)
  }
  if (page > 1) kept.set('page', String(page))
  const text = kept.toString()
  return text ? `?${text}` : ''
}

export function provinceName(code: string): string {
  return DELEGATIONS.find(([known]) => known === code)?.[1] ?? code
}

/** Every year that can be asked for, the newest first. */
export function years(now: number): number[] {
  return Array.from({ length: Math.max(1, now - FIRST_YEAR + 1) }, (_, index) => now - index)
}

type Words = (key: string, named: Record<string, unknown>) => string

/** An honour in short: `2022 全国“岗位练兵明星” 第 2 名`. */
export function honourWords(t: Words, honour: PoolHonour): string {
  const place = honour.place ? t('pool.place', { n: honour.place }) : ''
  return [String(honour.year), t(`poolHonour.${honour.kind}`, {}), honour.title, place].filter(Boolean).join(' ')
}
