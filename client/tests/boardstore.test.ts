import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const NOW = { id: 2, title: '决赛', phase: 'running', start_us: 0 }
const contest = { session: NOW, contest: { title: '竞赛' }, delegations: [] }
const sessions = [
  { id: 2, contest: '竞赛', title: '决赛', phase: 'running', start_us: 0 },
  { id: 1, contest: '竞赛', title: '半决赛', phase: 'finalized', start_us: 0 },
]
const me = { session: 2, sitting: 7, name: '王敏' }
const row = (key: number, name: string) => ({ key, order: 1, rank: 1, name, delegation: '110000', centipoints: 100, elapsed_ms: 1 })
const boardOf = (version: number, name: string) => ({
  session: 2, view: 'individuals', page: 1, pages: 1, number: 1, version, total: 1, phase: 'running', frozen: false, rows: [row(7, name)],
})

/** As long as a busy machine may take; what is awaited comes in a turn or two. */
const PATIENCE_MS = 60_000
vi.setConfig({ testTimeout: PATIENCE_MS })
const until = (holds: () => void) => vi.waitFor(holds, { timeout: PATIENCE_MS, interval: 5 })

/** What was asked for and waits for its answer. */
let asked: { path: string; answer: (body: unknown, status?: number) => void }[]
class Mute {
  close() {}
  send() {}
}

async function answer(part: string, body: unknown, status = 200) {
  await until(() => expect(asked.some((one) => one.path.includes(part))).toBe(true))
  const place = asked.findIndex((one) => one.path.includes(part))
  asked.splice(place, 1)[0]!.answer(body, status)
}
const refused = (code: string) => ({ error: { code, message: '', retry: false } })

async function board(query = '') {
  vi.resetModules()
  history.replaceState(null, '', `/board${query}`)
  const { useBoard } = await import('../src/board/store')
  return useBoard()
}

beforeEach(() => {
  asked = []
  vi.stubGlobal('WebSocket', Mute)
  vi.stubGlobal('fetch', (path: string) => new Promise((resolve) => {
    asked.push({ path, answer: (body, status = 200) => resolve({ ok: status < 400, status, json: () => Promise.resolve(body) }) })
  }))
})
afterEach(() => vi.unstubAllGlobals())

describe('the boards page', () => {
  it('shows no own row on the board of another session, however late it was found', async () => {
    const store = await board()
    void store.load()
    await answer('/api/contest', contest)
    await answer('/api/sessions', { sessions })
    await answer('/sessions/2/boards/individuals', boardOf(1, '王敏'))
    await answer('/api/me', me)
    await until(() => expect(asked.some((one) => one.path.includes('find'))).toBe(true))
    store.choose(1)
    await answer('/sessions/2/boards/find', { rows: [row(7, '王敏')] })
    await answer('/sessions/1/boards/individuals', boardOf(1, '李静'))
    await until(() => expect(store.board.rows.map((one) => one.name)).toEqual(['李静']))
    expect(store.own).toBeNull()
  })

  it('keeps what is newer when an older answer comes last', async () => {
    const store = await board()
    void store.load()
    await answer('/api/contest', contest)
    await answer('/api/sessions', { sessions })
    await until(() => expect(asked.some((one) => one.path.includes('boards'))).toBe(true))
    const slow = asked.find((one) => one.path.includes('boards'))!
    asked = asked.filter((one) => one !== slow)
    store.retry()
    await answer('/sessions/2/boards/individuals', boardOf(5, '新榜'))
    await until(() => expect(store.board.version).toBe(5))
    slow.answer(boardOf(4, '旧榜'))
    // Whatever comes of an answer comes before the next turn.
    await new Promise((resolve) => setTimeout(resolve))
    expect([store.board.version, store.board.rows[0]?.name]).toEqual([5, '新榜'])
  })

  it('says that there is no such session, and shows the one in force by its number as the one that moves', async () => {
    const store = await board('?session=9')
    void store.load()
    await answer('/api/contest', contest)
    await answer('/api/sessions', { sessions })
    await answer('/sessions/9/boards', refused('not-found'), 404)
    await until(() => expect(store.failed).toBe('gone'))
    const other = await board('?session=2')
    void other.load()
    await answer('/api/contest', contest)
    await until(() => expect([other.earlier, other.phase]).toEqual([0, 'running']))
  })

  it('goes to the first page where an address asks for one beyond the last', async () => {
    const store = await board('?view=individuals&page=99')
    void store.load()
    await answer('/api/contest', contest)
    await answer('/api/sessions', { sessions })
    await answer('page=99', refused('not-found'), 404)
    await answer('page=1', boardOf(1, '王敏'))
    await until(() => expect([store.board.place.page, store.board.rows.length]).toEqual([1, 1]))
  })

  it('says that a session has no board yet, instead of loading for ever, until it comes', async () => {
    const store = await board()
    void store.load()
    await answer('/api/contest', contest)
    await answer('/api/sessions', { sessions })
    await answer('/sessions/2/boards/individuals', refused('board-unavailable'), 503)
    await until(() => expect(store.failed).toBe('none'))
    store.retry()
    await answer('/sessions/2/boards/individuals', boardOf(1, '王敏'))
    await until(() => expect([store.failed, store.board.rows.length]).toEqual(['', 1]))
  })
})
