/** Nominations, the roster and tickets: the bodies of schema/http/office.yaml, and what their pages share. */
import { onMounted, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { getJson } from '../../shared/http'
import type { RowProblem } from '../imports/imports'
import { setQuery, useQuery } from '../route'
import { asked } from '../session'

export type ListState = 'none' | 'uploaded' | 'submitted' | 'returned' | 'frozen'

export interface PeopleContest {
  contest: number
  title: string
  year: number
  edition: number
  frozen_us: number
  made_us: number
  published_us: number
}

export interface ListStanding {
  delegation: string
  state: ListState
  edition: number
  named: number
  nominated: number
  changed_us: number
  changed_by: string
  return_reason: string
  file_name: string
  undoable: boolean
}

export interface NomineeRule {
  code: string
  words: string
  passed: boolean
  evidence: string
}

/** A place in a contest that the province ran for itself. */
export interface NomineeWon {
  contest_title: string
  session_title: string
  rank: number
  people: number
  centipoints: number
}

export interface Nominee {
  nominee: number
  listed: 'named' | 'nominated'
  no: number
  name: string
  unit: string
  id_shown: string
  phone_shown: string
  eligible: boolean
  practice: string
  recorded: boolean
  rules: NomineeRule[]
  won: NomineeWon[]
}

export interface ProvinceNominations {
  contest: PeopleContest
  standing: ListStanding
  people: Nominee[]
}

/** Why a row of a list is refused. */
export type ListProblem = RowProblem & { text: string }

export interface NominationReport {
  file_name: string
  fault: string
  named: number
  nominated: number
  ineligible: number
  skipped: string[]
  refused_rows: number
  problems: ListProblem[]
  people: Nominee[]
  standing: ListStanding | null
}

export interface PracticeKnown {
  records: number
  first: string
  last: string
  until: string
}

export interface PracticeReport {
  file_name: string
  fault: string
  records: number
  refused_rows: number
  problems: ListProblem[]
  practice: PracticeKnown | null
}

export interface PeopleRequest {
  request: number
  act: 'freeze-lists' | 'strike-off'
  contestant: number
  whom: string
  reason: string
  by: string
  by_login: string
  at_us: number
  lapses_us: number
}

export interface NominationsOverview {
  contest: PeopleContest
  provinces: { standing: ListStanding; name: string; short: string; ineligible: number }[]
  practice: PracticeKnown
  requests: PeopleRequest[]
}

export interface RosterSeat {
  contestant: number
  delegation: string
  seat: number
  name: string
  unit: string
  origin: 'named' | 'drawn'
  struck: string
  decided: boolean
}

export interface Roster {
  contest: PeopleContest
  seats: RosterSeat[]
  requests: PeopleRequest[]
}

export interface TicketJob {
  job: string
  session: number
  done: number
  total: number
  ready: boolean
  fault: string
  lacking: string
  files: { number: number; name: string; bytes: number }[]
}

export interface ContestChoice {
  contests: ShallowRef<PeopleContest[] | null>
  contest: Ref<number>
  failed: Ref<boolean>
  load: () => Promise<void>
}

/** The contest that a page is about: the one in the address, else the newest. */
export function useContest(): ContestChoice {
  const query = useQuery()
  const contests = shallowRef<PeopleContest[] | null>(null)
  const contest = ref(0)
  const failed = ref(false)
  async function load() {
    failed.value = false
    try {
      const found = (await asked(getJson<{ contests: PeopleContest[] }>('/api/staff/people-contests'))).contests
      const wanted = Number(query.value.get('contest'))
      contests.value = found
      if (!found.some((one) => one.contest === contest.value))
        contest.value = (found.find((one) => one.contest === wanted) ?? found[0])?.contest ?? 0
    } catch {
      failed.value = true
    }
  }
  onMounted(load)
  watch(contest, (now) => setQuery({ contest: now || null }))
  return { contests, contest, failed, load }
}
