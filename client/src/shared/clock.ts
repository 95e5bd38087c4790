/**
 * The contest's clock as this browser can know it.
 *
 * Each probe gives an offset that is uncertain by half its round trip, so the sample with the least round trip wins.
 * Time in between runs on the browser's monotonic clock, never on the one that a person can set.
 */
export interface Sample {
  roundTripMs: number
  /** Contest time minus monotonic time, in milliseconds. */
  offsetMs: number
}

const KEPT_SAMPLES = 12
/** A greeting alone tells the time with the line's delay in it: any probe is better. */
const GREETING_ROUND_TRIP_MS = 10_000

export class ContestClock {
  private samples: Sample[] = []

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** A message or an HTTP answer told the time without a measured round trip. */
  greet(serverUs: number): void {
    if (this.samples.length > 0 && this.best()!.roundTripMs < GREETING_ROUND_TRIP_MS) return
    this.samples = [{ roundTripMs: GREETING_ROUND_TRIP_MS, offsetMs: serverUs / 1000 - this.monotonicMs() }]
  }

  /** A probe sent at `sentMs` and answered at `receivedMs`, both monotonic. */
  sample(sentMs: number, receivedMs: number, serverUs: number): Sample {
    const roundTripMs = Math.max(0, receivedMs - sentMs)
    const sample = { roundTripMs, offsetMs: serverUs / 1000 - (sentMs + roundTripMs / 2) }
    this.samples = [...this.samples, sample].slice(-KEPT_SAMPLES)
    return sample
  }

  /** Forget everything but a rough idea: after sleep the monotonic clock may have stood still. */
  doubt(): void {
    const best = this.best()
    this.samples = best ? [{ ...best, roundTripMs: GREETING_ROUND_TRIP_MS }] : []
  }

  get known(): boolean {
    return this.samples.length > 0
  }

  /** Least round trip seen, in milliseconds; undefined before the first probe. */
  get roundTripMs(): number | undefined {
    const best = this.best()
    return best && best.roundTripMs < GREETING_ROUND_TRIP_MS ? best.roundTripMs : undefined
  }

  /** Contest time now, in microseconds. Before anything is known: the browser's own. */
  nowUs(): number {
    const best = this.best()
    return Math.round((best ? this.monotonicMs() + best.offsetMs : Date.now()) * 1000)
  }

  private best(): Sample | undefined {
    return this.samples.reduce<Sample | undefined>(
      (least, sample) => (!least || sample.roundTripMs <= least.roundTripMs ? sample : least),
      undefined,
    )
  }
}
