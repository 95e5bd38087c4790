import { onScopeDispose, ref, shallowRef } from 'vue'

const AFTER_FAULT_MS = 2000

/**
 * Loads again whenever it is stirred: one request at a time, and the next not before `everyMs` after the one before, so
 * that 1,600 answers in a second make a few requests. `anew` forgets what was loaded and what is on its way.
 */
export function usePaced<T>(load: () => Promise<T>, everyMs: number) {
  const body = shallowRef<T | null>(null)
  const fault = ref<unknown>(null)
  let turn = 0
  let busy = false
  let stirred = false
  let earliest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function go() {
    timer = undefined
    busy = true
    stirred = false
    const mine = turn
    earliest = Date.now() + everyMs
    try {
      const loaded = await load()
      if (mine !== turn) return
      body.value = loaded
      fault.value = null
    } catch (error) {
      if (mine !== turn) return
      fault.value = error
      stirred = true
      earliest = Date.now() + AFTER_FAULT_MS
    } finally {
      if (mine === turn) {
        busy = false
        if (stirred) stir()
      }
    }
  }

  function stir() {
    stirred = true
    if (busy || timer !== undefined) return
    timer = setTimeout(() => void go(), Math.max(0, earliest - Date.now()))
  }

  function anew() {
    turn += 1
    clearTimeout(timer)
    timer = undefined
    busy = false
    earliest = 0
    body.value = null
    fault.value = null
    stir()
  }

  onScopeDispose(() => {
    turn += 1
    clearTimeout(timer)
  })
  return { body, fault, stir, anew }
}
