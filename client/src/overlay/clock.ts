/** The server's clock as a stream tells it. */
const KEPT = 40
/** A step of the server's clock, or a computer that slept: what was known before counts for nothing. */
const STEP_MS = 3_000

export class StreamClock {
  private offsetsMs: number[] = []

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /**
   * A document of that time has come. It was under way for a while, nobody knows how long; the one that was fastest
   * tells the time best.
   */
  heard(serverUs: number): void {
    const offset = serverUs / 1000 - this.monotonicMs()
    if (this.offsetsMs.length > 0 && offset - this.offsetMs > STEP_MS) this.offsetsMs = []
    this.offsetsMs = [...this.offsetsMs, offset].slice(-KEPT)
  }

  get known(): boolean {
    return this.offsetsMs.length > 0
  }

  /** The server's time now, in microseconds. */
  nowUs(): number {
    return Math.round((this.known ? this.monotonicMs() + this.offsetMs : Date.now()) * 1000)
  }

  private get offsetMs(): number {
    return Math.max(...this.offsetsMs)
  }
}
