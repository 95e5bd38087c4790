/**
 * Beijing's time, in which the contest is held, whatever zone the computer is set to. It has been UTC+8 all year since
 * summer time was last observed in 1991, before anything that is told here; so one offset holds for every instant.
 *
 * Instants are microseconds since 1970 in UTC, days are `2026-11-29`, and what fields of a form hold is `2026-11-29T18:00`.
 */
const AHEAD_US = 8 * 3600 * 1_000_000

/** A date whose UTC parts are what clocks and calendars in Beijing show at an instant. */
export const inBeijing = (us: number): Date => new Date((us + AHEAD_US) / 1000)

/** The day in Beijing at an instant. */
export const dayAt = (us: number): string => inBeijing(us).toISOString().slice(0, 10)

/** The year in Beijing now. */
export const yearNow = (): number => inBeijing(Date.now() * 1000).getUTCFullYear()

/** An instant as a field of a form writes it; what is below a minute is left out. */
export const fieldOf = (us: number): string => inBeijing(us).toISOString().slice(0, 16)

/** The instant that a field of a form holds; 0: none that could be read. */
export function instantOf(field: string): number {
  // Browsers find a date in nearly any text, unless it is held to the form.
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(field) ? Date.parse(`${field}:00Z`) : NaN
  return Number.isNaN(ms) ? 0 : ms * 1000 - AHEAD_US
}
