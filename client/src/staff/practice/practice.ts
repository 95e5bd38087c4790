/** The bodies of the practice office (schema/http/office.yaml). */

export const PRACTICE = '/api/staff/practice'

export interface ReleaseTopic {
  module: string
  type: string
  served: number
  scheduled: number
  ready: number
}

export interface ReleaseBody {
  release: number
  edition: number
  edition_name: string
  module: string
  type: string
  from_day: string
  questions: number
  released_by: string
  released_at_us: number
  withdrawn_by: string
  reason: string
}

export interface ReleasesBody {
  today: string
  edition: number
  editions: { edition: number; name: string }[]
  topics: ReleaseTopic[]
  releases: ReleaseBody[]
}

export interface FeatureBody {
  feature: number
  question: number
  module: string
  type: string
  stem: string
  film: string
  poster: string
  captions: boolean
  served: boolean
  from_day: string
  featured_by: string
  featured_at_us: number
  withdrawn_by: string
}

export interface FeatureFilm {
  media: string
  title: string
  module: string
}

export interface FeaturesBody {
  today: string
  features: FeatureBody[]
  films: FeatureFilm[]
  pictures: FeatureFilm[]
}

export interface FeatureChoice {
  question: number
  module: string
  type: string
  stem: string
  explained: boolean
}

export interface MonthRow {
  session: number
  month: string
  title: string
  paper_title: string
  opens_us: number
  closes_us: number
  minutes: number
  items: number
  centipoints: number
  phase: string
  enrolled: number
  sat: number
  settled: boolean
  scheduled_by: string
  withdrawn_by: string
  withdrawable: boolean
}

export interface MonthsBody {
  months: MonthRow[]
  papers: { paper: number; title: string; items: number; centipoints: number }[]
  minutes: number
}

export interface FindingBody {
  finding: number
  day: string
  pattern: string
  learners: number[]
  answers: number
  figure_us: number
  seen_by: string
  note: string
  /** All that was said of it, the first first. */
  marks: { at_us: number; seen_by: string; note: string }[]
  /** Not: so much came from this address that its learners were not compared with each other. */
  compared: boolean
}

export interface FindingsBody {
  page: number
  pages: number
  total: number
  checked: string | null
  findings: FindingBody[]
}

export interface ParticipationRow {
  province: string
  province_name: string
  module: string
  learner_days: number
  answers: number
  right: number
}

export interface ParticipationBody {
  first: string
  last: string
  checked: string | null
  rows: ParticipationRow[]
}

export interface ModuleStock {
  module: string
  served: number
  scheduled: number
  ready: number
  topics: ReleaseTopic[]
}

/** Topics by module, in the syllabus' order. */
export function byModule(topics: readonly ReleaseTopic[]): ModuleStock[] {
  const rows = new Map<string, ModuleStock>()
  for (const topic of topics) {
    const row = rows.get(topic.module) ?? { module: topic.module, served: 0, scheduled: 0, ready: 0, topics: [] }
    row.served += topic.served
    row.scheduled += topic.scheduled
    row.ready += topic.ready
    row.topics.push(topic)
    rows.set(topic.module, row)
  }
  return [...rows.values()]
}

export interface Sum {
  name: string
  learnerDays: number
  answers: number
  right: number
}

/**
 * Participation summed by province, or by module; the most answers first. A province's own rows name no module: whoever
 * was in several modules on a day is one learner of that day.
 */
export function summed(rows: readonly ParticipationRow[], by: 'province' | 'module', ofPublic: string): Sum[] {
  const sums = new Map<string, Sum>()
  for (const row of rows.filter((one) => (one.module === '') === (by === 'province'))) {
    const name = by === 'module' ? row.module : row.province_name || ofPublic
    const sum = sums.get(name) ?? { name, learnerDays: 0, answers: 0, right: 0 }
    sum.learnerDays += row.learner_days
    sum.answers += row.answers
    sum.right += row.right
    sums.set(name, sum)
  }
  return [...sums.values()].sort((one, other) => other.answers - one.answers)
}

/** `83.4%`, or a dash where nothing was answered. */
export const share = (right: number, answers: number) => (answers ? `${((100 * right) / answers).toFixed(1)}%` : '—')

/** A day some days from another, both as `2022-08-31`. */
export function shifted(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}
