/** Awards as the office tells them, and the words of everyone's line. */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import { sayAward } from '../../shared/awards'
import { getJson, HttpError } from '../../shared/http'
import { setQuery, useQuery } from '../route'
import { asked } from '../session'
import { useTurns } from '../../shared/turns'

export interface AwardSession {
  session: number
  title: string
  contest: string
  year: number
  phase: string
  state: 'none' | 'open' | 'closed' | 'definite'
}

export interface WhyLine {
  sitting: number
  name: string
  delegation: string
  unit: string
  verdict: 'awarded' | 'behind' | 'tied' | 'waiting' | 'struck' | 'absent'
  kind: string
  rank: number
  centipoints: number
  national_place: number
  province_place: number
  after_passing: number
  passed_over: string[]
  ruling: number
}

export interface ListedTeam {
  kind: string
  place: number
  rank: number
  quota: number
  delegation: string
  name: string
  centipoints: number
  ruling: number
}

export interface Shortfall {
  kind: string
  quota: number
  eligible: number
  delegation: string
}

export interface AwardBlocker {
  code: 'tie' | 'waiting'
  seats: [string, number][]
  names: string[]
  persons: number[]
  delegations: string[]
  delegation: string
}

export interface ListChange {
  change: 'gained' | 'lost' | 'other' | 'renamed'
  name: string
  delegation: string
  before: string
  after: string
}

export interface AwardStep {
  step: number
  kind: 'open' | 'revise' | 'settle'
  closes_us: number
  by: string
  name: string
  at_us: number
  lapses_us: number
  stale: boolean
}

export interface CorrectionBody {
  correction: number
  objection: number
  kind: 'strike_off' | 'rename' | 'order_equals' | 'withdraw'
  sitting: number
  name: string
  persons: number[]
  names: string[]
  delegations: string[]
  reason: string
  by: string
  at_us: number
  withdrawn: boolean
}

export interface AwardsDesk {
  session: number
  title: string
  contest: string
  year: number
  phase: string
  final: boolean
  server_us: number
  digest: string
  edition: number
  published_digest: string
  opens_us: number
  closes_us: number
  definite_us: number
  next_closes_us: number
  undecided: number
  objections: number
  counts: Record<string, number>
  blockers: AwardBlocker[]
  shortfalls: Shortfall[]
  teams: ListedTeam[]
  changes: ListChange[]
  steps: AwardStep[]
  corrections: CorrectionBody[]
  certificates: number
  handed_over: boolean
  /** What is awarded in a province's own contest, the highest first; in the nation's, nothing. */
  prizes: string[]
}

/** How many persons a list holds. */
export const peopleOf = (desk: AwardsDesk) => Object.values(desk.counts).reduce((sum, n) => sum + n, 0) - desk.teams.length

export interface ObjectionBody {
  objection: number
  origin: 'contestant' | 'leader' | 'desk'
  name: string
  delegation: string
  about: string
  text: string
  at_us: number
  state: 'filed' | 'upheld' | 'refused'
  reason: string
  by: string
  answered_us: number
}

export interface ObjectionsBody {
  session: number
  open: boolean
  closes_us: number
  objections: ObjectionBody[]
}

export interface AwardSettings {
  period_days: number
  days_off: string[]
  days_worked: string[]
  contact: string
  title: string
  issuers: string[]
  date: string
  number: string
  citations: Record<string, string>
}

export interface PrintJob {
  job: string
  state: 'printing' | 'ready' | 'failed' | 'unprintable'
  done: number
  total: number
  file: string
  unprintable: [string, string][]
}

export type Say = (key: string, named?: Record<string, unknown>) => string

/** What ordered equals: a ruling, or a correction of the publication. */
export function sayRuling(ruling: number, t: Say): string {
  if (!ruling) return ''
  return ruling > 0 ? t('awarding.byRuling', { n: ruling }) : t('awarding.byCorrection', { n: -ruling })
}

/** Why somebody has an award, or has none; `own`: in a province's own contest. */
export function sayWhy(line: WhyLine, t: Say, own = false): string {
  const passed = line.passed_over.length ? t('awarding.why.passed', { names: line.passed_over.join(t('common.listJoin')) }) : ''
  const figures = { national: line.national_place, province: line.province_place, after: line.after_passing, rank: line.rank }
  switch (line.verdict) {
    case 'awarded':
      if (own) return t('awarding.why.own', figures) + sayRuling(line.ruling, t)
      return line.kind === 'knowledge'
        ? t('awarding.why.knowledge', figures) + sayRuling(line.ruling, t)
        : t('awarding.why.star', figures) + passed + sayRuling(line.ruling, t)
    case 'behind':
      return own ? t('awarding.why.ownBehind', figures) : t('awarding.why.behind', figures) + passed
    case 'tied':
      return t('awarding.why.tied', { award: sayAward(line.kind, (one) => t(`honour.${one}`)) })
    default:
      return t(`awarding.why.${line.verdict}`)
  }
}

/** What is missing or short for one boundary, in a sentence; `home`: the province whose own contest it is. */
export function sayBlocker(one: AwardBlocker, short: (code: string) => string, t: Say, home = ''): string {
  const seats = one.seats.map(([kind, n]) => t('awarding.seats', { award: sayAward(kind, (one) => t(`honour.${one}`)), n })).join(t('common.listJoin'))
  const where = one.delegation ? short(one.delegation) : home || t('awarding.nation')
  return t(`awarding.${one.code}`, { where, seats, names: one.names.join(t('common.listJoin')) })
}

export function sayShortfall(one: Shortfall, short: (code: string) => string, t: Say, home = ''): string {
  const where = one.delegation ? short(one.delegation) : home || t('awarding.nation')
  return t('awarding.shortfall', { where, award: sayAward(one.kind, (one) => t(`honour.${one}`)), quota: one.quota, eligible: one.eligible })
}

const AGAIN_MS = 15_000

/** The sessions whose awards can be seen, and how those of the one in the address stand. */
export function useAwards() {
  const query = useQuery()
  const sessions = shallowRef<AwardSession[] | null>(null)
  const desk = shallowRef<AwardsDesk | null>(null)
  const failed = ref('')
  const chosen = computed(() => Number(query.value.get('session')) || (sessions.value?.[0]?.session ?? 0))

  const turns = useTurns()

  async function load(): Promise<void> {
    const turn = turns.ask()
    try {
      sessions.value = (await asked(getJson<{ sessions: AwardSession[] }>('/api/staff/awards'))).sessions
      const seen = chosen.value ? await asked(getJson<AwardsDesk>(`/api/staff/awards/${chosen.value}`)) : null
      if (turns.news(turn)) desk.value = seen
      failed.value = ''
    } catch (error) {
      failed.value = error instanceof HttpError ? error.code : 'unknown'
    }
  }
  // What somebody else asks for or confirms is seen without a reload.
  const again = window.setInterval(() => {
    if (desk.value && !document.hidden) void load()
  }, AGAIN_MS)
  onMounted(load)
  onBeforeUnmount(() => window.clearInterval(again))
  watch(chosen, (now, before) => {
    if (before && now !== before) void load()
  })
  const choose = (session: number) => setQuery({ session })
  const take = (body: AwardsDesk) => {
    turns.done()
    desk.value = body
  }
  return { sessions, desk, failed, chosen, load, choose, take }
}
