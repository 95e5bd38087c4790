import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { getJson, HttpError } from '../shared/http'

export interface Fetched<T> {
  data: ShallowRef<T | null>
  /** Stable code of what went wrong; empty while loading and when it went well. */
  failure: Ref<string>
  load: () => Promise<void>
}

const NOT_YET_MS = 6_000

/**
 * What is at an address, asked for again whenever the address changes; '' asks for nothing. What is not published yet
 * comes by itself when it is.
 */
export function useFetched<T>(address: () => string): Fetched<T> {
  const data = shallowRef<T | null>(null)
  const failure = ref('')
  let asked = 0
  let again = 0

  async function load(): Promise<void> {
    asked += 1
    const mine = asked
    window.clearTimeout(again)
    const path = address()
    if (!path) return
    try {
      const body = await getJson<T>(path)
      if (mine !== asked) return
      data.value = body
      failure.value = ''
    } catch (error) {
      if (mine !== asked) return
      data.value = null
      failure.value = error instanceof HttpError ? error.code : 'unknown'
      if (failure.value === 'not-yet') again = window.setTimeout(() => void load(), NOT_YET_MS * (1 + Math.random()))
    }
  }

  watch(
    address,
    () => {
      data.value = null
      failure.value = ''
      void load()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    asked += 1
    window.clearTimeout(again)
  })
  return { data, failure, load }
}
