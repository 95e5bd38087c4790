import { ref, shallowRef } from 'vue'
import type { ContestBody, Me } from '../shared/api'
import { Connection, inBrowser, watchComputer } from '../shared/connection'
import { absence, getBytes, getJson, HttpError, postJson, type Absence } from '../shared/http'
import { oneStore } from '../shared/store'
import { openJournal, type Journal } from '../shared/journal'
import { decodeSealedPaper, encode } from '../wire/codec'
import type { Answered } from '../wire/messages'
import { reduce } from './reducer'
import { initialState, waitingEntries, type State } from './state'
import type { Effect, Event } from './step'

type Boot = 'loading' | 'ready' | Absence
type Announcement = Extract<Effect, { kind: 'announce' }>

const PAPER_SPREAD_MS = 3_000
const PAPER_RETRY_MS = 3_000
const ACK_EXPECTED_MS = 3_000
/** When to ask again by oneself, between once and twice so long: a nation that waits for a session is not to ask at once. */
const AGAIN_MS: Record<Absence, number> = { noSession: 5_000, notReady: 2_000, loadFailed: 4_000 }
/** What hello may carry besides the answers, taken off the wire's limit for a frame. */
const HELLO_ROOM_BYTES = 12 * 1024
const UNACKED_PER_HELLO = 200

/** The reducer with the browser around it: the line, the journal, HTTP and timers. */
export const useContest = oneStore(() => {
  const boot = ref<Boot>('loading')
  const state = shallowRef<State | null>(null)
  const contest = shallowRef<ContestBody | null>(null)
  const announcement = shallowRef<Announcement | null>(null)
  const entryRefused = ref(false)

  let journal: Journal | null = null
  let fetching = false
  let coming = false
  let again: ReturnType<typeof setTimeout> | undefined
  let stopWatching = () => {}
  const saveTimers = new Map<number, ReturnType<typeof setTimeout>>()

  const connection = new Connection(
    inBrowser(async () => (await postJson<{ ticket: string }>('/api/tickets', {})).ticket),
    {
      hello: () => {
        const unacked = fittingUnacked()
        dispatch({ kind: 'greeting', seqs: unacked.map((answer) => answer.seq) })
        return { epoch: state.value?.epoch ?? '', offset: state.value?.offset ?? 0, unacked, session: 0 }
      },
      message: (message) => dispatch({ kind: 'message', message }),
      link: (link) => {
        dispatch({ kind: 'link', link })
        if (link.status === 'signed_out') void signedOut()
      },
    },
  )

  function fittingUnacked(): Answered[] {
    const fitting: Answered[] = []
    let room = HELLO_ROOM_BYTES
    for (const entry of state.value ? waitingEntries(state.value) : []) {
      const answer = { item: entry.item, seq: entry.seq, response: [...entry.response] }
      room -= encode({ type: 'answer', ...answer }).length
      if (room < 0 || fitting.length >= UNACKED_PER_HELLO) break
      fitting.push(answer)
    }
    return fitting
  }

  function dispatch(event: Event): void {
    if (!state.value) return
    const [next, effects] = reduce(state.value, event)
    state.value = next
    for (const effect of effects) carryOut(effect)
  }

  function carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        connection.send(effect.message)
        if (effect.message.type === 'answer') expectAck(effect.message.item, effect.message.seq)
        break
      case 'keep':
        journal?.put(effect.entry).catch(() => dispatch({ kind: 'journal_failed' }))
        break
      case 'keep_meta':
        journal?.putMeta(effect.meta).catch(() => dispatch({ kind: 'journal_failed' }))
        break
      case 'fetch_paper':
        void fetchPaper(effect.urgent ? 0 : Math.random() * PAPER_SPREAD_MS)
        break
      case 'resync':
        connection.restart()
        break
      case 'save_later':
        clearTimeout(saveTimers.get(effect.item))
        saveTimers.set(
          effect.item,
          setTimeout(() => dispatch({ kind: 'save_due', item: effect.item }), effect.afterMs),
        )
        break
      case 'resend_later':
        setTimeout(() => dispatch({ kind: 'resend', item: effect.item, seq: effect.seq }), effect.afterMs)
        break
      case 'announce':
        announcement.value = effect
        break
    }
  }

  /** A silent line must not keep an answer waiting. */
  function expectAck(item: number, seq: number): void {
    setTimeout(() => {
      const waits = state.value && waitingEntries(state.value).some((entry) => entry.item === item && entry.seq === seq)
      if (waits) connection.suspect()
    }, ACK_EXPECTED_MS)
  }

  async function fetchPaper(afterMs: number): Promise<void> {
    if (fetching && afterMs > 0) return
    fetching = true
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    const session = state.value?.session.id
    if (!session || state.value?.paper === 'here') {
      fetching = false
      return
    }
    dispatch({ kind: 'paper_fetching' })
    try {
      const paper = decodeSealedPaper(await getBytes(`/api/sessions/${session}/sealed`))
      dispatch({ kind: 'paper', paper })
      fetching = false
    } catch (error) {
      dispatch({ kind: 'paper_failed' })
      fetching = false
      const gone = error instanceof HttpError && error.status === 401
      if (!gone) setTimeout(() => void fetchPaper(0), PAPER_RETRY_MS * (0.5 + Math.random()))
    }
  }

  async function load(): Promise<void> {
    boot.value = 'loading'
    await come()
  }

  /** Come in, now or once there is a session to come into; what is shown meanwhile stays until then. */
  async function come(): Promise<void> {
    clearTimeout(again)
    if (coming) return
    coming = true
    try {
      contest.value = await getJson<ContestBody>('/api/contest')
      connection.clock.greet(contest.value.server_us)
      if (state.value) dispatch({ kind: 'session', session: contest.value.session })
      else state.value = initialState(contest.value.session)
      try {
        await enter((await handedOver()) ?? (await getJson<Me>('/api/me')))
      } catch (error) {
        if (!(error instanceof HttpError) || error.status !== 401) throw error
      }
      boot.value = 'ready'
    } catch (error) {
      const why = absence(error)
      boot.value = why
      again = setTimeout(() => void come(), AGAIN_MS[why] * (1 + Math.random()))
    } finally {
      coming = false
    }
  }

  /** Whom the practice's page has handed over by a code behind `#`, which works once; null: there is none, or no more. */
  async function handedOver(): Promise<Me | null> {
    const code = new URLSearchParams(location.hash.slice(1)).get('entry')
    if (!code) return null
    // Before anything can fail: nobody else shall find it in the history.
    history.replaceState(null, '', location.pathname + location.search)
    try {
      return await postJson<Me>('/api/entry', { code })
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 401) throw error
      entryRefused.value = true
      return null
    }
  }

  async function enter(me: Me): Promise<void> {
    dispatch({ kind: 'signed_in', me })
    journal = await openJournal(me.session, me.sitting)
    try {
      dispatch({ kind: 'journal', storage: journal.kind, content: await journal.load() })
    } catch {
      dispatch({ kind: 'journal_failed' })
    }
    connection.start()
    stopWatching()
    stopWatching = watchComputer(connection)
  }

  async function signIn(admissionNo: string, code: string): Promise<void> {
    await enter(await postJson<Me>('/api/sign-in', { admission_no: admissionNo, code }))
  }

  async function signOut(): Promise<void> {
    connection.stop()
    await postJson('/api/sign-out', {}).catch(() => undefined)
    await signedOut()
  }

  async function signedOut(): Promise<void> {
    stopWatching()
    journal = null
    dispatch({ kind: 'signed_out' })
  }

  function checkIn(): void {
    const { clock } = connection
    dispatch({
      kind: 'check_in',
      roundTripUs: (clock.roundTripMs ?? 0) * 1000,
      clockOffsetUs: clock.nowUs() - Date.now() * 1000,
      browser: navigator.userAgent,
    })
  }

  const nowUs = () => connection.clock.nowUs()
  const roundTripMs = () => connection.clock.roundTripMs
  const deviceAheadMs = () => Date.now() - connection.clock.nowUs() / 1000
  const retryInMs = () => Math.max(0, connection.link.retryAtMs - performance.now())

  return {
    boot,
    state,
    contest,
    announcement,
    entryRefused,
    dispatch,
    load,
    signIn,
    signOut,
    checkIn,
    nowUs,
    roundTripMs,
    deviceAheadMs,
    retryInMs,
    retryNow: () => connection.cameOnline(),
    takeOver: () => connection.start(),
  }
})

/** The store on pages that are only shown once a contestant is signed in. */
export function useState() {
  const store = useContest()
  return { store, state: () => store.state as State }
}
