/** Who learns here: one small store that every page of the practice shares. */
import { computed, readonly, ref, shallowRef } from 'vue'
import { getJson, HttpError, postJson } from '../shared/http'
import { unsubscribe } from './push'
import { forgetAll, owns } from './study/kept'

export interface PlaceBody {
  level: string
  organisation: number
  name: string
}

/** `LearnerBody` of schema/http/practice.yaml. */
export interface LearnerBody {
  learner: number
  kind: 'public' | 'staff' | 'window'
  name: string
  nickname: string
  login: string
  /** The identity number is known. */
  identified: boolean
  /** From the province down to the own unit; empty for the public. */
  places: PlaceBody[]
  version: number
}

export type Standing = 'asking' | 'signed-in' | 'signed-out' | 'failed'

const learner = shallowRef<LearnerBody | null>(null)
const standing = ref<Standing>('asking')

/** Ask who is signed in. */
async function ask(): Promise<void> {
  try {
    enter(await getJson<LearnerBody>('/api/practice/me'))
  } catch (error) {
    if (error instanceof HttpError && error.status === 401) leave()
    else if (!learner.value) standing.value = 'failed'
  }
}

/** Take over who has just signed in or registered. */
function enter(body: LearnerBody): void {
  owns(body.learner)
  learner.value = body
  standing.value = 'signed-in'
}

/** The session has ended, here or elsewhere: pages call it when an answer says `not-signed-in`. */
function leave(): void {
  learner.value = null
  standing.value = 'signed-out'
}

async function signOut(): Promise<void> {
  // A telephone that is handed on reminds nobody of another's day.
  await unsubscribe().catch(() => undefined)
  await postJson<undefined>('/api/practice/sign-out', {})
  forgetAll()
  leave()
}

export function useSession() {
  return {
    learner: readonly(learner),
    standing: readonly(standing),
    signedIn: computed(() => standing.value === 'signed-in'),
    ask,
    enter,
    leave,
    signOut,
  }
}
