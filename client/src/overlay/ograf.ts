/** The OGraf v1 graphic: the same pictures, driven by whatever renderer loads it (https://ograf.ebu.io). */
import tokens from '../shared/tokens.css?inline'
import air from './air.css?inline'
import { Player } from './player'
import { settingsFrom } from './settings'

interface Answer {
  statusCode: number
  statusMessage?: string
  currentStep?: number
}
type Data = Readonly<Record<string, unknown>>

const FIRST_BODY_MS = 5_000
const HOST = ':host { display: block; position: absolute; top: 0; left: 0; width: 100%; height: 100%; overflow: hidden; }'
const OK: Answer = { statusCode: 200 }
const NOT_LOADED: Answer = { statusCode: 409, statusMessage: 'load has not been called' }

export default class LeitaiGraphic extends HTMLElement {
  private player: Player | null = null
  private readonly shadow = this.attachShadow({ mode: 'open' })

  /** Connects; the first document is waited for, but a server that is slow or away fails nothing: it is tried again. */
  async load({ renderType, data }: { renderType?: string; data?: Data }): Promise<Answer> {
    if (renderType !== undefined && renderType !== 'realtime') {
      return { statusCode: 400, statusMessage: 'only real-time rendering is supported' }
    }
    await this.dispose()
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(tokens + air + HOST)
    this.shadow.adoptedStyleSheets = [sheet]
    this.player = new Player(this.shadow, settingsFrom(data ?? {}), this)
    const told = await this.player.ready(FIRST_BODY_MS)
    return told ? OK : { ...OK, statusMessage: 'the server has not answered yet' }
  }

  async updateAction({ data }: { data?: Data }): Promise<Answer> {
    if (!this.player) return NOT_LOADED
    this.player.update(settingsFrom(data ?? {}, this.player.current))
    return OK
  }

  async playAction({ skipAnimation, delta, goto }: { skipAnimation?: boolean; delta?: number; goto?: number } = {}): Promise<Answer> {
    if (!this.player) return NOT_LOADED
    // One step: whatever leads beyond it is the end.
    const step = goto ?? (this.player.onAir ? 0 : -1) + (delta ?? 1)
    if (step > 0) return this.stopAction({ skipAnimation })
    await this.player.play(skipAnimation)
    return { ...OK, currentStep: 0 }
  }

  async stopAction({ skipAnimation }: { skipAnimation?: boolean } = {}): Promise<Answer> {
    if (!this.player) return NOT_LOADED
    await this.player.stop(skipAnimation)
    return OK
  }

  async customAction({ id, payload }: { id: string; payload?: Data }): Promise<Answer> {
    if (!this.player) return NOT_LOADED
    if (id === 'next') {
      this.player.next()
      return OK
    }
    if (id === 'show') return this.updateAction({ data: payload })
    return { statusCode: 404, statusMessage: `no such action: ${id}` }
  }

  async dispose(): Promise<Answer> {
    this.player?.dispose()
    this.player = null
    this.shadow.replaceChildren()
    return OK
  }
}

