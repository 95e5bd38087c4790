import { computed, onScopeDispose, reactive, ref, shallowRef } from 'vue'
import { ContestClock } from '../shared/clock'
import { getJson, HttpError } from '../shared/http'
import type { ContestDraws, Draw, DrawContest, DrawShowing } from './api'
import type { DrawRecord } from './record'
import { moved, NOTHING, type Showing, type Step } from './stage'

/** What the page is for: everybody who looks, a hall's screen that follows the operator, or a replay at will. */
export type Mode = 'look' | 'hall' | 'replay'

const LOOK_MS = 4_000
const FOLLOW_MS = 800

/** A contest's draw as it stands, and the ceremony: followed from the server, or played here. */
export function useDraw() {
  const query = new URLSearchParams(location.search)
  const body = shallowRef<ContestDraws | null>(null)
  const record = shallowRef<DrawRecord | null>(null)
  const mode = ref<Mode>(modeOf(location.hash))
  const number = ref(Number(query.get('draw')) || 0)
  /** `none`: no draw is announced; `offline`, `failed`: nothing can be read; empty: all is well, or still loading. */
  const failure = ref<'' | 'none' | 'offline' | 'failed'>('')
  /** Nothing came lately, although something did before. */
  const stale = ref(false)
  const followed = shallowRef<Showing>(NOTHING)
  const played = reactive<Showing>({ ...NOTHING })
  const clock = new ContestClock()
  let contest = Number(query.get('contest')) || 0

  const draw = computed<Draw | null>(() => {
    const draws = body.value?.draws ?? []
    return draws.find((one) => one.number === number.value) ?? draws[draws.length - 1] ?? null
  })
  const order = computed(() => draw.value?.lists.map((one) => one.delegation) ?? [])
  const showing = computed<Showing>(() => (mode.value === 'replay' ? played : followed.value))
  const nowUs = () => clock.nowUs()

  async function timed<T extends { now_us: number }>(path: string): Promise<T> {
    const sent = performance.now()
    const found = await getJson<T>(path)
    clock.sample(sent, performance.now(), found.now_us)
    return found
  }

  async function look(): Promise<void> {
    try {
      if (!contest) contest = (await getJson<{ contests: DrawContest[] }>('/api/draws')).contests[0]?.contest ?? 0
      if (!contest) {
        failure.value = 'none'
        return
      }
      const found = await getJson<ContestDraws>(`/api/draws/${contest}`)
      // Answers are kept for some seconds on their way: good for a first idea of the time, no more.
      clock.greet(found.now_us)
      if (found.draws.length) body.value = found
      failure.value = found.draws.length ? '' : 'none'
      stale.value = false
      await readRecord()
      if (draw.value && mode.value !== 'hall') await follow()
    } catch (error) {
      failed(error)
    }
  }

  async function readRecord(): Promise<void> {
    const now = draw.value
    if (!now?.record_sha256 || record.value?.sha256 === now.record_sha256) return
    record.value = await getJson<DrawRecord>(`/api/draws/${contest}/${now.number}/record`)
  }

  async function follow(): Promise<void> {
    if (!draw.value) return
    try {
      const found = await timed<DrawShowing>(`/api/draws/${contest}/${draw.value.number}/showing`)
      if (found.edition !== followed.value.edition) followed.value = found
      stale.value = false
    } catch (error) {
      failed(error)
    }
  }

  function failed(error: unknown): void {
    if (body.value) stale.value = true
    else if (error instanceof HttpError && error.status === 404) failure.value = 'none'
    else failure.value = error instanceof HttpError && error.status === 0 ? 'offline' : 'failed'
  }

  /** Play the ceremony here, from the beginning. */
  function move(step: Step): void {
    const place = moved(order.value, played, step)
    if (place) Object.assign(played, place, { edition: played.edition + 1, at_us: nowUs() })
  }

  function show(province: string): void {
    Object.assign(played, { province, manner: 'one_by_one', edition: played.edition + 1, at_us: nowUs() })
  }

  function begin(): void {
    Object.assign(played, NOTHING)
  }

  function modeFromAddress(): void {
    mode.value = modeOf(location.hash)
    begin()
    void follow()
  }

  async function beat(): Promise<void> {
    if (document.visibilityState === 'visible' || mode.value === 'hall') await look()
    looking = window.setTimeout(() => void beat(), LOOK_MS)
  }

  async function beatFast(): Promise<void> {
    if (mode.value === 'hall') await follow()
    following = window.setTimeout(() => void beatFast(), FOLLOW_MS)
  }

  let looking = 0
  let following = 0
  void beat()
  void beatFast()
  window.addEventListener('hashchange', modeFromAddress)
  onScopeDispose(() => {
    window.clearTimeout(looking)
    window.clearTimeout(following)
    window.removeEventListener('hashchange', modeFromAddress)
  })

  return { body, draw, record, mode, number, failure, stale, showing, order, nowUs, look, move, show, begin }
}

export type DrawStore = ReturnType<typeof useDraw>

function modeOf(hash: string): Mode {
  return hash === '#hall' ? 'hall' : hash === '#replay' ? 'replay' : 'look'
}
