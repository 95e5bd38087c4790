/** Where a film of a question stands, from what the director did with it. */
import type { ItemMedia } from '../wire/messages'
import type { StageFilm, StageQuestion } from '../wire/stage'

export interface Stands {
  /** Seconds from its beginning. */
  at: number
  runs: boolean
  over: boolean
}

/** `seconds`: how long it is; not finite where nobody knows. */
export function standing(film: StageFilm | null, nowUs: number, seconds: number): Stands {
  if (!film) return { at: 0, runs: false, over: false }
  const ran = Math.max(0, film.from_us + (film.playing ? nowUs - film.at_us : 0)) / 1_000_000
  const over = Number.isFinite(seconds) && ran >= seconds
  return { at: over ? seconds : ran, runs: film.playing && !over, over }
}

export const isFilm = (one: ItemMedia) => !one.width

/** The question's film at an address, as the director left it; null: as it was shown, at its beginning. */
export function filmOf(question: StageQuestion, address: string): StageFilm | null {
  const film = question.film
  return film && question.media[film.film - 1]?.address === address ? film : null
}

/** Changes when a question shows something else: frames are made anew. */
export const shownKey = (question: StageQuestion) => [question.question, ...question.media.map((one) => one.address)].join(' ')
