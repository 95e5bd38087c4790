import { describe, expect, it } from 'vitest'
import { ContestClock } from '../src/shared/clock'

const contestUs = (ms: number) => (1_000_000 + ms) * 1000

describe('the contest’s clock', () => {
  it('believes the probe with the least round trip', () => {
    let now = 0
    const clock = new ContestClock(() => now)
    clock.greet(contestUs(300))
    clock.sample(0, 200, contestUs(150))
    clock.sample(300, 310, contestUs(305))
    clock.sample(400, 900, contestUs(880))
    now = 1000
    expect(clock.nowUs()).toBe(contestUs(1000))
    expect(clock.roundTripMs).toBe(10)
  })

  it('prefers any probe to a greeting, and keeps probes when greeted again', () => {
    let now = 0
    const clock = new ContestClock(() => now)
    clock.greet(contestUs(-80))
    expect(clock.roundTripMs).toBeUndefined()
    clock.sample(0, 160, contestUs(80))
    clock.greet(contestUs(-500))
    now = 100
    expect(clock.nowUs()).toBe(contestUs(100))
  })

  it('lets any new probe win after sleep', () => {
    let now = 0
    const clock = new ContestClock(() => now)
    clock.sample(0, 2, contestUs(1))
    clock.doubt()
    // The monotonic clock stood still for a minute.
    clock.sample(10, 110, contestUs(60_060))
    now = 200
    expect(clock.nowUs()).toBe(contestUs(60_200))
  })
})
