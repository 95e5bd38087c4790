import { encode as pack } from '@msgpack/msgpack'
import { decode as unpack } from '@msgpack/msgpack'
import { beforeEach, describe, expect, it } from 'vitest'
import { backOff, Connection, type SocketLike } from '../src/shared/connection'
import type { Answered, ServerMessage } from '../src/wire/messages'

class FakeSocket implements SocketLike {
  binaryType: BinaryType = 'blob'
  bufferedAmount = 0
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  sent: Record<string, unknown>[] = []
  closed = false

  send(data: Uint8Array) {
    this.sent.push(unpack(data) as Record<string, unknown>)
  }
  close() {
    this.closed = true
  }
  opens() {
    this.onopen?.({} as Event)
  }
  says(message: object) {
    const bytes = pack(message)
    this.onmessage?.({ data: bytes.buffer.slice(0, bytes.length) } as MessageEvent<ArrayBuffer>)
  }
  dies(code = 1006) {
    this.onclose?.({ code } as CloseEvent)
  }
}

/** A browser whose time passes when the test says so. */
class World {
  now = 0
  sockets: FakeSocket[] = []
  timers: { at: number; act: () => void; live: boolean }[] = []
  links: string[] = []
  heard: ServerMessage[] = []
  unacked: Answered[] = []
  ticket: () => Promise<string> = async () => 'ticket'
  random = 1
  readonly connection = new Connection(
    {
      open: () => {
        const socket = new FakeSocket()
        this.sockets.push(socket)
        return socket
      },
      ticket: () => this.ticket(),
      monotonicMs: () => this.now,
      random: () => this.random,
      after: (ms, act) => {
        const timer = { at: this.now + ms, act, live: true }
        this.timers.push(timer)
        return () => {
          timer.live = false
        }
      },
    },
    {
      hello: () => ({ epoch: 'e', offset: 3, unacked: this.unacked, session: 0 }),
      message: (message) => this.heard.push(message),
      link: (link) => this.links.push(link.status),
    },
  )

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!
  }

  async pass(ms: number) {
    const until = this.now + ms
    for (;;) {
      const due = this.timers.filter((timer) => timer.live && timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.now = Math.max(this.now, due.at)
      due.live = false
      due.act()
      await this.settle()
    }
    this.now = until
  }

  async settle() {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  }

  async live() {
    this.connection.start()
    await this.settle()
    this.welcome()
  }

  welcome() {
    this.socket.opens()
    this.socket.says({
      type: 'welcome',
      session: 7,
      sitting: 1,
      epoch: 'e',
      offset: 3,
      recovered: true,
      server_us: 5_000_000,
      resume_min_ms: 400,
    })
  }
}

let world: World
beforeEach(() => {
  world = new World()
})

describe('a connection', () => {
  it('greets with ticket, position and unacknowledged answers, then probes the clock', async () => {
    world.unacked = [{ item: 1, seq: 3, response: ['A'] }]
    await world.live()
    expect(world.socket.sent[0]).toEqual({
      type: 'hello',
      ticket: 'ticket',
      epoch: 'e',
      offset: 3,
      unacked: [{ item: 1, seq: 3, response: ['A'] }],
      session: 0,
    })
    expect(world.links).toEqual(['connecting', 'live'])
    for (let probe = 1; probe <= 5; probe += 1) {
      world.now += 10
      world.socket.says({ type: 'clock', id: probe, server_us: 5_000_000 + world.now * 1000 })
      await world.pass(150)
    }
    expect(world.socket.sent.filter((message) => message.type === 'probe').length).toBe(5)
    expect(world.connection.clock.roundTripMs).toBe(10)
  })

  it('comes back with full jitter, twice as long each time, ten seconds at most', async () => {
    expect([0, 1, 2, 10].map((tries) => backOff(tries, 500, 1))).toEqual([500, 1000, 2000, 10_000])
    expect(backOff(3, 500, 0.25)).toBe(1000)
    await world.live()
    world.socket.dies()
    expect(world.connection.link).toMatchObject({ status: 'waiting', retryAtMs: world.now + 400 })
    await world.pass(400)
    expect(world.sockets.length).toBe(2)
    world.socket.dies()
    expect(world.connection.link.retryAtMs).toBe(world.now + 800)
  })

  it('does not fight with a newer page, and takes over when asked', async () => {
    await world.live()
    world.socket.dies(4001)
    await world.pass(60_000)
    expect(world.connection.link.status).toBe('taken')
    expect(world.sockets.length).toBe(1)
    await world.live()
    expect(world.connection.link.status).toBe('live')
  })

  it('stays away after abuse, and gives up after many refused tickets', async () => {
    await world.live()
    world.socket.dies(4003)
    await world.pass(60_000)
    expect(world.connection.link.status).toBe('ended')

    world = new World()
    world.random = 0
    world.connection.start()
    for (let refusal = 0; refusal < 6; refusal += 1) {
      await world.settle()
      world.socket.opens()
      world.socket.dies(4004)
      await world.pass(0)
    }
    expect(world.connection.link.status).toBe('ended')
  })

  it('waits as long as a moving server says', async () => {
    await world.live()
    world.random = 0
    world.socket.says({ type: 'bye', code: 'moved', message: '', resume_after_ms: 1500 })
    world.socket.dies(4005)
    await world.pass(1499)
    expect(world.sockets.length).toBe(1)
    await world.pass(1)
    expect(world.sockets.length).toBe(2)
  })

  it('says that the cookie is gone instead of trying on', async () => {
    world.ticket = async () => {
      throw Object.assign(new Error('x'), { status: 401 })
    }
    world.connection.start()
    await world.settle()
    await world.pass(30_000)
    expect(world.links).toEqual(['connecting', 'signed_out'])
  })

  it('leaves a line that no longer answers, and hears nothing more from it', async () => {
    await world.live()
    const dead = world.socket
    await world.pass(6_000)
    expect(dead.closed).toBe(true)
    expect(world.connection.link.status).toBe('waiting')
    const heard = world.heard.length
    dead.says({ type: 'open', item: 1, key: new Uint8Array(32) })
    dead.dies(4001)
    expect(world.heard.length).toBe(heard)
    expect(world.connection.link.status).toBe('waiting')
  })

  it('tries anew when no welcome comes', async () => {
    world.connection.start()
    await world.settle()
    world.socket.opens()
    await world.pass(8_000)
    expect(world.connection.link.status).toBe('waiting')
  })

  it('waits for the network when the computer says there is none, and comes back at once', async () => {
    await world.live()
    world.connection.wentOffline()
    expect(world.connection.link.status).toBe('offline')
    await world.pass(60_000)
    expect(world.sockets.length).toBe(1)
    world.random = 0
    world.connection.cameOnline()
    await world.pass(0)
    expect(world.sockets.length).toBe(2)
  })

  it('sees soon after waking whether the line still stands', async () => {
    await world.live()
    for (let probe = 1; probe <= 5; probe += 1) {
      world.socket.says({ type: 'clock', id: probe, server_us: 5_000_000 })
      await world.pass(150)
    }
    world.now += 3_600_000
    world.connection.woke()
    await world.pass(2_500)
    expect(world.connection.link.status).toBe('waiting')
  })

  it('sends nothing without a welcome', async () => {
    world.connection.start()
    await world.settle()
    expect(world.connection.send({ type: 'probe', id: 9 })).toBe(false)
  })
})
