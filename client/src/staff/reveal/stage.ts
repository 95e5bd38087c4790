/** How far a reveal is on this page. Moves give a new one; one that leads nowhere gives the same. */
export interface Stage {
  readonly of: number
  readonly shown: number
  /** Steps follow each other by themselves, for as long as this page is open. */
  readonly playing: boolean
}

export type Move = { move: 'next' | 'back' | 'play' | 'pause' } | { move: 'jump'; shown: number }

export const PLAY_EVERY_MS = 3000
/** So many moves wait at most while one is on its way: more were pressed without looking. */
export const WAITING = 8

export function emptyStage(of: number, shown = 0): Stage {
  return { of, shown: Math.min(Math.max(shown, 0), of), playing: false }
}

/** Moves are those of the server (rules/reveals): whoever goes back or jumps wants to look, and pauses. */
export function moved(stage: Stage, move: Move): Stage {
  switch (move.move) {
    case 'next': {
      if (stage.shown >= stage.of) return stage.playing ? { ...stage, playing: false } : stage
      const shown = stage.shown + 1
      return { ...stage, shown, playing: stage.playing && shown < stage.of }
    }
    case 'back':
      return stage.shown > 0 ? { ...stage, shown: stage.shown - 1, playing: false } : stage
    case 'jump':
      return move.shown >= 0 && move.shown <= stage.of ? { ...stage, shown: move.shown, playing: false } : stage
    case 'play':
      return stage.shown < stage.of ? { ...stage, playing: true } : stage
    case 'pause':
      return { ...stage, playing: false }
  }
}

/** The moves that wait with one more at their end; the same when there is no room for it. */
export function lined(waiting: readonly Move[], move: Move): readonly Move[] {
  return waiting.length < WAITING ? [...waiting, move] : waiting
}

/** The director's keys; null: none of them. */
export function keyOf(event: { key: string; altKey: boolean; ctrlKey: boolean; metaKey: boolean }): 'next' | 'back' | 'toggle' | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null
  switch (event.key) {
    case 'ArrowRight':
    case 'PageDown':
      return 'next'
    case 'ArrowLeft':
    case 'PageUp':
      return 'back'
    case 'p':
    case 'P':
      return 'toggle'
    default:
      return null
  }
}
