/** One graphic: its line, its clock and its stage. The pages, OGraf and SPX are thin shells around it. */
import type { AirBody } from './air'
import { StreamClock } from './clock'
import { addressOf, fileOf, Line } from './line'
import type { Settings } from './settings'
import { Stage } from './stage'
import { pageAfter, pictureOf, viewOf, wanted } from './view'
import { words, type Words } from './words'

const TICK_MS = 200

export class Player {
  private readonly stage: Stage
  private readonly clock = new StreamClock()
  private body: AirBody | null = null
  private line: Line | null = null
  private playing = false
  private t: Words
  private ticking = 0
  private readonly first: Promise<void>
  private told: () => void = () => {}

  constructor(
    mount: HTMLElement | ShadowRoot,
    private settings: Settings,
    /** What the stage fills, where that is not the mount itself. */
    frame: HTMLElement = mount as HTMLElement,
  ) {
    this.stage = new Stage(mount, frame)
    this.t = words(settings.lang)
    this.first = new Promise((resolve) => (this.told = resolve))
    this.dress()
    this.connect()
    this.ticking = window.setInterval(() => this.tick(), TICK_MS)
  }

  /** Resolves when there is something to show, or after so many milliseconds; tells which. */
  async ready(mostMs: number): Promise<boolean> {
    let timer = 0
    const late = new Promise<void>((resolve) => (timer = window.setTimeout(resolve, mostMs)))
    await Promise.race([this.first, late])
    window.clearTimeout(timer)
    return this.body !== null
  }

  /** Let the picture in; resolves when it stands. */
  async play(still = false): Promise<void> {
    this.playing = true
    this.draw(still)
    if (!still) await this.passage()
  }

  /** Let the picture out; resolves when it is gone. */
  async stop(still = false): Promise<void> {
    this.playing = false
    this.draw(still)
    if (!still) await this.passage()
  }

  get onAir(): boolean {
    return this.playing
  }

  /** Take other settings; the line is made anew only where it leads elsewhere. */
  update(settings: Settings): void {
    const before = this.settings
    this.settings = settings
    this.t = words(settings.lang)
    this.dress()
    if (addressOf('', before) !== addressOf('', settings)) this.connect()
    this.draw()
  }

  /** The page after the one that is up, of a board that has pages; it stays. */
  next(): void {
    const want = this.body && wanted(this.body, this.settings)
    if (!this.body || !want) return
    const page = pageAfter(this.body, want, this.clock.nowUs())
    this.update({ ...this.settings, params: { ...this.settings.params, page } })
  }

  get current(): Settings {
    return this.settings
  }

  dispose(): void {
    window.clearInterval(this.ticking)
    this.line?.close()
    this.line = null
    this.stage.dispose()
  }

  private connect(): void {
    this.line?.close()
    this.line = new Line(
      this.settings,
      (body) => this.take(body),
      () => this.note(),
    )
    this.note()
  }

  private take(body: AirBody): void {
    this.clock.heard(body.server_us)
    // The answer to a look may be overtaken by the stream.
    if (this.body && body.session === this.body.session && body.server_us < this.body.server_us) return
    this.body = body
    this.told()
    this.draw()
  }

  private draw(still = false): void {
    const want = this.body && this.playing ? wanted(this.body, this.settings) : null
    if (!this.body || !want) {
      this.stage.show('', null, still)
      return
    }
    const at = (address: string) => fileOf(address, this.settings)
    this.stage.show(pictureOf(want), viewOf(this.body, want, this.t, this.clock.nowUs(), at), still)
    this.stage.tick(this.clock.nowUs())
  }

  private tick(): void {
    const want = this.body && this.playing ? wanted(this.body, this.settings) : null
    // Pages turn by the clock, without a new document.
    if (want?.name === 'province' || want?.name === 'strip') this.draw()
    else this.stage.tick(this.clock.nowUs())
  }

  private dress(): void {
    this.stage.theme = this.settings.theme
    this.stage.lang = this.settings.lang
  }

  private note(): void {
    if (!this.settings.preview) {
      this.stage.note = ''
      return
    }
    const notes = { waiting: 'overlay.waiting', live: '', broken: 'overlay.lineLost', refused: 'overlay.refused' }
    this.stage.note = this.t(notes[this.line?.state ?? 'waiting'])
  }

  private passage(): Promise<void> {
    return new Promise((resolve) => window.setTimeout(resolve, this.stage.passageMs))
  }
}
