import { describe, expect, it } from 'vitest'
import { emptyStage, keyOf, lined, moved, WAITING, type Move } from '../src/staff/reveal/stage'

describe('the reveal on its page', () => {
  it('moves within its steps, and a move that leads nowhere changes nothing', () => {
    let stage = emptyStage(2)
    expect(moved(stage, { move: 'back' })).toBe(stage)
    stage = moved(moved(stage, { move: 'next' }), { move: 'next' })
    expect(stage.shown).toBe(2)
    expect(moved(stage, { move: 'next' })).toBe(stage)
    expect(moved(stage, { move: 'play' })).toBe(stage)
    expect(moved(stage, { move: 'jump', shown: 3 })).toBe(stage)
    expect(moved(stage, { move: 'jump', shown: 0 }).shown).toBe(0)
  })

  it('plays to the end, and stops where somebody wants to look', () => {
    let stage = moved(emptyStage(3), { move: 'play' })
    stage = moved(stage, { move: 'next' })
    expect([stage.shown, stage.playing]).toEqual([1, true])
    expect(moved(stage, { move: 'pause' }).playing).toBe(false)
    expect(moved(stage, { move: 'back' })).toEqual({ of: 3, shown: 0, playing: false })
    stage = moved(moved(stage, { move: 'next' }), { move: 'next' })
    expect([stage.shown, stage.playing]).toEqual([3, false])
  })

  it('takes up a reveal within the list there is', () => {
    expect(emptyStage(3, 9).shown).toBe(3)
  })

  it('lets moves wait in order, and says when there is no room for another', () => {
    let waiting: readonly Move[] = []
    for (let n = 1; n <= WAITING; n += 1) waiting = lined(waiting, { move: 'jump', shown: n })
    expect(waiting.map((one) => (one.move === 'jump' ? one.shown : 0))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(lined(waiting, { move: 'next' })).toBe(waiting)
  })

  it('knows the director\'s keys and leaves the browser its own', () => {
    const plain = { altKey: false, ctrlKey: false, metaKey: false }
    expect(keyOf({ key: 'ArrowRight', ...plain })).toBe('next')
    expect(keyOf({ key: 'ArrowLeft', ...plain })).toBe('back')
    expect(keyOf({ key: 'p', ...plain })).toBe('toggle')
    expect(keyOf({ key: 'p', ...plain, ctrlKey: true })).toBeNull()
    expect(keyOf({ key: 'x', ...plain })).toBeNull()
  })
})
