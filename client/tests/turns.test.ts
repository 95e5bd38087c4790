import { describe, expect, it } from 'vitest'
import { useTurns } from '../src/shared/turns'

describe('answers in turn', () => {
  it('are news when they come as they were asked for', () => {
    const turns = useTurns()
    const [first, second] = [turns.ask(), turns.ask()]
    expect([turns.news(first), turns.news(second)]).toEqual([true, true])
  })

  it('are none after one that was asked for later', () => {
    const turns = useTurns()
    const [first, second] = [turns.ask(), turns.ask()]
    expect([turns.news(second), turns.news(first)]).toEqual([true, false])
  })

  it('are none when they were asked for before something was done', () => {
    const turns = useTurns()
    const before = turns.ask()
    turns.done()
    expect(turns.news(before)).toBe(false)
    expect(turns.news(turns.ask())).toBe(true)
  })
})
