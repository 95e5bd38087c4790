import type { Unsent } from './marking'

/** Marks that were given and not yet taken, kept on this computer by judge and session: names of answers and points. */
const KEPT_AS = 'leitai.marks.'

export function kept(login: string, session: number): Unsent[] {
  try {
    const text = localStorage.getItem(keyOf(login, session))
    return text ? (JSON.parse(text) as Unsent[]) : []
  } catch {
    return []
  }
}

export function keep(login: string, session: number, unsent: readonly Unsent[]): void {
  try {
    if (unsent.length) localStorage.setItem(keyOf(login, session), JSON.stringify(unsent))
    else localStorage.removeItem(keyOf(login, session))
  } catch {
    // A browser that keeps nothing still sends them as long as the page is open.
  }
}

function keyOf(login: string, session: number): string {
  return `${KEPT_AS}${login}.${session}`
}
