/** Two delegations head to head. */
import { make, part, say, sayOrHide } from '../dom'
import type { Side, VersusView } from '../pictures'
import type { Scene } from './scene'

export function versusScene(): Scene<VersusView> {
  const heading = make('div', 'head__heading')
  const tag = make('div', 'tag')
  const sides = [emptySide('left'), emptySide('right')] as const
  const balance = make('div', 'balance__left')
  const ahead = make('div', 'versus__ahead')
  const element = make(
    'section',
    'scene versus plate',
    make('header', 'head', heading, tag),
    make('div', 'versus__sides', sides[0], make('div', 'versus__middle', 'VS'), sides[1]),
    make('div', 'balance', balance),
    ahead,
  )
  return {
    element,
    show(view) {
      say(heading, view.heading)
      sayOrHide(tag, view.tag)
      sides.forEach((element, index) => fillSide(element, view.sides[index]!, view.labels))
      balance.style.transform = `scaleX(${view.sides[0].part.toFixed(4)})`
      say(ahead, view.ahead)
    },
  }
}

function emptySide(which: string): HTMLElement {
  const fact = (name: string) =>
    make('div', `fact fact--${name}`, make('span', 'fact__label'), make('bdi', 'fact__value num'))
  return make(
    'div',
    `side side--${which}`,
    make('bdi', 'side__name'),
    make('div', 'side__points num'),
    make('div', 'side__facts', fact('rank'), fact('elapsed'), fact('best')),
  )
}

function fillSide(element: HTMLElement, side: Side, labels: VersusView['labels']): void {
  say(part(element, 'side__name'), side.name)
  say(part(element, 'side__points'), side.points)
  for (const name of ['rank', 'elapsed', 'best'] as const) {
    const fact = part(element, `fact--${name}`)
    say(part(fact, 'fact__label'), labels[name])
    say(part(fact, 'fact__value'), side[name])
  }
}
