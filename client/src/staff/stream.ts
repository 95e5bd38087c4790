import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import { HttpError } from '../shared/http'
import { asked } from './session'

const AGAIN_MS = 3000

/** What a stream of the server tells, the newest of it, and whether the line stands. Browsers reconnect by themselves. */
export function useStream<T>(path: string, took: (body: T) => void = () => {}) {
  const body = shallowRef<T | null>(null)
  const state = ref<'waiting' | 'live' | 'broken' | 'refused'>('waiting')
  let source: EventSource | null = null
  let again: ReturnType<typeof setTimeout> | undefined

  function open() {
    source = new EventSource(path)
    source.onmessage = (event: MessageEvent<string>) => {
      const next = JSON.parse(event.data) as T
      body.value = next
      state.value = 'live'
      took(next)
    }
    source.onerror = () => {
      if (state.value === 'refused') return
      state.value = body.value === null ? 'waiting' : 'broken'
      // Browsers come back from a broken line by themselves, but not from an answer that was none.
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS)
    }
    source.addEventListener('refused', (event) => {
      state.value = 'refused'
      source?.close()
      const code = (event as MessageEvent<string>).data
      // Whoever is not signed in any more goes back to the door.
      void asked(Promise.reject(new HttpError(401, code, '', false))).catch(() => {})
    })
  }

  onMounted(open)
  onBeforeUnmount(() => {
    clearTimeout(again)
    source?.close()
  })
  return { body, state }
}
