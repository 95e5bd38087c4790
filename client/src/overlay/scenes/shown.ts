/** What an item shows, beside it: pictures, and films without their sound, again and again. */
import { fitted, make } from '../dom'
import type { Shown } from '../pictures'

const LEAST_MS = 500
const MOST_MS = 15_000

/** What does not come is asked for again as long as it is up; nothing of that goes on air. */
export function showing() {
  const element = make('div', 'shows')
  const waiting = new Map<HTMLElement, number>()

  function fill(box: HTMLElement, one: Shown): void {
    box.style.width = `calc(${one.width} * var(--u))`
    box.style.height = `calc(${one.height} * var(--u))`
    if (box.dataset['src'] === one.src) return
    box.dataset['src'] = one.src
    window.clearTimeout(waiting.get(box))
    load(box, one, 0)
  }

  function load(box: HTMLElement, one: Shown, tries: number): void {
    const file = one.film ? film(one) : picture(one)
    const there = () => file.classList.add('shows__file--there')
    file.addEventListener(one.film ? 'loadeddata' : 'load', there, { once: true })
    const failed = () => {
      // Something else stands there by now, or nothing.
      if (file.parentElement !== box || !element.contains(box)) return
      const most = Math.min(MOST_MS, LEAST_MS * 2 ** tries)
      const again = () => load(box, one, tries + 1)
      waiting.set(box, window.setTimeout(again, most / 2 + (Math.random() * most) / 2))
    }
    file.addEventListener('error', failed, { once: true })
    file.src = one.src
    box.replaceChildren(file)
  }

  return {
    element,
    show(shown: readonly Shown[]): void {
      element.hidden = shown.length === 0
      element.classList.toggle('shows--many', shown.length > 2)
      for (const [box, timer] of waiting) {
        if (Array.from(element.children).indexOf(box) < shown.length) continue
        window.clearTimeout(timer)
        waiting.delete(box)
      }
      fitted(element, shown, () => make('div', 'shows__box'), fill)
    },
    end(): void {
      for (const timer of waiting.values()) window.clearTimeout(timer)
      waiting.clear()
      element.replaceChildren()
    },
  }
}

/** From another origin it comes without cookies, and from ours with them: the director's own frames bring no token. */
const CROSS_ORIGIN = 'anonymous'

function picture(one: Shown): HTMLImageElement {
  const image = make('img', 'shows__file') as HTMLImageElement
  image.crossOrigin = CROSS_ORIGIN
  image.alt = one.words
  return image
}

function film(one: Shown): HTMLVideoElement {
  const video = make('video', 'shows__file') as HTMLVideoElement
  video.crossOrigin = CROSS_ORIGIN
  video.setAttribute('aria-label', one.words)
  // Browsers let nothing with a sound begin by itself.
  video.muted = video.autoplay = video.loop = video.playsInline = true
  return video
}
