/** 月月比 as the learner has it (schema/http/practice.yaml), and what of it stands on other pages. */
import { getJson, postJson } from '../../shared/http'

export type Stage = 'announced' | 'open' | 'under_way' | 'sat' | 'over' | 'result'

export interface MonthlyResult {
  centipoints: number
  elapsed_us: number
  answered: number
  rank: number
  of: number
  /** It earns 月月比能手. */
  expert: boolean
}

export interface OwnMonth {
  session: number
  month: string
  title: string
  stage: Stage
  opens_us: number
  closes_us: number
  minutes: number
  items: number
  centipoints: number
  /** The end of the own time; 0 before it began. */
  ends_us: number
  result: MonthlyResult | null
}

export interface MonthlyBody {
  server_us: number
  months: OwnMonth[]
}

export const months = () => getJson<MonthlyBody>('/api/practice/monthly')

/** The address that leads to the sitting, once. */
export const entry = async () => (await postJson<{ url: string }>('/api/practice/monthly/entry', {})).url

/** The month that matters now: what may be sat, else what comes, else the newest; null where there is none. */
export function current(list: readonly OwnMonth[]): OwnMonth | null {
  const by = (stages: readonly Stage[]) => list.filter((one) => stages.includes(one.stage))
  return by(['under_way', 'open', 'sat'])[0] ?? by(['announced']).slice(-1)[0] ?? list[0] ?? null
}

/** Whether a button leads in. */
export const enterable = (stage: Stage) => stage === 'open' || stage === 'under_way'
