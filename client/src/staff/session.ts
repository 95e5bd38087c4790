import { reactive } from 'vue'
import { HttpError, getJson, postJson } from '../shared/http'
import { provinceName } from '../shared/provinces'
import { taking, type StaffMe } from './api'
import { OWN, type Team } from './own/own'

/** Who is signed in on this page. `state` is what the page can say of it. */
export const session = reactive<{ state: 'loading' | 'failed' | 'out' | 'in'; me: StaffMe | null; ended: boolean }>({
  state: 'loading',
  me: null,
  ended: false,
})

export async function begin(): Promise<void> {
  session.state = 'loading'
  try {
    entered(await getJson<StaffMe>('/api/staff/me'))
  } catch (error) {
    if (error instanceof HttpError && error.code === 'not-signed-in') session.state = 'out'
    else session.state = 'failed'
  }
}

export function entered(me: StaffMe): void {
  if (me.house) void getJson<{ teams: Team[] }>(OWN).then((body) => taking(body.teams), () => undefined)
  session.me = me
  session.state = 'in'
  session.ended = false
}

export async function leave(): Promise<void> {
  await postJson('/api/staff/sign-out', {})
  session.me = null
  session.state = 'out'
}

/** Whether this is the house of a province, which runs contests of its own here. */
export const atHome = () => Boolean(session.me?.house)

/** The short name of the province in whose house one is; empty: in the nation's. */
export const homeName = () => provinceName(session.me?.house ?? '')

export function may(act: string): boolean {
  return session.me?.acts.includes(act) ?? false
}

/** Ask, and go back to the door when the session was ended elsewhere. */
export async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof HttpError && error.code === 'not-signed-in') {
      session.ended = session.me !== null
      session.me = null
      session.state = 'out'
    }
    throw error
  }
}
