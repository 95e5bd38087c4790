/** Reasons as plain words. The server speaks in codes with figures, or already in words. */
import type { Reason } from '../shared/api'
import { sayAward } from '../shared/awards'

export type Say = (key: string, named?: Record<string, unknown>) => string

const KNOWN = ['national_place', 'province_place', 'team_place', 'prize_place']
/** The plan's quotas, for reasons that come as a bare code. */
const QUOTAS: Record<string, number> = { national_place: 50, province_place: 3, team_place: 32 }

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Why an award was given. `row` fills in what a bare code leaves out. */
export function sayReason(reason: Reason, row: Record<string, unknown>, t: Say): string {
  const code = typeof reason === 'string' ? reason : String(reason.code ?? '')
  if (!KNOWN.includes(code)) return typeof reason === 'string' ? reason : ''
  const figures = { quota: QUOTAS[code], ...row, ...record(reason) } as Record<string, unknown>
  const place = figures.place ?? figures.province_place ?? figures.rank
  const said = t(`reason.${code}`, { ...figures, place })
  return figures.ruling_id ? said + t('reason.ruling', { n: figures.ruling_id }) : said
}

export function sayKind(kind: unknown, t: Say): string {
  return sayAward(String(kind ?? ''), (one) => t(`award.${one}`))
}

/** Equals at a boundary who wait for a ruling, or a province that waits for the nation's. `all`: whose contest it is. */
export function sayTie(tie: Reason, names: (key: unknown) => string, t: Say, all = t('awards.nation')): string {
  if (typeof tie === 'string') return tie
  const seats = Array.isArray(tie.seats) ? (tie.seats as unknown[]) : []
  const shared = seats
    .map((seat) => (Array.isArray(seat) ? t('awards.seats', { n: seat[1], award: sayKind(seat[0], t) }) : ''))
    .filter(Boolean)
  const tied = [tie.names, tie.persons, tie.delegations].find((list) => Array.isArray(list) && list.length > 0)
  const who = ((tied as unknown[] | undefined) ?? []).map(names).join(t('common.listJoin'))
  if (!who) return t('awards.tieUnknown')
  return t(tie.code === 'waiting' ? 'awards.waiting' : 'awards.tie', {
    where: tie.delegation ? names(tie.delegation) : all, who, seats: shared.join(t('common.listJoin')) || sayKind(tie.kind, t) })
}

/** Fewer could be awarded than there are places. Delegations that are short of the same by as much share a sentence. */
export function sayShortfalls(
  shortfalls: readonly Reason[],
  delegation: (code: unknown) => string,
  t: Say,
  all = t('awards.nation'),
): string[] {
  const places = new Map<string, { where: string[]; one: Record<string, unknown> }>()
  const said: string[] = []
  for (const shortfall of shortfalls) {
    if (typeof shortfall === 'string') {
      said.push(shortfall)
      continue
    }
    const alike = [shortfall.kind, shortfall.quota, shortfall.eligible].join()
    const place = places.get(alike) ?? { where: [], one: shortfall }
    place.where.push(shortfall.delegation ? delegation(shortfall.delegation) : all)
    places.set(alike, place)
  }
  for (const { where, one } of places.values()) {
    const figures = { award: sayKind(one.kind, t), quota: one.quota, eligible: one.eligible }
    said.push(t('awards.shortfall', { ...figures, where: where.join(t('common.listJoin')) }))
  }
  return said
}
