/** The publication as the server tells it (schema/http, `PublicationBody`). */
export interface PublishedPerson {
  kind: string
  place: number
  rank: number
  quota: number
  name: string
  delegation: string
  unit: string
  centipoints: number
  passed_over: string[]
  ruling: number
}

export interface Publication {
  session: number
  contest: string
  year: number
  edition: number
  opens_us: number
  closes_us: number
  definite_us: number
  takes_objections: boolean
  contact: string
  people: PublishedPerson[]
  teams: { kind: string; place: number; delegation: string; name: string; centipoints: number; ruling: number }[]
  shortfalls: { kind: string; quota: number; eligible: number; delegation: string }[]
  changes: { change: string; name: string; delegation: string; before: string; after: string }[]
  delegations: Record<string, string>
}

export interface OwnObjections {
  open: boolean
  objections: { objection: number; about: string; text: string; at_us: number; state: string; reason: string; answered_us: number }[]
}

/** Groups in the order in which their first comes. */
export function groupBy<T>(rows: readonly T[], key: (row: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>()
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row])
  return [...groups]
}
