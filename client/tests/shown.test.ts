import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Shown } from '../src/overlay/pictures'
import { showing } from '../src/overlay/scenes/shown'

const picture = (src: string): Shown => ({ src, film: false, words: src, width: 100, height: 50 })
const sources = (element: HTMLElement) => [...element.querySelectorAll('img')].map((one) => one.getAttribute('src'))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('what an item shows beside it', () => {
  it('is asked for again as long as it is up', () => {
    const beside = showing()
    beside.show([picture('/a')])
    const first = beside.element.querySelector('img')!
    first.dispatchEvent(new Event('error'))
    vi.runAllTimers()
    expect(sources(beside.element)).toEqual(['/a'])
    expect(beside.element.querySelector('img')).not.toBe(first)
  })

  it('is not taken away again by what came before it and fails late', () => {
    const beside = showing()
    beside.show([picture('/a')])
    const late = beside.element.querySelector('img')!
    beside.show([picture('/b')])
    late.dispatchEvent(new Event('error'))
    expect(vi.getTimerCount()).toBe(0)
    expect(sources(beside.element)).toEqual(['/b'])
  })

  it('is not asked for once the picture is gone', () => {
    const beside = showing()
    beside.show([picture('/a'), picture('/b')])
    const [kept, dropped] = [...beside.element.querySelectorAll('img')]
    beside.show([picture('/a')])
    dropped!.dispatchEvent(new Event('error'))
    beside.end()
    kept!.dispatchEvent(new Event('error'))
    expect(vi.getTimerCount()).toBe(0)
  })
})
