import type { SceneView } from '../pictures'

/** One picture: made once, shown again with every document, told the time between documents. */
export interface Scene<V extends SceneView = SceneView> {
  readonly element: HTMLElement
  show(view: V): void
  tick?(nowUs: number): void
  /** Called when the picture is taken away. */
  end?(): void
}
