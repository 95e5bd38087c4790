import { gliding } from '../board/board'
import { calm } from './dom'

const MOST_MOVING = 20

/**
 * Rows that stand by a transform and glide to their next place.
 *
 * `place` says where the row of an index stands, as a transform. At most twenty rows glide at once, the rest jump.
 */
export class Rows<R extends { key: string }> {
  private readonly elements = new Map<string, HTMLElement>()
  private places = new Map<string, number>()

  constructor(
    private readonly box: HTMLElement,
    private readonly place: (index: number) => string,
    private readonly one: () => HTMLElement,
    private readonly fill: (element: HTMLElement, row: R) => void,
  ) {}

  show(rows: readonly R[]): void {
    const glides = gliding(this.places, rows, MOST_MOVING)
    const here = new Set(rows.map((row) => row.key))
    for (const [key, element] of this.elements) {
      if (here.has(key)) continue
      element.remove()
      this.elements.delete(key)
    }
    const first = this.places.size === 0
    rows.forEach((row, index) => {
      const had = this.elements.get(row.key)
      const element = had ?? this.one()
      element.classList.toggle('row--glide', glides.has(row.key))
      this.fill(element, row)
      element.style.transform = this.place(index)
      if (had) return
      // A row that has arrived needs no layer of its own any more.
      element.addEventListener('transitionend', () => element.classList.remove('row--glide'))
      this.elements.set(row.key, element)
      this.box.append(element)
      if (!first && !calm()) element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 300 })
    })
    this.places = new Map(rows.map((row, index) => [row.key, index]))
  }
}

/** Places in columns of so many rows, by the lengths `--row` and `--column`. */
export function inColumns(perColumn: number): (index: number) => string {
  return (index) => {
    const column = Math.floor(index / perColumn)
    return `translate3d(calc(${column} * var(--column)), calc(${index % perColumn} * var(--row)), 0)`
  }
}
