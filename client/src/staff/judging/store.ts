import { computed, shallowRef } from 'vue'
import { getJson } from '../../shared/http'
import { ofSession } from '../route'
import { asked } from '../session'
import { useStream } from '../stream'
import { useWords } from '../words'
import { merged, type CourtBody, type Judging, type JudgingBody } from './judging'

/** Rulings and appeals of the session in force, live, and what rulings can be about. */
export function useJudging() {
  const { sentence } = useWords()
  const judging = shallowRef<Judging | null>(null)
  const court = shallowRef<CourtBody | null>(null)
  const failed = shallowRef('')
  let loading = 0

  function took(body: JudgingBody) {
    judging.value = merged(judging.value, body)
    if (court.value?.session !== body.session) void load(body.session)
  }

  /** Take in the answer to an act of one's own, before the stream tells of it. */
  function take(part: Partial<Pick<JudgingBody, 'rulings' | 'appeals' | 'receipts'>>) {
    const held = judging.value
    if (!held) return
    judging.value = merged(held, {
      session: held.session,
      phase: held.phase,
      pacing: held.pacing,
      appeals_until_us: held.appealsUntilUs,
      server_us: 0,
      rulings: part.rulings ?? [],
      appeals: part.appeals ?? [],
      receipts: part.receipts ?? [],
    })
  }

  async function load(session: number) {
    if (loading === session) return
    loading = session
    try {
      court.value = await asked(getJson<CourtBody>(ofSession('/api/staff/judging/court')))
      failed.value = ''
    } catch (error) {
      failed.value = sentence(error)
    } finally {
      loading = 0
    }
  }

  /** The court tells of an item once it has opened: ask again for one whose text is not there. */
  function lookAgain(item: number) {
    if (court.value?.items.some((one) => one.item === item && !one.stem)) void load(-1)
  }

  const { state } = useStream<JudgingBody>(ofSession('/api/staff/judging/stream'), took)
  const live = computed(() => state.value === 'live')
  return { judging, court, failed, live, take, reload: () => load(-1), lookAgain }
}
