/** The reveal: from the last place up, and the awards called out. */
import { fitted, make, part, say, sayOrHide } from '../dom'
import { inColumns, Rows } from '../rows'
import type { RevealView } from '../pictures'
import type { Scene } from './scene'

type Row = RevealView['lines'][number]

export function revealScene(): Scene<RevealView> {
  const heading = make('div', 'head__heading')
  const title = make('div', 'head__title')
  const progress = make('div', 'tag tag--quiet num')
  const box = make('div', 'rows')
  const award = make('div', 'call__award')
  const holders = make('div', 'call__holders')
  const more = make('div', 'call__more')
  const call = make('div', 'call', award, holders, more)
  const element = make(
    'section',
    'scene reveal plate',
    make('header', 'head', heading, title, progress),
    make('div', 'board__body', box, call),
  )
  const rows = new Rows<Row>(box, inColumns(Number.MAX_SAFE_INTEGER), emptyRow, fillRow)
  return {
    element,
    show(view) {
      say(heading, view.heading)
      say(title, view.title)
      say(progress, view.progress)
      rows.show(view.lines)
      call.hidden = view.callOut === null
      box.classList.toggle('rows--aside', view.callOut !== null)
      say(award, view.callOut?.award ?? '')
      fitted(holders, view.callOut?.holders ?? [], emptyHolder, (element, holder) => {
        say(part(element, 'holder__name'), holder.name)
        sayOrHide(part(element, 'holder__from'), holder.from)
      })
      sayOrHide(more, view.callOut?.more ?? '')
    },
  }
}

function emptyHolder(): HTMLElement {
  return make('div', 'holder', make('bdi', 'holder__name'), make('bdi', 'holder__from'))
}

function emptyRow(): HTMLElement {
  return make(
    'div',
    'row',
    make('span', 'row__rank num'),
    make('bdi', 'row__name'),
    make('bdi', 'row__from'),
    make('span', 'row__awards'),
    make('span', 'row__points num'),
    make('span', 'row__elapsed num'),
  )
}

function fillRow(element: HTMLElement, line: Row): void {
  say(part(element, 'row__rank'), line.rank)
  say(part(element, 'row__name'), line.name)
  say(part(element, 'row__from'), line.from)
  sayOrHide(part(element, 'row__awards'), line.awards)
  say(part(element, 'row__points'), line.points)
  say(part(element, 'row__elapsed'), line.elapsed)
}
