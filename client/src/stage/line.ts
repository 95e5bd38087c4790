/** A device's line to its stage: a ticket, a socket, the clock, and coming back by itself. */
import { Decoder, Encoder } from '@msgpack/msgpack'
import { ContestClock } from '../shared/clock'
import { HttpError, postJson } from '../shared/http'
import { serverDefaults, type StageClientMessage, type StageServerMessage } from '../wire/stage'

export type LinkState = 'connecting' | 'live' | 'waiting' | 'taken' | 'out'

/** What the line needs of the browser; tests give their own. */
export interface Around {
  open(): WebSocket
  ticket(): Promise<string>
  monotonicMs(): number
  random(): number
}

const SUBPROTOCOL = 'leitai.v1'
const SUPERSEDED = 4001
const LONGEST_WAIT_MS = 5_000
const LEAST_WAIT_MS = 200
const WELCOME_WITHIN_MS = 6_000
const PROBE_EVERY_MS = 4_000
const FIRST_PROBES = 5
const ANSWER_WITHIN_MS = 4_000

const encoder = new Encoder()
const decoder = new Decoder()

function read(frame: ArrayBuffer): StageServerMessage | null {
  let value: unknown
  try {
    value = decoder.decode(frame)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const message = value as { type?: unknown }
  if (typeof message.type !== 'string') return null
  return { ...serverDefaults[message.type]?.(), ...message } as unknown as StageServerMessage
}

export class StageLine {
  readonly clock: ContestClock
  private socket: WebSocket | null = null
  private generation = 0
  private tries = 0
  private probeId = 0
  private probesLeft = 0
  private welcomed = false
  private readonly probes = new Map<number, number>()
  private readonly timers = new Set<ReturnType<typeof setTimeout>>()

  constructor(
    private readonly around: Around,
    private readonly told: (message: StageServerMessage) => void,
    private readonly link: (state: LinkState) => void,
  ) {
    this.clock = new ContestClock(() => around.monotonicMs())
  }

  start(): void {
    this.tries = 0
    void this.connect()
  }

  stop(): void {
    this.drop()
  }

  /** Whether it went out; what did not is to be said again after the next welcome. */
  send(message: StageClientMessage): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(encoder.encode(message))
    return true
  }

  private async connect(): Promise<void> {
    this.drop()
    const generation = this.generation
    this.link('connecting')
    let ticket: string
    try {
      ticket = await this.around.ticket()
    } catch (error) {
      if (generation !== this.generation) return
      if (error instanceof HttpError && error.code === 'not-signed-in') this.link('out')
      else this.lost()
      return
    }
    if (generation !== this.generation) return
    const socket = this.around.open()
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    const current = () => generation === this.generation
    socket.onopen = () => {
      if (current()) this.send({ type: 'hello', ticket })
    }
    socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
      if (!current() || typeof event.data === 'string') return
      const receivedMs = this.around.monotonicMs()
      const message = read(event.data)
      if (message) this.received(message, receivedMs)
    }
    socket.onclose = (event) => {
      if (!current()) return
      if (event.code === SUPERSEDED) {
        this.drop()
        this.link('taken')
      } else {
        this.lost()
      }
    }
    this.welcomed = false
    this.after(WELCOME_WITHIN_MS, () => {
      if (!this.welcomed) this.lost()
    })
  }

  private received(message: StageServerMessage, receivedMs: number): void {
    if (message.type === 'stage_welcome') {
      this.tries = 0
      this.welcomed = true
      this.probesLeft = FIRST_PROBES
      this.clock.greet(message.server_us)
      this.link('live')
      this.probe()
    } else if (message.type === 'clock') {
      const sentMs = this.probes.get(message.id)
      this.probes.delete(message.id)
      if (sentMs !== undefined) this.clock.sample(sentMs, receivedMs, message.server_us)
    }
    this.told(message)
  }

  /** Ask the time again and again; a line that does not answer is dead, whatever the browser thinks of it. */
  private probe(): void {
    this.probeId += 1
    const id = this.probeId
    this.probes.set(id, this.around.monotonicMs())
    this.send({ type: 'probe', id })
    this.after(ANSWER_WITHIN_MS, () => {
      if (this.probes.has(id)) this.lost()
    })
    this.probesLeft = Math.max(0, this.probesLeft - 1)
    this.after(this.probesLeft > 0 ? 200 : PROBE_EVERY_MS, () => this.probe())
  }

  private lost(): void {
    this.drop()
    this.link('waiting')
    const wait = LEAST_WAIT_MS + this.around.random() * Math.min(LONGEST_WAIT_MS, LEAST_WAIT_MS * 2 ** this.tries)
    this.tries += 1
    this.after(wait, () => void this.connect())
  }

  /** Forget the socket; whatever it still says is not heard. */
  private drop(): void {
    this.generation += 1
    this.probes.clear()
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  private after(ms: number, act: () => void): void {
    const generation = this.generation
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      if (generation === this.generation) act()
    }, ms)
    this.timers.add(timer)
  }
}

/** The line as a browser gives it. */
export function inBrowser(): Around {
  return {
    open: () => {
      const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live/stage`
      return new WebSocket(address, SUBPROTOCOL)
    },
    ticket: async () => (await postJson<{ ticket: string }>('/api/stage/tickets', {})).ticket,
    monotonicMs: () => performance.now(),
    random: () => Math.random(),
  }
}
