import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { useLater } from '../src/shared/later'

describe('what is done later', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is done once, the last thing that was asked for', () => {
    const later = effectScope().run(useLater)!
    const done: string[] = []
    later(() => done.push('first'), 100)
    vi.advanceTimersByTime(99)
    later(() => done.push('second'), 100)
    vi.advanceTimersByTime(1000)
    expect(done).toEqual(['second'])
  })

  it('is not done when it was taken back', () => {
    const later = effectScope().run(useLater)!
    const work = vi.fn()
    later(work, 100)
    later(null)
    vi.advanceTimersByTime(1000)
    expect(work).not.toHaveBeenCalled()
  })

  it('is not done when the page has gone, nor asked for by an answer that came afterwards', () => {
    const scope = effectScope()
    const later = scope.run(useLater)!
    const work = vi.fn()
    later(work, 100)
    scope.stop()
    later(work, 100)
    vi.advanceTimersByTime(1000)
    expect(work).not.toHaveBeenCalled()
  })
})
