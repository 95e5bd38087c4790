/** Instants, numbers and times as they are written. Instants are told in Beijing's time everywhere. */
import { dayAt, inBeijing } from './beijing'

const two = (value: number) => String(value).padStart(2, '0')

/** `14:05:09` of an instant in microseconds. */
export function clockTime(us: number): string {
  const date = inBeijing(us)
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
}

/** `14:05:09.123` of an instant in microseconds. */
export function stampTime(us: number): string {
  return `${clockTime(us)}.${String(Math.floor(us / 1000) % 1000).padStart(3, '0')}`
}

/** An instant as a time of the day that it is `now`, or with its day where that is another. Both in microseconds. */
export function timeOn(us: number, now: number): string {
  return dayAt(us) === dayAt(now) ? clockTime(us) : dateTime(us)
}

/** `2026-11-24 14:05` of an instant in microseconds. */
export function dateTime(us: number): string {
  const date = inBeijing(us)
  return `${dayAt(us)} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
}

/**
 * A remaining time as `12`, `4:05` or `1:02:03`; never below zero. Counts whole seconds that have begun.
 *
 * @param alwaysMinutes `0:12` instead of `12`, where no unit stands beside it.
 */
export function countdown(remainingUs: number, alwaysMinutes = false): string {
  const seconds = Math.max(0, Math.ceil(remainingUs / 1_000_000))
  if (seconds < 60 && !alwaysMinutes) return String(seconds)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** Points from hundredths: `250` → `2.5`, `10000` → `100`; with `leastDecimals` 2: `2.50`, so that columns stand. */
export function points(centipoints: number, leastDecimals = 0): string {
  const sign = centipoints < 0 ? '-' : ''
  const whole = count(Math.floor(Math.abs(centipoints) / 100))
  const decimals = two(Math.abs(centipoints) % 100)
    .replace(/0{1,2}$/, '')
    .padEnd(leastDecimals, '0')
  return decimals ? `${sign}${whole}.${decimals}` : sign + whole
}

/** How many decimals points need at the least to stand in one column: as many as the one that needs most. */
export function leastDecimals(centipoints: readonly number[]): number {
  return centipoints.reduce((most, one) => Math.max(most, one % 100 === 0 ? 0 : one % 10 === 0 ? 1 : 2), 0)
}

/** A number of things with groups of three: `1,600`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Time used, from milliseconds: `4.209`, `1:02.345`, `1:02:03`. Long sums (delegations) drop the thousandths. */
export function elapsed(ms: number): string {
  const whole = Math.floor(ms / 1000)
  if (whole < 60) return `${whole}.${String(ms % 1000).padStart(3, '0')}`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}.${String(ms % 1000).padStart(3, '0')}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** The first bytes of a receipt, enough to compare by eye. */
export function shortReceipt(receipt: Uint8Array): string {
  return Array.from(receipt.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
