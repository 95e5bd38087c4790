import type { Unsent } from './marking'

/** Marks that were given and not yet taken, kept on this computer by judge: names of answers and points, nothing else. */
const KEPT_AS = 'leitai.marks.'

export function kept(login: string): { session: number; unsent: Unsent[] } {
  try {
    const text = localStorage.getItem(KEPT_AS + login)
    return text ? (JSON.parse(text) as { session: number; unsent: Unsent[] }) : { session: 0, unsent: [] }
  } catch {
    return { session: 0, unsent: [] }
  }
}

export function keep(login: string, session: number, unsent: readonly Unsent[]): void {
  try {
    if (unsent.length) localStorage.setItem(KEPT_AS + login, JSON.stringify({ session, unsent }))
    else localStorage.removeItem(KEPT_AS + login)
  } catch {
    // A browser that keeps nothing still sends them as long as the page is open.
  }
}
