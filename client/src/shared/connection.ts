import { ContestClock } from './clock'
import { decode } from '../wire/codec'
import { SUBPROTOCOL, write, type Message } from '../wire/frames'
import type { ClientHello, ClientMessage, ClientProbe, ServerBye, ServerClock, ServerMessage, ServerWelcome } from '../wire/messages'
import type { ServerMatchWelcome } from '../wire/match'
import type { ServerStageWelcome } from '../wire/stage'

/** Close codes of the protocol (docs/wire.md, From the server). */
export const CLOSE = { superseded: 4001, slow: 4002, abuse: 4003, refused: 4004, moved: 4005 } as const

/**
 * idle: not started · connecting: on the way · live: welcomed · waiting: lost, will try at `retryAtMs` ·
 * offline: the computer says it has no network · taken: another page of this sitting took over ·
 * ended: the server does not want this client · signed_out: the cookie is gone
 */
export type LinkStatus = 'idle' | 'connecting' | 'live' | 'waiting' | 'offline' | 'taken' | 'ended' | 'signed_out'

export interface Link {
  status: LinkStatus
  /** Consecutive tries without a welcome. */
  tries: number
  /** When the next try is due, on the monotonic clock; 0 when none is. */
  retryAtMs: number
}

export interface SocketLike {
  binaryType: BinaryType
  readonly bufferedAmount: number
  onopen: ((event: Event) => unknown) | null
  onmessage: ((event: MessageEvent<ArrayBuffer>) => unknown) | null
  onclose: ((event: CloseEvent) => unknown) | null
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number): void
}

/** What a connection needs from outside, so that tests can stand in for the browser. */
export interface Surroundings {
  open(): SocketLike
  /** A ticket for one socket; '' for viewers. Rejects with an error whose `status` 401 means: not signed in. */
  ticket(): Promise<string>
  monotonicMs(): number
  random(): number
  after(ms: number, act: () => void): () => void
}

export interface Handlers<In = ServerMessage> {
  /** What to greet with: the position in the feed and the answers that wait. */
  hello(): Omit<ClientHello, 'type' | 'ticket'>
  message(message: In): void
  link(link: Link): void
}

/** What a line speaks, and how soon it takes silence for a loss. */
export interface Manner<In> {
  /** The message in a frame; null when it is none. */
  read(frame: ArrayBuffer): In | null
  longestWaitMs: number
  welcomeWithinMs: number
  probeEveryMs: number
  answerWithinMs: number
}

/** The contest's line, to which a contestant's answers go. */
const CONTEST: Manner<ServerMessage> = {
  read: decode,
  longestWaitMs: 10_000,
  welcomeWithinMs: 8_000,
  probeEveryMs: 20_000,
  answerWithinMs: 6_000,
}

/** What the line itself minds of all that it is told. */
type Control = ServerWelcome | ServerStageWelcome | ServerMatchWelcome | ServerClock | ServerBye

const FIRST_PROBES = 5
const FIRST_PROBE_EVERY_MS = 150
const ANSWER_SOON_MS = 2_500
const REFUSALS_ENDURED = 5

/** How long to wait before try `tries` (0, 1, …): full jitter, docs/wire.md. */
export function backOff(tries: number, leastMs: number, random: number, longestMs = CONTEST.longestWaitMs): number {
  return random * Math.min(longestMs, leastMs * 2 ** tries)
}

/** One client's line to the server over any number of sockets. */
export class Connection<Out extends Message = ClientMessage, In extends Message = ServerMessage> {
  readonly clock: ContestClock
  link: Link = { status: 'idle', tries: 0, retryAtMs: 0 }

  private socket: SocketLike | null = null
  private generation = 0
  private tries = 0
  private refusals = 0
  private leastWaitMs = 500
  private resumeAfterMs = -1
  private probeId = 0
  private readonly probes = new Map<number, number>()
  private cancelRetry: () => void = () => {}
  private cancelWelcome: () => void = () => {}
  private cancelProbe: () => void = () => {}

  constructor(
    private readonly around: Surroundings,
    private readonly handlers: Handlers<In>,
    private readonly manner: Manner<In> = CONTEST as unknown as Manner<In>,
  ) {
    this.clock = new ContestClock(() => around.monotonicMs())
  }

  /** Connect, or take over from another page of the same sitting. */
  start(): void {
    this.tries = 0
    this.refusals = 0
    void this.connect()
  }

  /** Close for good. */
  stop(): void {
    this.drop()
    this.say('idle')
  }

  /** Whether it went out; what did not is to be said again after the next welcome. */
  send(message: Out | ClientProbe): boolean {
    if (this.link.status !== 'live' || !this.socket) return false
    this.socket.send(write(message))
    return true
  }

  /** The browser says that there is no network. */
  wentOffline(): void {
    if (!this.wanted()) return
    this.drop()
    this.say('offline')
  }

  /** The browser says that the network is back. */
  cameOnline(): void {
    if (this.link.status !== 'offline' && this.link.status !== 'waiting') return
    this.tries = 0
    this.retry(this.around.random() * this.leastWaitMs)
  }

  /** The computer slept, or an answer waits too long: see quickly whether the line still stands. */
  suspect(): void {
    if (this.link.status === 'live') this.probe(ANSWER_SOON_MS)
    else if (this.link.status === 'waiting') this.cameOnline()
  }

  /** After sleep even the monotonic clock is in doubt. */
  woke(): void {
    this.clock.doubt()
    this.suspect()
    if (this.link.status === 'live') this.probeSeveral(FIRST_PROBES)
  }

  /** Drop the socket and greet anew; for a gap in the feed. */
  restart(): void {
    if (!this.wanted()) return
    this.drop()
    this.retry(0)
  }

  private wanted(): boolean {
    return !['idle', 'taken', 'ended', 'signed_out'].includes(this.link.status)
  }

  private async connect(): Promise<void> {
    this.drop()
    const generation = this.generation
    this.say('connecting')
    let ticket: string
    try {
      ticket = await this.around.ticket()
    } catch (error) {
      if (generation !== this.generation) return
      if ((error as { status?: number }).status === 401) this.say('signed_out')
      else this.lost()
      return
    }
    if (generation !== this.generation) return
    let socket: SocketLike
    try {
      socket = this.around.open()
    } catch {
      this.lost()
      return
    }
    this.socket = socket
    socket.binaryType = 'arraybuffer'
    const current = () => generation === this.generation
    socket.onopen = () => {
      if (!current()) return
      const hello: ClientHello = { type: 'hello', ticket, ...this.handlers.hello() }
      socket.send(write(hello))
    }
    socket.onmessage = (event) => {
      if (!current() || typeof event.data === 'string') return
      const receivedMs = this.around.monotonicMs()
      const message = this.manner.read(event.data)
      if (message) this.received(message, receivedMs)
    }
    socket.onclose = (event) => {
      if (current()) this.closed(event.code)
    }
    this.cancelWelcome = this.around.after(this.manner.welcomeWithinMs, () => {
      if (!current()) return
      this.drop()
      this.lost()
    })
  }

  private received(message: In, receivedMs: number): void {
    const told = message as unknown as Control
    switch (told.type) {
      case 'welcome':
      case 'stage_welcome':
      case 'match_welcome':
        this.welcomed(told)
        break
      case 'clock': {
        const sentMs = this.probes.get(told.id)
        this.probes.delete(told.id)
        if (sentMs !== undefined) this.clock.sample(sentMs, receivedMs, told.server_us)
        break
      }
      case 'bye':
        this.resumeAfterMs = told.resume_after_ms
        break
      default:
    }
    this.handlers.message(message)
  }

  private welcomed(message: ServerWelcome | ServerStageWelcome | ServerMatchWelcome): void {
    this.cancelWelcome()
    this.tries = 0
    this.refusals = 0
    this.leastWaitMs = Math.max(50, message.resume_min_ms)
    this.clock.greet(message.server_us)
    this.say('live')
    this.probeSeveral(FIRST_PROBES)
  }

  private probeSeveral(left: number): void {
    this.cancelProbe()
    this.probe(this.manner.answerWithinMs)
    const wait = left > 1 ? FIRST_PROBE_EVERY_MS : this.manner.probeEveryMs
    const generation = this.generation
    this.cancelProbe = this.around.after(wait, () => {
      if (generation === this.generation) this.probeSeveral(Math.max(1, left - 1))
    })
  }

  /** Ask the time; a line that does not answer is dead, whatever the browser thinks of it. */
  private probe(answerWithinMs: number): void {
    const generation = this.generation
    this.probeId += 1
    const id = this.probeId
    this.probes.set(id, this.around.monotonicMs())
    this.send({ type: 'probe', id })
    this.around.after(answerWithinMs, () => {
      if (generation !== this.generation || !this.probes.has(id)) return
      this.drop()
      this.lost()
    })
  }

  private closed(code: number): void {
    this.drop()
    if (code === CLOSE.superseded) {
      this.say('taken')
    } else if (code === CLOSE.abuse) {
      this.say('ended')
    } else if (code === CLOSE.refused) {
      this.refusals += 1
      if (this.refusals > REFUSALS_ENDURED) this.say('ended')
      else this.lost()
    } else if (code === CLOSE.moved && this.resumeAfterMs >= 0) {
      this.retry(this.resumeAfterMs + this.around.random() * this.leastWaitMs)
    } else {
      this.lost()
    }
  }

  private lost(): void {
    const wait = backOff(this.tries, this.leastWaitMs, this.around.random(), this.manner.longestWaitMs)
    this.tries += 1
    this.retry(wait)
  }

  private retry(waitMs: number): void {
    this.cancelRetry()
    this.resumeAfterMs = -1
    this.say('waiting', this.around.monotonicMs() + waitMs)
    this.cancelRetry = this.around.after(waitMs, () => void this.connect())
  }

  /** Forget the socket; whatever it still says is not heard. */
  private drop(): void {
    this.generation += 1
    this.cancelRetry()
    this.cancelWelcome()
    this.cancelProbe()
    this.probes.clear()
    const socket = this.socket
    this.socket = null
    if (socket) {
      try {
        socket.close()
      } catch {
        // It was closing already.
      }
    }
  }

  private say(status: LinkStatus, retryAtMs = 0): void {
    this.link = { status, tries: this.tries, retryAtMs }
    this.handlers.link(this.link)
  }
}

/** Where those connect who only watch: they are no burden on contestants there. */
export const BOARD_PATH = '/live/board'

/** The line as a browser gives it. */
export function inBrowser(ticket: () => Promise<string>, path = '/live'): Surroundings {
  return {
    open: () => {
      const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
      return new WebSocket(address, SUBPROTOCOL) as unknown as SocketLike
    },
    ticket,
    monotonicMs: () => performance.now(),
    random: () => Math.random(),
    after: (ms, act) => {
      const timer = setTimeout(act, ms)
      return () => clearTimeout(timer)
    },
  }
}

const BEAT_MS = 1_000
const SLEPT_MS = 4_000

/** Tell a connection what happens to the computer: network gone and back, sleep and waking. */
export function watchComputer(connection: Pick<Connection, 'woke' | 'suspect' | 'wentOffline' | 'cameOnline'>): () => void {
  let lastBeat = Date.now()
  const beat = () => {
    const now = Date.now()
    if (Math.abs(now - lastBeat - BEAT_MS) > SLEPT_MS) connection.woke()
    lastBeat = now
  }
  const shown = () => {
    if (document.visibilityState === 'visible') {
      beat()
      connection.suspect()
    }
  }
  const offline = () => connection.wentOffline()
  const online = () => connection.cameOnline()
  const timer = setInterval(beat, BEAT_MS)
  window.addEventListener('offline', offline)
  window.addEventListener('online', online)
  document.addEventListener('visibilitychange', shown)
  return () => {
    clearInterval(timer)
    window.removeEventListener('offline', offline)
    window.removeEventListener('online', online)
    document.removeEventListener('visibilitychange', shown)
  }
}
