/** Results as the staff see them: bodies of schema/http/office.yaml, which session is looked at, files to keep. */
import { computed, onMounted, ref, shallowRef } from 'vue'
import { getBytes, getJson } from '../../shared/http'
import { keep } from '../files'
import { setQuery, useQuery } from '../route'
import { asked, may } from '../session'
import { useWords } from '../words'

export interface FinishedSession {
  session: number
  contest: string
  title: string
  phase: string
  frozen: boolean
  seats: number
  ended_us: number
}

export interface PersonRow {
  sitting: number
  rank: number
  name: string
  delegation: string
  admission_no: string
  centipoints: number
  elapsed_us: number
  answered: number
  struck: boolean
  absent: boolean
  award: string
}

export interface PeopleResults {
  session: number
  title: string
  phase: string
  published: boolean
  page: number
  pages: number
  total: number
  rows: PersonRow[]
}

export interface DelegationRow {
  rank: number
  delegation: string
  centipoints: number
  elapsed_us: number
  members: number
  absent: number
  struck: number
  best_centipoints: number
  knowledge: number
  stars: number
  prize: string
  awarded: number
}

/** Who sees only the own delegation is a team leader and nothing else. */
export const seesAll = () => may('see_results') || may('take_bundle')
/** Whether these results may be looked at by now: judges and auditors need not wait for their publication. */
export const open = (one: FinishedSession) => may('see_results') || !one.frozen

/** The sessions that are over and the one in the address, else the newest. */
export function useSessions() {
  const { sentence } = useWords()
  const query = useQuery()
  const sessions = shallowRef<FinishedSession[] | null>(null)
  const key = ref('')
  const failed = ref('')
  const chosen = computed(() => {
    const wanted = Number(query.value.get('session'))
    return sessions.value?.find((one) => one.session === wanted) ?? sessions.value?.[0] ?? null
  })

  async function load() {
    failed.value = ''
    try {
      const body = await asked(getJson<{ sessions: FinishedSession[]; key: string }>('/api/staff/results'))
      sessions.value = body.sessions
      key.value = body.key
    } catch (error) {
      failed.value = sentence(error)
    }
  }
  onMounted(load)
  const choose = (session: number) => setQuery({ session, page: null, sitting: null })
  return { query, sessions, key, failed, chosen, load, choose }
}

/** Fetch a file and hand it to the browser, which keeps it where its user says. */
export async function keepFrom(path: string, name: string): Promise<void> {
  keep(new Blob([await asked(getBytes(path))]), name)
}
