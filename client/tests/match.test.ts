import { describe, expect, it } from 'vitest'
import { gcm } from '@noble/ciphers/aes.js'
import { decode, encode } from '@msgpack/msgpack'
import frames from '../../schema/examples/match-frames.json'
import { answered, canAnswer, countdownOf, leftOf, NOTHING, outcomeOf, playerOf, told, touched, unsaid, type Played } from '../src/practice/match/match'
import type { MatchPlayer, MatchServerMessage, SealedItem, ServerMatch } from '../src/wire/match'
import { commitment } from '../src/wire/seal'

const NUMBER = 4_201_883_501
const OPENS = 1_000_000_000
const KEY = Uint8Array.from({ length: 32 }, (_, place) => place)
const PLAYERS: MatchPlayer[] = [1, 2].map((seat) => ({
  seat,
  name: `学员${seat}`,
  recorded_us: 0,
  connected: true,
  points: 0,
  right: 0,
  elapsed_us: 0,
  answered: false,
  left: false,
  earned: 0,
}))

function match(state: string, question: number, version: number, more: Partial<ServerMatch> = {}): ServerMatch {
  return {
    type: 'match',
    version,
    state,
    questions: 10,
    question,
    opens_us: OPENS,
    closes_us: OPENS + 20_000_000,
    players: PLAYERS,
    last: null,
    won: 0,
    won_by: '',
    ...more,
  }
}

function sealed(question: number, type = 'single', number = NUMBER): SealedItem {
  const plain = encode({
    type,
    stem: `第${question}题`,
    options: ['A', 'B', 'C'].map((id) => ({ id, text: id })),
    blanks: 0,
    centipoints: 100,
  })
  const nonce = new Uint8Array(12)
  const associated = new TextEncoder().encode(`leitai:${number}:${question}`)
  const hidden = gcm(KEY, nonce, associated).encrypt(plain)
  const whole = new Uint8Array(nonce.length + hidden.length)
  whole.set(nonce)
  whole.set(hidden, nonce.length)
  return { item: question, seconds: 20, sealed: whole, commitment: commitment(KEY, plain) }
}

const after = (now: Played, ...messages: MatchServerMessage[]) => messages.reduce((one, message) => told(one, NUMBER, message), now)

function open(question = 1, type = 'single'): Played {
  return after(
    NOTHING,
    { type: 'match_welcome', match: NUMBER, seat: 1, server_us: OPENS, resume_min_ms: 200 },
    match('soon', question, 1),
    { type: 'match_sealed', sealed: sealed(question, type) },
    { type: 'match_key', question, key: KEY },
    match('open', question, 2),
  )
}

describe('a match on a page', () => {
  it('shows a question once its key is there, and takes a touch as the answer', () => {
    const now = open()
    expect(now.shown?.stem).toBe('第1题')
    expect(canAnswer(now)).toBe(true)
    const given = touched(now, 'B')
    expect(given.own[1]).toEqual({ response: ['B'], status: 'sent' })
    expect(unsaid(given)).toEqual({ question: 1, response: ['B'] })
    expect(touched(given, 'C')).toBe(given)
    const had = after(given, { type: 'match_answered', question: 1, response: ['B'], status: 'accepted', stamp_us: 1, elapsed_us: 1, flagged: false })
    expect([had.own[1]?.status, unsaid(had)]).toEqual(['accepted', null])
  })

  it('waits for a submission where several may be picked', () => {
    const now = touched(touched(open(1, 'multiple'), 'C'), 'A')
    expect([now.picked, now.own[1]]).toEqual([['A', 'C'], undefined])
    expect(answered(now).own[1]?.response).toEqual(['A', 'C'])
    expect(answered(touched(touched(now, 'A'), 'C'))).toEqual(touched(touched(now, 'A'), 'C'))
  })

  it('says again after a lost line what was not acknowledged, and nothing of an earlier question', () => {
    const given = touched(open(), 'B')
    const back = after(given, { type: 'match_welcome', match: NUMBER, seat: 1, server_us: OPENS, resume_min_ms: 200 })
    expect(unsaid(after(back, match('open', 1, 1)))).toEqual({ question: 1, response: ['B'] })
    expect(unsaid(after(back, match('soon', 2, 1)))).toBeNull()
  })

  it('takes the newest view only, and a fresh one after a welcome', () => {
    const now = open()
    expect(after(now, match('closed', 1, 2)).match?.state).toBe('open')
    expect(after(now, match('closed', 1, 3)).match?.state).toBe('closed')
  })

  it('shows no question that was not committed to, nor one of another match', () => {
    const bad = { ...sealed(1), commitment: new Uint8Array(32) }
    for (const one of [bad, sealed(1, 'single', 7)]) {
      const now = after(NOTHING, match('open', 1, 1), { type: 'match_sealed', sealed: one }, { type: 'match_key', question: 1, key: KEY })
      expect([now.shown, now.broken]).toEqual([null, true])
    }
    expect(after(NOTHING, { type: 'match_key', question: 1, key: KEY }).broken).toBe(true)
  })

  it('says what the server does not take', () => {
    const now = after(touched(open(), 'B'), { type: 'error', code: 'too-late', message: '作答时间已过', retry: false, item: 1, seq: 0 })
    expect([now.own[1]?.status, now.fault]).toEqual(['refused', '作答时间已过'])
  })

  it('counts down to the opening and through the window', () => {
    expect([5.5, 3, 2.1, 0.2, -1].map((s) => countdownOf(match('soon', 1, 1), OPENS - s * 1_000_000))).toEqual([3, 3, 3, 1, 1])
    expect(countdownOf(match('open', 1, 1), OPENS)).toBe(0)
    expect([-1, 0, 5, 20, 30].map((s) => leftOf(match('open', 1, 1), OPENS + s * 1_000_000).share)).toEqual([1, 1, 0.75, 0, 0])
    expect(leftOf(match('closed', 1, 1), OPENS).us).toBe(0)
  })

  it('tells who won from the own side', () => {
    const end = (won: number, seat: number) => outcomeOf({ ...NOTHING, seat, match: match('ended', 10, 9, { won }) })
    expect([end(1, 1), end(1, 2), end(0, 2), outcomeOf(open())]).toEqual(['won', 'lost', 'drawn', null])
    expect([playerOf(open(), true)?.seat, playerOf(open(), false)?.seat, playerOf(NOTHING, true)]).toEqual([1, 2, null])
  })

  it('reads every golden frame of the server', () => {
    const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))
    const said = frames.frames
      .filter((one) => one.direction === 'server')
      .map((one) => decode(bytes(one.hex)) as MatchServerMessage)
    const now = after(NOTHING, ...said)
    expect([now.seat, now.match?.state, now.match?.won, now.sealed?.item, now.own[3]?.status]).toEqual([1, 'ended', 1, 3, 'accepted'])
    expect(now.broken).toBe(true)
  })
})
