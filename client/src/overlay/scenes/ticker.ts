/** Lines that pass along the lower edge. */
import { calm, make, say } from '../dom'
import type { TickerView } from '../pictures'
import type { Scene } from './scene'

/** Widths of the band that pass in a second. */
const BANDS_PER_S = 0.08
const EACH_US = 6_000_000

export function tickerScene(): Scene<TickerView> {
  const heading = make('div', 'ticker__heading')
  const belt = make('div', 'ticker__belt')
  const band = make('div', 'ticker__band', belt)
  const element = make('section', 'scene ticker plate', heading, band)
  let lines: TickerView['lines'] = []
  let running: Animation | null = null
  let standing = -1
  const told = (list: TickerView['lines']) => JSON.stringify(list)

  /** One passage of all lines; what came meanwhile joins the next one, so that nothing jumps. */
  function pass(): void {
    running = null
    if (lines.length === 0 || calm() || !element.isConnected) return
    belt.replaceChildren(...lines.map((line) => make('bdi', 'ticker__line', line.text)))
    const width = band.clientWidth
    const ends = belt.scrollWidth
    if (width === 0) return
    running = belt.animate(
      [{ transform: `translate3d(${width}px, 0, 0)` }, { transform: `translate3d(${-ends}px, 0, 0)` }],
      { duration: ((width + ends) / (width * BANDS_PER_S)) * 1000 },
    )
    running.onfinish = pass
  }

  return {
    element,
    show(view) {
      say(heading, view.heading)
      const changed = told(view.lines) !== told(lines)
      lines = view.lines
      if (changed) standing = -1
      // The belt is measured where it will move, so it starts with the next tick.
    },
    tick(nowUs) {
      if (!calm()) {
        if (!running) pass()
        return
      }
      const turn = Math.floor(nowUs / EACH_US) % Math.max(1, lines.length)
      const line = lines[turn]
      if (turn === standing || !line) return
      standing = turn
      belt.replaceChildren(make('bdi', 'ticker__line ticker__line--still', line.text))
    },
    end() {
      running?.cancel()
      running = null
    },
  }
}
