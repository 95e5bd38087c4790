/** The line to `/api/air/stream`: it comes back by itself, for as long as it takes. */
import type { AirBody } from './air'
import type { Settings } from './settings'

export type LineState = 'waiting' | 'live' | 'broken' | 'refused'

const LEAST_MS = 500
const MOST_MS = 15_000
/** The server says something every 15 s; a line that is silent for longer may be dead without anybody knowing. */
const SILENCE_MS = 20_000
const LOOK_MS = 5_000

/** A cookie only goes where the page came from: the director's own frames bring no token. */
const OPTIONS: RequestInit = { credentials: 'same-origin', cache: 'no-store' }

export function addressOf(path: string, settings: Settings): string {
  const query = new URLSearchParams({ channel: settings.channel })
  if (settings.token) query.set('token', settings.token)
  if (settings.overlay === 'program' && settings.preview) query.set('show', 'preview')
  if (settings.overlay === 'province' && settings.params.delegation) {
    query.set('delegation', settings.params.delegation)
  }
  return `${settings.server}${path}?${query.toString()}`
}

/** Where the file of an address is that an item shows. */
export function fileOf(address: string, settings: Settings): string {
  const token = settings.token ? `?${new URLSearchParams({ token: settings.token }).toString()}` : ''
  return `${settings.server}/api/air/media/${address}${token}`
}

export class Line {
  state: LineState = 'waiting'
  private source: EventSource | null = null
  private timer = 0
  private tries = 0
  private heardMs = 0
  /** What the stream has told so far: after its first event it tells only members that differ. */
  private held: AirBody | null = null
  private readonly looking = window.setInterval(() => this.look(), LOOK_MS)

  constructor(
    private readonly settings: Settings,
    private readonly took: (body: AirBody) => void,
    private readonly changed: () => void,
  ) {
    this.open()
  }

  close(): void {
    window.clearInterval(this.looking)
    this.drop()
  }

  private open(): void {
    this.drop()
    this.heardMs = performance.now()
    const source = new EventSource(`${addressOf('/api/air/stream', this.settings)}&changes=1`)
    this.source = source
    // Whoever comes anew is told everything first, and so is a source that comes back by itself.
    this.held = null
    source.onmessage = (event: MessageEvent<string>) => {
      this.heardMs = performance.now()
      this.tries = 0
      this.become('live')
      this.held = { ...this.held, ...(JSON.parse(event.data) as AirBody) }
      this.took(this.held)
    }
    source.addEventListener('refused', () => {
      this.become('refused')
      // A token may be put right, or another server may know it: ask again, seldom.
      this.tries = 10
      this.again()
    })
    source.onerror = () => {
      this.again()
      if (this.settings.preview) this.learnWhy()
    }
  }

  /** Open anew after a while that grows, not all at the same instant. */
  private again(): void {
    this.drop()
    if (this.state === 'live') this.become('broken')
    const most = Math.min(MOST_MS, LEAST_MS * 2 ** this.tries++)
    this.timer = window.setTimeout(() => this.open(), most / 2 + (Math.random() * most) / 2)
  }

  /** An event source does not tell why it was turned away. */
  private learnWhy(): void {
    fetch(addressOf('/api/air', this.settings), OPTIONS)
      .then((answer) => {
        if (answer.status === 401 || answer.status === 403) this.become('refused')
      })
      .catch(() => {})
  }

  /** A silent line is asked over another one whether there is anything to say. */
  private look(): void {
    if (this.state !== 'live' || performance.now() - this.heardMs < SILENCE_MS) return
    this.heardMs = performance.now()
    const abort = new AbortController()
    const late = window.setTimeout(() => abort.abort(), LOOK_MS)
    fetch(addressOf('/api/air', this.settings), { ...OPTIONS, signal: abort.signal })
      .then(async (answer) => {
        if (!answer.ok) throw new Error(String(answer.status))
        this.took((await answer.json()) as AirBody)
      })
      .catch(() => this.again())
      .finally(() => window.clearTimeout(late))
  }

  private drop(): void {
    window.clearTimeout(this.timer)
    this.source?.close()
    this.source = null
  }

  private become(state: LineState): void {
    if (this.state === state) return
    this.state = state
    this.changed()
  }
}
