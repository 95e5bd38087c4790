import { computed, ref, shallowRef } from 'vue'
import type { BoardBody, BoardRowBody, BoardSession, ContestBody, Delegation, Me } from '../shared/api'
import { BOARD_PATH, Connection, inBrowser, watchComputer, type Link } from '../shared/connection'
import { absence, getJson, HttpError, type Absence } from '../shared/http'
import { oneStore } from '../shared/store'
import { useTurns } from '../shared/turns'
import type { ServerMessage, ServerProgress } from '../wire/messages'
import { applied, asMessage, emptyBoard, moved, placeOf, queryOf, rebased, samePlace, sessionOf, type Board, type Place } from './board'

const POLL_MS = 2_000
const OWN_MS = 10_000
const CONTEST_MS = 30_000

/** The public boards: a socket where there is one, plain HTTP where there is none. */
export const useBoard = oneStore(() => {
  const contest = shallowRef<ContestBody | null>(null)
  /** The session in force first, then those that are final. */
  const sessions = shallowRef<BoardSession[]>([])
  /** A final session that was chosen instead of the one in force; 0: none. */
  const earlier = ref(0)
  /** `none`: nothing was published yet; `waits`: a final board is put together once nobody answers any more; `gone`: there
   * is no such session. */
  const failed = ref<'' | Absence | 'none' | 'waits' | 'gone'>('')
  const board = shallowRef<Board>(emptyBoard({ view: 'individuals', page: 1, delegation: '' }))
  const link = shallowRef<Link>({ status: 'idle', tries: 0, retryAtMs: 0 })
  const progress = shallowRef<ServerProgress | null>(null)
  const phase = ref('')
  const me = shallowRef<Me | null>(null)
  const own = shallowRef<BoardRowBody | null>(null)
  const highlighted = ref(0)

  const session = computed(() => earlier.value || (contest.value?.session.id ?? 0))

  let offset = 0
  let epoch = ''
  let timer = 0
  let ownAtMs = 0
  /** Of looks at the board over HTTP. */
  const turns = useTurns()
  let contestAtMs = 0
  /** Another item has opened: arrows start anew with the next change of the board, which may be at its closing. */
  let arrowsDue = false

  const connection = new Connection(
    inBrowser(async () => '', BOARD_PATH),
    {
      hello: () => ({ epoch, offset, unacked: [], session: contest.value?.session.id ?? 0 }),
      message: heard,
      link: (next) => {
        const joined = next.status === 'live' && link.value.status !== 'live'
        link.value = next
        if (joined) watchPlace()
      },
    },
  )

  function heard(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        if (!message.recovered) offset = 0
        epoch = message.epoch
        // The feed's phase came with HTTP; what is asked for is only the board.
        break
      case 'snapshot':
        offset = message.offset
        phase.value = message.phase
        break
      case 'phase':
        offset = message.offset
        phase.value = message.phase
        break
      case 'timeline':
      case 'announcement':
      case 'closed':
        offset = message.offset
        break
      case 'progress':
        if (message.item !== progress.value?.item) arrowsDue = true
        progress.value = message
        break
      case 'board':
        board.value = applied(board.value, message)
        failed.value = board.value.version > 0 || board.value.rows.length > 0 ? '' : 'none'
        break
      case 'moves': {
        const before = arrowsDue ? rebased(board.value) : board.value
        const next = moved(before, message, contest.value?.delegations.map((one) => one.code) ?? [])
        if (next === 'watch') {
          watchPlace()
        } else if (next !== before) {
          board.value = next
          arrowsDue = false
        }
        break
      }
      default:
    }
  }

  function watchPlace(): void {
    const { view, page, delegation } = board.value.place
    connection.send({ type: 'watch', view, page, delegation })
  }

  function show(place: Place): void {
    highlighted.value = 0
    if (!samePlace(board.value.place, place)) board.value = emptyBoard(place)
    keepInAddress(place)
    if (!earlier.value) watchPlace()
    if (earlier.value || connection.link.status !== 'live') void poll()
  }

  /** Look at another session: the one in force moves, a final one stays as it is. */
  function choose(number: number): void {
    earlier.value = number === contest.value?.session.id ? 0 : number
    const { view, delegation } = board.value.place
    const place = { view, page: 1, delegation }
    board.value = emptyBoard(place)
    highlighted.value = 0
    own.value = progress.value = null
    phase.value = earlier.value ? 'finalized' : (contest.value?.session.phase ?? '')
    failed.value = ''
    keepInAddress(place)
    if (earlier.value) {
      connection.stop()
    } else {
      epoch = ''
      offset = 0
      connection.start()
    }
    void poll()
    void refreshOwn()
  }

  async function poll(): Promise<void> {
    const number = session.value
    if (!number) return
    const place = board.value.place
    const turn = turns.ask()
    const late = () => number !== session.value || !samePlace(board.value.place, place) || !turns.news(turn)
    try {
      const body = await getJson<BoardBody>(addressOf(number, place))
      if (late()) return
      failed.value = ''
      // A frozen page says in which phase it was frozen.
      if (!body.frozen) phase.value = body.phase
      if (connection.link.status === 'live' && board.value.version > 0) return
      board.value = applied(board.value, asMessage(body, place.delegation))
    } catch (error) {
      if (late()) return
      const code = error instanceof HttpError ? error.code : ''
      if (code === 'not-found' && place.page > 1) {
        show({ ...place, page: 1 })
        return
      }
      if (code === 'not-found' && earlier.value) phase.value = ''
      failed.value = board.value.version > 0 ? '' : reason(code)
    }
  }

  /** Why there is no board to show. */
  function reason(code: string): typeof failed.value {
    if (code === 'board-unavailable') return earlier.value ? 'waits' : 'none'
    if (code === 'not-found' && earlier.value) return 'gone'
    return connection.link.status === 'live' ? '' : 'loadFailed'
  }

  async function refreshContest(): Promise<void> {
    contestAtMs = Date.now()
    try {
      contest.value = await getJson<ContestBody>('/api/contest')
      // The one in force is no earlier one, whenever that comes out: it moves, and is asked for again.
      if (earlier.value === contest.value.session.id) earlier.value = 0
      if (!earlier.value) phase.value = contest.value.session.phase
      // That of a board is the next look's to take back.
      if (failed.value === 'notReady' || failed.value === 'noSession' || !session.value) failed.value = ''
    } catch (error) {
      if (!contest.value) failed.value = absence(error)
    }
    sessions.value = await getJson<{ sessions: BoardSession[] }>('/api/sessions').then(
      (body) => body.sessions,
      () => sessions.value,
    )
  }

  async function refreshOwn(): Promise<void> {
    ownAtMs = Date.now()
    const number = session.value
    if (!me.value || me.value.session !== number) return
    const found = await search(me.value.name).catch(() => [])
    if (number !== session.value) return
    own.value = found.find((row) => row.key === me.value?.sitting) ?? own.value
  }

  async function search(text: string): Promise<BoardRowBody[]> {
    const query = encodeURIComponent(text.trim())
    if (!session.value || !query) return []
    return (await getJson<{ rows: BoardRowBody[] }>(`/api/sessions/${session.value}/boards/find?q=${query}`)).rows
  }

  async function beat(): Promise<void> {
    if (document.visibilityState !== 'visible') return
    if (!contest.value || Date.now() - contestAtMs > CONTEST_MS) await refreshContest()
    // What is final need not be asked for twice.
    if (earlier.value) return board.value.version || failed.value === 'gone' ? undefined : poll()
    if (connection.link.status === 'idle' && contest.value) connection.start()
    if (connection.link.status !== 'live') await poll()
    if (me.value && Date.now() - ownAtMs > OWN_MS) await refreshOwn()
  }

  async function load(): Promise<void> {
    earlier.value = sessionOf(location.search)
    await refreshContest()
    if (earlier.value) phase.value = 'finalized'
    board.value = emptyBoard(placeOf(location.search))
    if (contest.value) {
      if (!earlier.value) connection.start()
      watchComputer(connection)
      void poll()
    }
    me.value = await getJson<Me>('/api/me').catch(() => null)
    void refreshOwn()
    window.clearInterval(timer)
    timer = window.setInterval(() => void beat(), POLL_MS + Math.random() * 500)
  }

  const delegations = computed(() => {
    const byCode: Record<string, Delegation> = {}
    for (const delegation of contest.value?.delegations ?? []) byCode[delegation.code] = delegation
    return byCode
  })

  function keepInAddress(place: Place): void {
    history.replaceState(null, '', `?${queryOf(place, earlier.value)}`)
  }

  return {
    contest,
    sessions,
    session,
    earlier,
    choose,
    failed,
    board,
    link,
    progress,
    phase,
    me,
    own,
    highlighted,
    delegations,
    load,
    show,
    search,
    retry: beat,
  }
})

function addressOf(session: number, place: Place): string {
  const root = `/api/sessions/${session}/boards`
  if (place.view === 'delegations') return `${root}/delegations`
  if (place.view === 'province') return `${root}/provinces/${place.delegation}?page=${place.page}`
  return `${root}/individuals?page=${place.page}`
}
