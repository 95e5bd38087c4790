import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useContest } from '../src/contestant/store'
import { absence, HttpError } from '../src/shared/http'

const asked = vi.fn<() => Promise<Response>>()
const refused = (code: string) =>
  new Response(JSON.stringify({ error: { code, message: '', retry: true } }), { status: 503 })

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', asked)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('coming into a session', () => {
  it('tells why there is none', () => {
    expect(absence(new HttpError(503, 'no-session', '', true))).toBe('noSession')
    expect(absence(new HttpError(503, 'store-unavailable', '', true))).toBe('notReady')
    for (const error of [new HttpError(0, 'offline', '', true), new HttpError(500, 'internal', '', true), new Error()]) {
      expect(absence(error)).toBe('loadFailed')
    }
  })

  it('asks again by itself, everybody at another moment', async () => {
    const store = useContest()
    const random = vi.spyOn(Math, 'random')
    asked.mockImplementation(async () => refused('no-session'))
    random.mockReturnValue(0)
    await store.load()
    expect([store.boot, asked.mock.calls.length]).toEqual(['noSession', 1])
    await vi.advanceTimersByTimeAsync(4_999)
    expect(asked).toHaveBeenCalledTimes(1)
    // The next wait is twice as long for whoever draws the other end.
    random.mockReturnValue(1)
    await vi.advanceTimersByTimeAsync(1)
    expect([store.boot, asked.mock.calls.length]).toEqual(['noSession', 2])
    asked.mockImplementation(async () => refused('store-unavailable'))
    await vi.advanceTimersByTimeAsync(9_999)
    expect(asked).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(1)
    expect([store.boot, asked.mock.calls.length]).toEqual(['notReady', 3])
    // Whoever asks by hand is asked for once, not twice.
    await store.load()
    await vi.advanceTimersByTimeAsync(3_999)
    expect(asked).toHaveBeenCalledTimes(4)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked).toHaveBeenCalledTimes(5)
  })
})
