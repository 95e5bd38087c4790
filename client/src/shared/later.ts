import { onScopeDispose } from 'vue'

/**
 * Do one thing after a while: what is to be done later takes the place of what was, and nothing is done once the page is
 * gone, also when an answer comes only then. Null takes back what was.
 */
export function useLater(): (work: (() => unknown) | null, ms?: number) => void {
  let timer = 0
  let gone = false
  onScopeDispose(() => {
    gone = true
    window.clearTimeout(timer)
  })
  return (work, ms = 0) => {
    window.clearTimeout(timer)
    if (work && !gone) timer = window.setTimeout(work, ms)
  }
}
