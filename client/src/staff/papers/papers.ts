/** Blueprints and papers: the bodies of schema/http/office.yaml, and what the pages compute of them. */
export interface BlueprintLine {
  type: string
  count: number
  module: string
  difficulty: number
}

export interface Worth {
  type: string
  centipoints: number
  seconds: number
  marking: 'exact' | 'partial'
}

export interface Blueprint {
  lines: BlueprintLine[]
  worth: Worth[]
  contests: number
  practice: boolean
}

export interface StoredBlueprint {
  blueprint: number
  title: string
  body: Blueprint
  version: number
  actor: string
  changed_us: number
}

export interface BlueprintsBody {
  blueprints: StoredBlueprint[]
  standard: Blueprint
  modules: string[]
}

export interface Shortage {
  lines: number[]
  needs: number
  has: number
}

export interface Feasibility {
  has: number[]
  shortages: Shortage[]
}

export interface PaperHead {
  paper: number
  title: string
  state: 'assembled' | 'in_review' | 'approved' | 'sealed' | 'opened'
  edition: number
  items: number
  centipoints: number
  seconds: number
  created_us: number
  session: string
  makers: string[]
  approvers: string[]
}

export type PaperAct = 'submit' | 'approve' | 'return' | 'seal'

export interface PaperRecord {
  head: PaperHead
  acts: { kind: string; edition: number; actor: string; at_us: number; note: string }[]
  looks: { actor: string; at_us: number; edition: number; what: string }[]
  sees: boolean
  may: string[]
}

export interface PaperQuestion {
  question: number
  type: string
  module: string
  point: string
  difficulty: number
  stem: string
  options: { id: string; text: string; right: boolean }[]
  blanks: string[][]
  parts: string[]
  explanation: string
}

export interface PaperMedia {
  media: string
  type: string
  width: number
  height: number
  caption: string
}

export interface PaperItem {
  item: number
  centipoints: number
  seconds: number
  question: PaperQuestion
  media: PaperMedia[]
}

export interface PaperPages {
  paper: number
  edition: number
  seed: string
  bank_state: string
  items: PaperItem[]
  replacements: { item: number; how: 'drawn' | 'by_hand'; reason: string; actor: string }[]
}

export const TYPES = ['single', 'multiple', 'indeterminate', 'true_false', 'fill_in', 'short_answer', 'case'] as const
export const STATES = ['assembled', 'in_review', 'approved', 'sealed', 'opened'] as const
export const WITH_SHARES = ['multiple', 'indeterminate']

/** A copy that a form may change. */
export function copyOf(blueprint: Blueprint): Blueprint {
  return {
    ...blueprint,
    lines: blueprint.lines.map((line) => ({ ...line })),
    worth: blueprint.worth.map((worth) => ({ ...worth })),
  }
}

const USUAL: Record<string, [centipoints: number, seconds: number]> = {
  multiple: [200, 30],
  indeterminate: [200, 30],
  true_false: [100, 15],
  fill_in: [200, 30],
  short_answer: [500, 180],
  case: [1000, 420],
}

/** The blueprint with exactly one worth for every type that its lines have, in the order of their first lines. */
export function withWorth(blueprint: Blueprint): Blueprint {
  const types = [...new Set(blueprint.lines.map((line) => line.type))]
  const worth = types.map((type): Worth => {
    const known = blueprint.worth.find((one) => one.type === type)
    const [centipoints, seconds] = USUAL[type] ?? [100, 20]
    return known ?? { type, centipoints, seconds, marking: 'exact' }
  })
  return { ...blueprint, worth }
}

export function totals(blueprint: Blueprint): { items: number; centipoints: number; seconds: number } {
  const sum = { items: 0, centipoints: 0, seconds: 0 }
  for (const line of blueprint.lines) {
    const worth = blueprint.worth.find((one) => one.type === line.type)
    sum.items += line.count
    sum.centipoints += line.count * (worth?.centipoints ?? 0)
    sum.seconds += line.count * (worth?.seconds ?? 0)
  }
  return sum
}
