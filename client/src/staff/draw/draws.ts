import { computed, ref, shallowRef } from 'vue'
import type { ContestDraws, Draw, DrawContest, DrawShowing } from '../../draw/api'
import { digest, hex } from '../../draw/digest'
import { getJson, postJson } from '../../shared/http'
import { useLater } from '../../shared/later'
import { useQuery, setQuery } from '../route'
import { asked } from '../session'

export interface StaffDraws extends ContestDraws {
  lists: { provinces: number; nominated: number; lists_sha256: string }
  showing: DrawShowing
}

export interface Announcement {
  number: number
  reason: string
  parties: string[]
  value_name: string
  value_kind: 'numbers' | 'text'
  known_from_us: number
  places: number
}

const LOOK_MS = 3_000
export const WITNESSED = ['commit', 'disclose', 'confirm_value', 'reject_value']

/** A contest's draws as the staff sees them, looked at again and again: several people work on one draw. */
export function useDraws() {
  const query = useQuery()
  const contests = shallowRef<DrawContest[] | null>(null)
  const body = shallowRef<StaffDraws | null>(null)
  const failed = ref(false)
  const offsetMs = ref(0)
  const contest = computed(() => Number(query.value.get('contest')) || contests.value?.[0]?.contest || 0)
  const draw = computed<Draw | null>(() => body.value?.draws[body.value.draws.length - 1] ?? null)
  const ended = computed(() => !draw.value || ['drawn', 'abandoned'].includes(draw.value.state))
  const later = useLater()

  function seen(found: StaffDraws): void {
    offsetMs.value = found.now_us / 1000 - Date.now()
    const before = body.value
    // A look that was on its way when something was done comes after it, and is older.
    if (before?.contest === found.contest && found.now_us < before.now_us) return
    if (found.contest === contest.value) body.value = found
  }

  async function load(): Promise<void> {
    try {
      contests.value ??= (await asked(getJson<{ contests: DrawContest[] }>('/api/staff/draws'))).contests
      if (contest.value) seen(await asked(getJson<StaffDraws>(`/api/staff/draws/${contest.value}`)))
      failed.value = false
    } catch {
      failed.value = true
    }
    later(load, LOOK_MS)
  }

  function choose(chosen: number): void {
    setQuery({ contest: chosen })
    body.value = null
    void load()
  }

  async function announce(announcement: Announcement): Promise<void> {
    seen(await asked(postJson<StaffDraws>(`/api/staff/draws/${contest.value}`, announcement)))
  }

  /** Do an act to the last draw, as it was seen. */
  async function act(name: string, content = '', party = 0): Promise<void> {
    const at = draw.value
    if (!at) return
    const door = WITNESSED.includes(name) ? 'witness' : 'acts'
    const request = { act: name, content, expects: at.events.length, ...(door === 'witness' ? { party } : {}) }
    try {
      seen(await asked(postJson<StaffDraws>(`/api/staff/draws/${contest.value}/${at.number}/${door}`, request)))
    } catch (error) {
      void load()
      throw error
    }
  }

  async function show(province: string, manner: string): Promise<void> {
    const at = body.value
    if (!at || !draw.value) return
    const path = `/api/staff/draws/${contest.value}/${draw.value.number}/showing`
    try {
      const showing = await asked(postJson<DrawShowing>(path, { province, manner, expects: at.showing.edition }))
      // From now on a look that was on its way meanwhile is older, and does not take the hall back.
      if (body.value?.contest === at.contest) body.value = { ...body.value, showing, now_us: showing.now_us }
    } catch (error) {
      void load()
      throw error
    }
  }

  const nowUs = () => (Date.now() + offsetMs.value) * 1000
  void load()
  return { contests, contest, body, draw, ended, failed, nowUs, load, choose, announce, act, show }
}

export type DrawsStore = ReturnType<typeof useDraws>

export interface Seed {
  seed: string
  commitment: string
}

/** A seed made here; only its commitment ever leaves this browser before the disclosure. */
export async function makeSeed(): Promise<Seed> {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(32))
  return { seed: hex(bytes), commitment: hex(await digest('sha256', bytes)) }
}

/** The file in which whoever holds a seed keeps it. */
export function seedFile(party: string, { seed, commitment }: Seed): string {
  return `${party}\n种子 seed: ${seed}\n承诺值 commitment: ${commitment}\n`
}

/** The seed in such a file, or in what somebody pasted; null when there is none. */
export function readSeed(text: string): string | null {
  const named = /seed:\s*([0-9a-f]{32,128})\b/i.exec(text)?.[1]
  const alone = /^\s*([0-9a-f]{32,128})\s*$/i.exec(text)?.[1]
  return (named ?? alone)?.toLowerCase() ?? null
}
