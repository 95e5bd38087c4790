/** The item on air: stem, options, countdown, and after the closing who chose what. */
import { countdown } from '../../shared/format'
import { fitted, make, part, say, sayOrHide } from '../dom'
import type { Choice, ItemView } from '../pictures'
import type { Scene } from './scene'
import { showing } from './shown'

const LAST_US = 5_000_000

export function itemScene(): Scene<ItemView> {
  const heading = make('div', 'head__heading')
  const kind = make('div', 'tag tag--quiet')
  const clock = make('div', 'clock num')
  const bar = make('div', 'bar__inside')
  const stem = make('div', 'item__stem')
  const choices = make('div', 'choices')
  const answer = make('div', 'item__answer')
  const written = make('div', 'item__answer item__written')
  const answered = make('div', 'item__answered num')
  const beside = showing()
  const element = make(
    'section',
    'scene item plate',
    make('header', 'head', heading, kind, answered, answer, clock),
    make('div', 'bar', bar),
    make('div', 'item__body', make('div', 'item__asked', stem, choices, written), beside.element),
  )
  let shown: ItemView | null = null

  function tick(nowUs: number): void {
    if (!shown) return
    const leftUs = shown.endsUs - nowUs
    const stands = shown.instead !== ''
    say(clock, shown.instead || countdown(leftUs, shown.key === 'start'))
    clock.classList.toggle('clock--words', stands)
    clock.classList.toggle('clock--last', !stands && shown.beganUs > 0 && leftUs <= LAST_US)
    const whole = shown.endsUs - shown.beganUs
    const part = stands || shown.beganUs === 0 || whole <= 0 ? 0 : Math.min(1, Math.max(0, leftUs / whole))
    bar.style.transform = `scaleX(${part.toFixed(4)})`
  }

  return {
    element,
    show(view) {
      if (shown?.key !== view.key) element.classList.toggle('item--start', view.key === 'start')
      shown = view
      say(heading, view.heading)
      sayOrHide(kind, view.kind)
      say(stem, view.stem)
      beside.show(view.shown)
      element.classList.toggle('item--shows', view.shown.length > 0)
      const writes = view.choices.length === 0
      sayOrHide(answer, writes ? '' : view.answer)
      say(written, view.answer)
      written.hidden = !writes || view.key === 'start'
      sayOrHide(answered, view.answered)
      choices.classList.toggle('choices--few', view.choices.length <= 2)
      choices.classList.toggle('choices--many', view.choices.length > 6)
      fitted(choices, view.choices, emptyChoice, fillChoice)
    },
    tick,
    end: beside.end,
  }
}

function emptyChoice(): HTMLElement {
  return make(
    'div',
    'choice',
    make('div', 'choice__share'),
    make('span', 'choice__letter'),
    make('bdi', 'choice__text'),
    make('span', 'choice__right', '✓'),
    make('span', 'choice__count num'),
    make('span', 'choice__part num'),
  )
}

function fillChoice(element: HTMLElement, choice: Choice): void {
  sayOrHide(part(element, 'choice__letter'), choice.letter)
  say(part(element, 'choice__text'), choice.text)
  part(element, 'choice__right').hidden = !choice.right
  element.classList.toggle('choice--right', choice.right)
  sayOrHide(part(element, 'choice__count'), choice.share?.count ?? '')
  sayOrHide(part(element, 'choice__part'), choice.share?.text ?? '')
  part(element, 'choice__share').style.transform = `scaleX(${(choice.share?.part ?? 0).toFixed(4)})`
}
