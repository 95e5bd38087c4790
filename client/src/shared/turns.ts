/**
 * Puts answers in order. A page that looks again and again has several questions on their way at once, and a slow one is
 * answered after what was done meanwhile: it tells what was, and is not to be shown any more.
 */
export function useTurns() {
  let asked = 0
  let told = 0
  return {
    /** A question goes out; returns its turn. */
    ask: (): number => ++asked,
    /** Whether the answer to the question of that turn is news: nothing came that was asked for later, or done. */
    news(turn: number): boolean {
      if (turn < told) return false
      told = turn
      return true
    },
    /** Something was done and is known: whatever was asked for before is older. */
    done(): void {
      told = ++asked
    },
  }
}
