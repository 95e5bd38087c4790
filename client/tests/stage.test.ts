import { encode, decode } from '@msgpack/msgpack'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import frames from '../../schema/examples/stage-frames.json'
import { HttpError } from '../src/shared/http'
import { canPress, deskState, placeOf, type Device } from '../src/stage/desk'
import { filmOf, standing } from '../src/stage/film'
import { momentOf, ranked, shownRoom, tiles } from '../src/stage/hall'
import type { LinkStatus, SocketLike } from '../src/shared/connection'
import { stageLine, type StageLine } from '../src/stage/line'
import { keyWords } from '../src/stage/words'
import { DEFAULTS, filmAct, filmPlace, keyAct, legal, type StageConsoleBody } from '../src/staff/stage/stage'
import type { ServerStage, StageQuestion, StageRound, StageServerMessage } from '../src/wire/stage'

const OPENS = 1_000_000
const CLOSES = OPENS + 10_000_000
const ASKED: StageQuestion = {
  question: 5,
  team: 0,
  stake: 0,
  type: 'single',
  stem: '题干',
  options: [],
  parts: [],
  opens_at_us: OPENS,
  closes_at_us: CLOSES,
  presses: [],
  false_starts: [],
  answering: 0,
  verdicts: [],
  over: false,
  revealed: false,
  key: [],
  texts: [],
  explanation: '',
  media: [],
  film: null,
}
const ROUND: StageRound = {
  round: 2,
  kind: 'buzzer',
  title: '抢答题',
  questions: 6,
  asked: 1,
  turn: 0,
  running: 0,
  stake: 0,
  contenders: [1, 2, 3],
}
const TEAMS = [1, 2, 3].map((team) => ({
  team,
  name: `${team}队`,
  centipoints: 10_000,
  rank: team === 3 ? 1 : 2,
  decider: 0,
  connected: true,
}))
const DEVICE: Device = { team: 1, link: 'live', goFor: 0, pressedFor: 0 }

function stage(question: Partial<StageQuestion> | null = {}, round: Partial<StageRound> | null = {}, more: Partial<ServerStage> = {}): ServerStage {
  return {
    type: 'stage',
    version: 1,
    state: 'running',
    title: '决赛',
    teams: TEAMS,
    timer_ends_us: 0,
    round: round && { ...ROUND, ...round },
    question: question && { ...ASKED, ...question },
    vote: null,
    last: null,
    ...more,
  } as ServerStage
}

describe('a desk', () => {
  const press = (team: number) => ({ team, stamp_us: OPENS + team, behind_us: 0 })

  it.each([
    ['offline', null, {}],
    ['offline', stage(), { link: 'waiting' }],
    ['offline', stage(), { link: 'taken' }],
    ['ended', stage({}, {}, { state: 'ended' }), {}],
    ['waiting', stage(null), {}],
    ['waiting', stage(null, null, { state: 'waiting' }), {}],
    ['ready', stage({ opens_at_us: 0 }), {}],
    ['sent', stage({ opens_at_us: 0 }), { pressedFor: 5 }],
    ['sent', stage(), { pressedFor: 5, goFor: 5 }],
    ['locked', stage({ false_starts: [1] }), { goFor: 5 }],
    ['first', stage({ presses: [press(1), press(2)], answering: 1 }), {}],
    ['pressed', stage({ presses: [press(2), press(1)], answering: 2 }), {}],
    ['right', stage({ verdicts: [{ team: 1, right: true }], over: true }), {}],
    ['wrong', stage({ verdicts: [{ team: 1, right: false }], over: true }), {}],
    ['over', stage({ over: true }), { goFor: 5 }],
    ['watching', stage({}, { contenders: [2, 3] }), { goFor: 5 }],
    ['turn', stage({ team: 1, answering: 1 }, { kind: 'required' }), {}],
    ['watching', stage({ team: 2, answering: 2 }, { kind: 'required' }), {}],
    ['over', stage({ team: 1, over: true }, { kind: 'required' }), {}],
  ] as const)('is %s', (expected, view, changes) => {
    expect(deskState(view, { ...DEVICE, ...changes }, OPENS + 5)).toBe(expected)
  })

  it('opens by the frame, and by the clock where the frame was missed', () => {
    const at = (goFor: number, nowUs: number) => deskState(stage(), { ...DEVICE, goFor }, nowUs)
    expect([at(0, OPENS - 1), at(5, OPENS - 1), at(0, OPENS), at(4, OPENS - 1)]).toEqual(['ready', 'open', 'open', 'ready'])
    expect([at(5, CLOSES - 1), at(5, CLOSES)]).toEqual(['open', 'over'])
  })

  it('takes a press before and after the opening, and at no other time', () => {
    expect((['ready', 'open', 'locked', 'sent', 'offline', 'turn', 'over'] as const).map(canPress)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
    expect([placeOf(stage({ presses: [press(2), press(1)] }), 1), placeOf(stage(), 1), placeOf(null, 1)]).toEqual([2, 0, 0])
  })
})

describe('the hall', () => {
  it('marks teams by what they do', () => {
    const question = {
      presses: [2, 1].map((team) => ({ team, stamp_us: 1, behind_us: 0 })),
      answering: 2,
      false_starts: [3],
    }
    expect(tiles(stage(question)).map((one) => [one.mark, one.place])).toEqual([
      ['pressed', 2],
      ['answering', 1],
      ['locked', 0],
    ])
    expect(tiles(stage({ verdicts: [{ team: 1, right: false }, { team: 2, right: true }] })).map((one) => one.mark)).toEqual(['wrong', 'right', ''])
    expect(tiles(stage(null, { turn: 2 })).map((one) => one.mark)).toEqual(['', 'turn', ''])
    expect(ranked(stage()).map((one) => one.team)).toEqual([3, 1, 2])
  })

  it.each([
    ['none', stage(null, null)],
    ['ready', stage(null)],
    ['turn', stage(null, { turn: 1 })],
    ['open', stage()],
    ['ask', stage({ opens_at_us: 0 })],
    ['first', stage({ answering: 2 })],
    ['answering', stage({ answering: 2, team: 2 })],
    ['right', stage({ verdicts: [{ team: 1, right: true }], over: true })],
    ['wrong', stage({ verdicts: [{ team: 1, right: false }], over: true })],
    ['first', stage({ verdicts: [{ team: 1, right: false }], answering: 2 })],
    ['revealed', stage({ revealed: true, over: true })],
    ['over', stage({ over: true })],
  ] as const)('says %s', (expected, view) => {
    expect(momentOf(view, true, OPENS + 1)).toBe(expected)
  })

  it('waits for the opening, and for its end', () => {
    expect(momentOf(stage(), false, OPENS + 1)).toBe('ask')
    expect(momentOf(stage(), true, CLOSES)).toBe('over')
  })

  it('says a right answer in words', () => {
    const t = (key: string) => key
    expect(keyWords(['A', 'C'], [], t)).toBe('AC')
    expect(keyWords(['T'], [], t)).toBe('truth.T')
    expect(keyWords([], [['三十日', '30日'], ['书面']], t)).toBe('三十日common.listJoin书面')
  })
})

describe('the console', () => {
  const body = (view: ServerStage, more: Partial<StageConsoleBody> = {}): StageConsoleBody => ({
    stage: 7,
    state: 'running',
    server_us: 0,
    codes: 1,
    settings: DEFAULTS,
    rounds: [],
    view,
    next_question: 6,
    coming: null,
    key: null,
    presses: [],
    lines: [],
    most_from_one: 0,
    ...more,
  })
  const may = (seen: StageConsoleBody) =>
    Object.entries(legal(seen))
      .filter(([, is]) => is)
      .map(([act]) => act)

  it('offers what makes sense', () => {
    expect(may(body(stage(null, null)))).toEqual(['next'])
    expect(may(body(stage({ opens_at_us: 0 })))).toEqual(['next', 'buzzer', 'reveal', 'timer'])
    expect(may(body(stage({ answering: 2 })))).toEqual(['next', 'right', 'wrong', 'reveal', 'timer'])
    expect(may(body(stage({ revealed: true, over: true }), { next_question: 0 }))).toEqual(['timer'])
    expect(may(body(stage(null, { kind: 'risk' })))).toEqual(['timer'])
    expect(may(body(stage(null, { kind: 'risk', stake: 2_000 })))).toEqual(['next', 'timer'])
    expect(may(body(stage(null, { kind: 'timed' })))).toEqual(['timer'])
    expect(may(body(stage(null, { kind: 'sudden_death', contenders: [2] })))).toEqual(['timer'])
    expect(may(body(stage({}, {}, { state: 'ended' }), { state: 'ended' }))).toEqual([])
  })

  it('hears keys, but for those of somebody who types', () => {
    const key = (name: string, more: object = {}) =>
      keyAct({ key: name, altKey: false, ctrlKey: false, metaKey: false, repeat: false, target: document.body, ...more })
    expect(['n', 'B', 'r', 'w', 'v', 'z', 't', 'x'].map((name) => key(name))).toEqual([
      'next',
      'buzzer',
      'right',
      'wrong',
      'reveal',
      'undo',
      'timer',
      null,
    ])
    expect([key('r', { ctrlKey: true }), key('n', { repeat: true }), key('n', { target: document.createElement('input') })]).toEqual([null, null, null])
  })
})

describe('what a question shows', () => {
  const PICTURE = { address: 'a', type: 'image/png', width: 1200, height: 480, alt: '流程图' }
  const FILM = { address: 'b', type: 'video/mp4', width: 0, height: 0, alt: '窗口服务' }
  const film = (more: object = {}) => ({ film: 2, playing: true, at_us: 5_000_000, from_us: 2_000_000, ...more })
  const asked = (more: Partial<StageQuestion> = {}) => ({ ...ASKED, media: [PICTURE, FILM], ...more })

  it.each([
    [null, 10, { at: 0, runs: false, over: false }],
    [film(), 10, { at: 2, runs: true, over: false }],
    [film({ from_us: 9_999_999 }), 10, { at: 9.999999, runs: true, over: false }],
    [film({ from_us: 10_000_000 }), 10, { at: 10, runs: false, over: true }],
    [film({ playing: false }), 10, { at: 2, runs: false, over: false }],
    [film({ playing: false, from_us: 11_000_000 }), 10, { at: 10, runs: false, over: true }],
    [film({ from_us: 11_000_000 }), NaN, { at: 11, runs: true, over: false }],
    [film({ from_us: 11_000_000 }), Infinity, { at: 11, runs: true, over: false }],
  ])('stands where the director left it: %o of %d s', (left, seconds, stands) => {
    expect(standing(left, 5_000_000, seconds)).toEqual(stands)
  })

  it('runs on by the clock, and never before its beginning', () => {
    expect(standing(film(), 6_500_000, 10).at).toBe(3.5)
    expect(standing(film({ from_us: 0 }), 4_000_000, 10).at).toBe(0)
  })

  it('is the film that the director plays, and no other one', () => {
    const left = film()
    expect(filmOf(asked({ film: left }), 'b')).toBe(left)
    expect(filmOf(asked({ film: left }), 'a')).toBeNull()
    expect(filmOf(asked(), 'b')).toBeNull()
  })

  it('is played, paused, and begun again where it is over', () => {
    const act = { act: 'film', question: 5, film: 2 }
    expect(filmAct(asked(), 2, false)).toEqual({ ...act, playing: true, from_start: false })
    expect(filmAct(asked({ film: film() }), 2, false)).toEqual({ ...act, playing: false, from_start: false })
    expect(filmAct(asked({ film: film({ playing: false }) }), 2, false)).toEqual({ ...act, playing: true, from_start: false })
    expect(filmAct(asked({ film: film() }), 2, true)).toEqual({ ...act, playing: true, from_start: true })
    expect([filmPlace(asked()), filmPlace(asked({ film: film({ film: 7 }) })), filmPlace(ASKED)]).toEqual([2, 7, 0])
  })

  it.each([
    ['one alone, as high as the text beside it', [PICTURE], 4, false, 1060, 600],
    ['a tall one, no wider than it is', [{ ...PICTURE, width: 300, height: 400 }], 4, false, 450, 600],
    ['less where teams need two rows', [PICTURE], 7, false, 1060, 510],
    ['two above each other', [PICTURE, FILM], 4, false, 720, 288],
    ['more in two columns', [FILM, FILM, FILM], 4, false, 1048, 288],
    ['a film that runs has the room to itself', [PICTURE, FILM], 4, true, 1060, 720],
  ])('has room: %s', (_, media, teams, filming, width, height) => {
    expect(shownRoom(media, teams, filming)).toEqual({ width: `calc(${width} * var(--u))`, height: `calc(${height} * var(--u))` })
  })
})

class FakeSocket {
  binaryType = ''
  readyState = 1
  onopen: (() => void) | null = null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  readonly sent: { type: string }[] = []
  closed = false

  send(frame: Uint8Array): void {
    this.sent.push(decode(frame) as { type: string })
  }

  close(): void {
    this.closed = true
  }

  say(message: object): void {
    const bytes = encode(message)
    this.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer })
  }
}

describe('the line', () => {
  let sockets: FakeSocket[]
  let links: LinkStatus[]
  let heard: StageServerMessage[]
  let ticket: () => Promise<string>
  let line: StageLine

  beforeEach(() => {
    vi.useFakeTimers()
    sockets = []
    links = []
    heard = []
    ticket = () => Promise.resolve('ticket')
    line = stageLine(
      { message: (message) => heard.push(message), link: (link) => links.push(link.status) },
      {
        open: () => {
          const socket = new FakeSocket()
          sockets.push(socket)
          return socket as unknown as SocketLike
        },
        ticket: () => ticket(),
        monotonicMs: () => Date.now(),
        random: () => 0,
        after: (ms, act) => {
          const timer = setTimeout(act, ms)
          return () => clearTimeout(timer)
        },
      },
    )
  })
  afterEach(() => {
    line.stop()
    vi.useRealTimers()
  })

  const welcome = { type: 'stage_welcome', stage: 7, team: 2, server_us: 5_000_000, resume_min_ms: 200 }
  async function live(): Promise<FakeSocket> {
    line.start()
    await vi.advanceTimersByTimeAsync(0)
    const socket = sockets[sockets.length - 1]!
    socket.onopen?.()
    socket.say(welcome)
    return socket
  }

  it('says hello with its ticket and asks the time', async () => {
    const socket = await live()
    expect(socket.sent).toEqual([
      { type: 'hello', ticket: 'ticket' },
      { type: 'probe', id: 1 },
    ])
    expect(links).toEqual(['connecting', 'live'])
    expect(line.clock.nowUs()).toBe(5_000_000)
    expect(line.send({ type: 'press', question: 5, seq: 1 })).toBe(true)
  })

  it('fills in what a message leaves out', async () => {
    const socket = await live()
    socket.say({ type: 'stage', version: 2, state: 'waiting', title: '', teams: [] })
    expect(heard[heard.length - 1]).toMatchObject({ question: null, timer_ends_us: 0 })
  })

  it('comes back with another ticket when the line is lost or silent', async () => {
    const socket = await live()
    socket.onclose?.({ code: 1006 })
    await vi.advanceTimersByTimeAsync(250)
    expect(sockets.length).toBe(2)
    const again = sockets[1]!
    again.onopen?.()
    again.say(welcome)
    await vi.advanceTimersByTimeAsync(4_000)
    expect(again.closed).toBe(true)
    expect(links.slice(0, 6)).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live', 'waiting'])
  })

  it('does not come back where another device took over, or where nobody is let in', async () => {
    const socket = await live()
    socket.onclose?.({ code: 4001 })
    await vi.advanceTimersByTimeAsync(20_000)
    expect([sockets.length, links[links.length - 1]]).toEqual([1, 'taken'])
    ticket = () => Promise.reject(new HttpError(401, 'not-signed-in', '', false))
    line.start()
    await vi.advanceTimersByTimeAsync(20_000)
    expect([sockets.length, links[links.length - 1]]).toEqual([1, 'signed_out'])
  })

  it('reads every published frame', async () => {
    const socket = await live()
    const published = frames.frames as { direction: string; hex: string; json: { type: string } }[]
    for (const frame of published.filter((one) => one.direction === 'server' && one.json.type !== 'clock')) {
      const bytes = Uint8Array.from(frame.hex.match(/../g)!.map((byte) => parseInt(byte, 16)))
      socket.onmessage?.({ data: bytes.buffer })
      expect(heard[heard.length - 1]).toMatchObject(frame.json)
    }
  })
})
