import { computed, ref, shallowRef } from 'vue'
import type { AwardsBody, BoardBody, ContestBody, Delegation, ParticipationBody } from '../shared/api'
import { asMessage } from '../board/board'
import { BOARD_PATH, Connection, inBrowser, watchComputer, type Link } from '../shared/connection'
import { absence, getJson, type Absence } from '../shared/http'
import { newer, type RevealBody } from './reveal'
import { oneStore } from '../shared/store'
import { emptyHall, heard, isFrozen, type Hall, type Line } from './hall'

const BEAT_MS = 2_000
const REVEAL_MS = 500
const CONTEST_MS = 20_000
const CONTEST_SOON_MS = 4_000
/** What the screen says, in the words of its own page. */
const FAILURES = { noSession: 'none', notReady: 'away', loadFailed: 'offline' } as const

/** The hall's screen: two lines, one for each board, and plain HTTP for what they do not tell and while they are down. */
export const useHall = oneStore(() => {
  const contest = shallowRef<ContestBody | null>(null)
  const participation = shallowRef<ParticipationBody | null>(null)
  const awards = shallowRef<AwardsBody | null>(null)
  const held = shallowRef<RevealBody | null>(null)
  /** The reveal as far as the director has played it; null while none is. */
  const reveal = computed(() => held.value?.reveal ?? null)
  const hall = shallowRef<Hall>(emptyHall())
  /** Why there is nothing to show: empty while loading, and once there is something. */
  const failure = ref<'' | (typeof FAILURES)[Absence]>('')
  /** When something last came, by the contest's clock, while nothing comes any more; 0: all is well. */
  const stoppedUs = ref(0)

  let heardUs = 0
  let contestAtMs = 0
  let timer = 0
  let revealTimer = 0

  const codes = computed(() => contest.value?.delegations.map((one) => one.code) ?? [])
  const lines = { teams: line('teams'), people: line('people') }

  function line(name: Line) {
    const position = { epoch: '', offset: 0 }
    const state = { link: { status: 'idle', tries: 0, retryAtMs: 0 } as Link }
    const connection = new Connection(
      inBrowser(async () => '', BOARD_PATH),
      {
        hello: () => ({ ...position, unacked: [], session: contest.value?.session.id ?? 0 }),
        message: (message) => {
          if (message.type === 'welcome') {
            if (!message.recovered) position.offset = 0
            position.epoch = message.epoch
          } else if ('offset' in message) {
            position.offset = message.offset
          }
          alive()
          const next = heard(hall.value, name, message, codes.value)
          if (next === 'watch') watchBoard()
          else hall.value = next
        },
        link: (next) => {
          const joined = next.status === 'live' && state.link.status !== 'live'
          state.link = next
          if (joined) watchBoard()
        },
      },
    )
    const watchBoard = () => connection.send({ type: 'watch', ...hall.value[name].place })
    return { connection, position, state }
  }

  /** The contest's clock now, in microseconds. */
  function nowUs(): number {
    return lines.teams.connection.clock.nowUs()
  }

  function isLive(name: Line): boolean {
    return lines[name].connection.link.status === 'live'
  }

  function alive(): void {
    heardUs = nowUs()
    stoppedUs.value = 0
  }

  async function refreshContest(): Promise<void> {
    contestAtMs = Date.now()
    try {
      const body = await getJson<ContestBody>('/api/contest')
      lines.teams.connection.clock.greet(body.server_us)
      if (contest.value && contest.value.session.id !== body.session.id) begin()
      contest.value = body
      failure.value = ''
      if (!isLive('teams') || !hall.value.phase) {
        hall.value = { ...hall.value, phase: body.session.phase, startUs: body.session.start_us }
      }
      alive()
    } catch (error) {
      failed(error)
    }
  }

  /** Another session is in force: nothing of the last one stays. */
  function begin(): void {
    hall.value = emptyHall()
    participation.value = awards.value = held.value = null
    for (const { connection, position } of Object.values(lines)) {
      position.epoch = ''
      position.offset = 0
      connection.stop()
    }
  }

  function failed(error: unknown): void {
    if (contest.value) stoppedUs.value = stoppedUs.value || heardUs
    else failure.value = FAILURES[absence(error)]
  }

  async function refreshParticipation(): Promise<void> {
    const body = await getJson<ParticipationBody>('/api/participation')
    if (body.session === contest.value?.session.id) participation.value = body
  }

  async function refreshBoard(name: Line): Promise<void> {
    const session = contest.value?.session.id ?? 0
    if (isLive(name)) return
    const { view } = hall.value[name].place
    const body = await getJson<BoardBody>(`/api/sessions/${session}/boards/${view}`)
    if (session !== contest.value?.session.id || isLive(name)) return
    const next = heard(hall.value, name, asMessage(body, ''), codes.value)
    if (next !== 'watch') hall.value = next
  }

  async function refreshAwards(): Promise<void> {
    // What the ceremony is to reveal is not told before it.
    if (awards.value || hall.value.phase !== 'finalized' || isFrozen(hall.value)) return
    awards.value = await getJson<AwardsBody>(`/api/sessions/${contest.value?.session.id ?? 0}/awards`)
  }

  async function refreshReveal(): Promise<void> {
    const session = contest.value?.session.id ?? 0
    const due = ['under_review', 'finalized'].includes(hall.value.phase) && document.visibilityState === 'visible'
    try {
      if (due) {
        const body = await getJson<RevealBody>('/api/reveal')
        if (body.session === session && session === contest.value?.session.id) held.value = newer(held.value, body)
      }
    } catch {
      // The last picture stays; the beat says that nothing comes.
    } finally {
      revealTimer = window.setTimeout(() => void refreshReveal(), REVEAL_MS)
    }
  }

  async function beat(): Promise<void> {
    if (document.visibilityState !== 'visible') return
    const wait = isLive('teams') ? CONTEST_MS : CONTEST_SOON_MS
    if (Date.now() - contestAtMs > wait) await refreshContest()
    if (!contest.value) return
    for (const { connection } of Object.values(lines)) {
      if (['idle', 'ended'].includes(connection.link.status)) connection.start()
    }
    const [turnout] = await Promise.allSettled([
      refreshParticipation(),
      refreshBoard('teams'),
      refreshBoard('people'),
      refreshAwards(),
    ])
    if (turnout.status === 'fulfilled') alive()
    else if (!isLive('teams')) failed(turnout.reason)
  }

  async function load(): Promise<void> {
    await refreshContest()
    Object.values(lines).forEach(({ connection }) => watchComputer(connection))
    void beat()
    window.clearInterval(timer)
    timer = window.setInterval(() => void beat(), BEAT_MS + Math.random() * 500)
    window.clearTimeout(revealTimer)
    void refreshReveal()
  }

  async function retry(): Promise<void> {
    contestAtMs = 0
    await beat()
  }

  const delegations = computed(() => {
    const byCode: Record<string, Delegation> = {}
    for (const delegation of contest.value?.delegations ?? []) byCode[delegation.code] = delegation
    return byCode
  })

  return { contest, participation, awards, reveal, hall, failure, stoppedUs, delegations, nowUs, load, retry }
})
