/** Everything that is rows of people or delegations: strip, top ten, 32 delegations, one province. */
import { make, part, say, sayOrHide } from '../dom'
import { inColumns, Rows } from '../rows'
import type { BoardView, Line } from '../pictures'
import type { Scene } from './scene'

const PER_COLUMN: Record<BoardView['name'], number> = { strip: 1, top10: 10, delegations: 16, province: 10 }

export function boardScene(name: BoardView['name']): Scene<BoardView> {
  const heading = make('div', 'head__heading')
  const title = make('div', 'head__title')
  const tag = make('div', 'tag')
  const empty = make('div', 'empty')
  const box = make('div', 'rows')
  const element = make(
    'section',
    `scene board board--${name} plate`,
    make('header', 'head', heading, title, tag),
    make('div', 'board__body', box, empty),
  )
  const rows = new Rows<Line>(box, inColumns(PER_COLUMN[name]), emptyRow, fillRow)
  return {
    element,
    show(view) {
      say(heading, view.heading)
      say(title, view.title)
      sayOrHide(tag, view.tag)
      sayOrHide(empty, view.lines.length === 0 ? view.empty : '')
      rows.show(view.lines)
    },
  }
}

function emptyRow(): HTMLElement {
  return make(
    'div',
    'row',
    make('span', 'row__rank num'),
    make('span', 'row__rise num'),
    make('bdi', 'row__name'),
    make('bdi', 'row__from'),
    make('span', 'row__points num'),
    make('span', 'row__elapsed num'),
  )
}

function fillRow(element: HTMLElement, line: Line): void {
  say(part(element, 'row__rank'), line.rank)
  const rise = part(element, 'row__rise')
  say(rise, line.rise > 0 ? `▲${line.rise}` : line.rise < 0 ? `▼${-line.rise}` : '')
  rise.classList.toggle('row__rise--up', line.rise > 0)
  rise.classList.toggle('row__rise--down', line.rise < 0)
  element.classList.toggle('row--first', Number(line.rank) <= 3)
  say(part(element, 'row__name'), line.name)
  say(part(element, 'row__from'), line.from)
  say(part(element, 'row__points'), line.points)
  say(part(element, 'row__elapsed'), line.elapsed)
}
