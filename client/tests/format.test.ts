import { expect, it } from 'vitest'
import { clockTime, count, countdown, dateTime, elapsed, leastDecimals, points, shortReceipt, stampTime, timeOn } from '../src/shared/format'

const US = 1_000_000
/** 2026-01-01 09:00:04.210337 in Beijing. */
const INSTANT = 1_767_229_204_210_337

it('tells instants in Beijing time, whatever the computer thinks', () => {
  expect(clockTime(INSTANT)).toBe('09:00:04')
  expect(stampTime(INSTANT)).toBe('09:00:04.210')
  expect(dateTime(INSTANT)).toBe('2026-01-01 09:00')
})

it('tells the day as well where a time is of another', () => {
  const midnight = Date.UTC(2026, 0, 1, 16) * 1000
  expect(timeOn(midnight - 1, midnight - 2)).toBe('23:59:59')
  expect([timeOn(midnight, midnight - 1), timeOn(midnight - 1, midnight)]).toEqual(['2026-01-02 00:00', '2026-01-01 23:59'])
})

it('counts down in whole seconds that have begun, never below zero', () => {
  expect([20 * US, 19 * US + 1, 19 * US, 1, 0, -5 * US].map((left) => countdown(left))).toEqual(['20', '20', '19', '1', '0', '0'])
  expect([60 * US, 59 * US + 1, 600 * US, 3_600 * US, 3_661 * US].map((left) => countdown(left))).toEqual([
    '1:00',
    '1:00',
    '10:00',
    '1:00:00',
    '1:01:01',
  ])
})

it('keeps minutes where no unit stands beside it', () => {
  expect([30 * US, 0, 61 * US].map((left) => countdown(left, true))).toEqual(['0:30', '0:00', '1:01'])
})

it('writes points without needless decimals, or with as many as a column needs', () => {
  expect([0, 50, 250, 10_000, 439_688, -25].map((value) => points(value))).toEqual([
    '0',
    '0.5',
    '2.5',
    '100',
    '4,396.88',
    '-0.25',
  ])
  expect([10_000, 250, 255].map((value) => points(value, 2))).toEqual(['100.00', '2.50', '2.55'])
  expect([[], [10_000, 200], [100, 250], [250, 255, 300]].map(leastDecimals)).toEqual([0, 0, 1, 2])
})

it('writes counts, elapsed times and receipts', () => {
  expect([5, 1600, 1_234_567].map(count)).toEqual(['5', '1,600', '1,234,567'])
  expect([4_209, 62_345, 3_723_000].map(elapsed)).toEqual(['4.209', '1:02.345', '1:02:03'])
  expect(shortReceipt(Uint8Array.of(0x6b, 0x86, 0x02, 0x73, 0xff))).toBe('6b860273')
})
