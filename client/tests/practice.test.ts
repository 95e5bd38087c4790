import { describe, expect, it } from 'vitest'
import { PLACES, placeOf } from '../src/practice/places'
import { bytes } from '../src/practice/push'
import { pointsOf, share, type OwnBody } from '../src/practice/standing'

describe('addresses of the practice', () => {
  it('leads to every place, with what follows', () => {
    for (const one of PLACES) expect(placeOf(`#${one.path}`)).toEqual({ place: one, rest: '' })
    expect(placeOf('#boards/17').rest).toBe('17')
    expect(placeOf('#boards/a/b').rest).toBe('a/b')
  })

  it('comes in at the first where there is no such place', () => {
    for (const hash of ['', '#', '#nowhere/17']) expect(placeOf(hash)).toEqual({ place: PLACES[0], rest: '' })
  })

  it('shows under 学习 where one comes to from there, and every place under one of the bar', () => {
    expect(['monthly', 'match'].map((path) => placeOf(`#${path}`).place.under)).toEqual(['study', 'study'])
    const bar = PLACES.filter((one) => one.icon).map((one) => one.path)
    for (const one of PLACES) expect(bar).toContain(one.under)
  })

  it('has each place once', () => {
    expect(new Set(PLACES.map((one) => one.path)).size).toBe(PLACES.length)
  })
})

describe('figures of the own page', () => {
  const body: OwnBody = {
    today: '2022-08-31',
    streak: 0,
    longest: 0,
    studied_today: false,
    period: 'month',
    sums: [{ period: 'week', centipoints: 1_250, questions: 0 }],
    titles: [],
    modules: [],
    ranks: [],
  }

  it('has no points where there is no sum yet', () => {
    expect([pointsOf(body, 'week'), pointsOf(body, 'day')]).toEqual([1_250, 0])
  })

  it('never fills a bar beyond its end', () => {
    expect([share(1, 3), share(0, 0), share(5, 4), share(4, 4)]).toEqual([33, 0, 100, 100])
  })
})

describe('reminders', () => {
  it('reads a key as browsers want it', () => {
    expect([...bytes('_-8A')]).toEqual([255, 239, 0])
    expect([...bytes('AQI')]).toEqual([1, 2])
  })
})
