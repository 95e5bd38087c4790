/** The sessions that judges may look at, as `GET /api/staff/judging/sessions` tells them: the one in force first. */
export interface JudgedSession {
  session: number
  contest: string
  title: string
  phase: string
  start_us: number
  in_force: boolean
}

/** The one that an address asks for, the one in force when it asks for none; null: it is not among them. */
export function chosenOf(sessions: readonly JudgedSession[], asked: string): JudgedSession | null {
  return sessions.find((one) => (asked ? String(one.session) === asked : one.in_force)) ?? null
}
