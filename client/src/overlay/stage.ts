/** The ground of 1920×1080 on which one picture stands at a time, with its way in and out. */
import { calm, make, say } from './dom'
import { boardScene } from './scenes/board'
import { itemScene } from './scenes/item'
import { revealScene } from './scenes/reveal'
import type { Scene } from './scenes/scene'
import { tickerScene } from './scenes/ticker'
import { versusScene } from './scenes/versus'
import type { SceneView } from './pictures'

const WIDTH = 1920
const HEIGHT = 1080
const PASSAGE_MS = 400

const SCENES: { [Name in SceneView['name']]: () => Scene<Extract<SceneView, { name: Name }>> } = {
  strip: () => boardScene('strip'),
  top10: () => boardScene('top10'),
  delegations: () => boardScene('delegations'),
  province: () => boardScene('province'),
  item: itemScene,
  versus: versusScene,
  ticker: tickerScene,
  reveal: revealScene,
}

interface OnStage {
  picture: string
  scene: Scene
}

export class Stage {
  private readonly ground = make('div', 'air')
  private readonly mark = make('div', 'mark')
  private readonly watch: ResizeObserver
  private current: OnStage | null = null
  private readonly leaving = new Map<Scene, number>()

  constructor(
    mount: Node,
    private readonly frame: HTMLElement,
  ) {
    this.ground.dataset['ground'] = 'night'
    this.mark.hidden = true
    this.ground.append(this.mark)
    mount.appendChild(this.ground)
    this.watch = new ResizeObserver(() => this.fit())
    this.watch.observe(frame)
    this.fit()
  }

  set theme(name: string) {
    this.ground.dataset['theme'] = name
  }

  set lang(lang: string) {
    this.ground.lang = lang
  }

  /** A small word in the corner, for previews only; empty: none. */
  set note(text: string) {
    say(this.mark, text)
    this.mark.hidden = text === ''
  }

  /**
   * Show a view as the picture of that name: the picture that stands moves on, another comes in while the first goes
   * out. Null clears the stage.
   *
   * @param still without a way in or out.
   */
  show(picture: string, view: SceneView | null, still = false): void {
    if (view === null) {
      this.clear(still)
      return
    }
    if (this.current?.picture === picture) {
      this.current.scene.show(view as never)
      return
    }
    this.clear(still)
    const scene = SCENES[view.name]() as Scene
    scene.show(view as never)
    const moves = !still && !calm()
    if (moves) scene.element.classList.add('scene--away')
    this.ground.append(scene.element)
    if (moves) {
      // The way in starts from where the picture stood first: that must have been laid out.
      void scene.element.offsetWidth
      scene.element.classList.remove('scene--away')
    }
    this.current = { picture, scene }
  }

  tick(nowUs: number): void {
    this.current?.scene.tick?.(nowUs)
  }

  /** How long a way in or out takes, in milliseconds. */
  get passageMs(): number {
    return calm() ? 0 : PASSAGE_MS
  }

  get empty(): boolean {
    return this.current === null
  }

  dispose(): void {
    this.watch.disconnect()
    for (const timer of this.leaving.values()) window.clearTimeout(timer)
    this.leaving.clear()
    this.current?.scene.end?.()
    this.current = null
    this.ground.remove()
  }

  private clear(still: boolean): void {
    const leaving = this.current?.scene
    this.current = null
    if (still) for (const scene of [...this.leaving.keys()]) this.remove(scene)
    if (!leaving) return
    if (still || calm()) {
      this.remove(leaving)
      return
    }
    leaving.element.classList.add('scene--away')
    this.leaving.set(
      leaving,
      window.setTimeout(() => this.remove(leaving), PASSAGE_MS),
    )
  }

  private remove(scene: Scene): void {
    window.clearTimeout(this.leaving.get(scene))
    this.leaving.delete(scene)
    scene.end?.()
    scene.element.remove()
  }

  /** One unit of all lengths: a pixel of 1920×1080, in pixels of this screen. Letters stay sharp at every size. */
  private fit(): void {
    const { clientWidth, clientHeight } = this.frame
    const unit = Math.min(clientWidth / WIDTH, clientHeight / HEIGHT)
    if (unit > 0) this.ground.style.setProperty('--u', `${unit}px`)
  }
}
