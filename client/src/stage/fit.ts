/** Text that has to be read whole in a room of its own: it becomes smaller until it is. */
import { nextTick, onMounted, onScopeDispose, watch, type Ref } from 'vue'

const LEAST = 0.5
const STEP = 0.04

/** Sets `--fit`, a share of the size of the text, on an element whose overflow is hidden, whenever `of` or its room changes. */
export function useFit(element: Ref<HTMLElement | null | undefined>, of: () => unknown): void {
  function fit() {
    const it = element.value
    if (!it) return
    for (let share = 1; share > LEAST; share -= STEP) {
      it.style.setProperty('--fit', share.toFixed(2))
      if (it.scrollHeight <= it.clientHeight + 1) return
    }
  }
  const soon = () => void nextTick(fit)
  const watcher = new ResizeObserver(fit)
  watch(element, (now, before) => {
    if (before) watcher.unobserve(before)
    if (now) watcher.observe(now)
  })
  watch(of, soon)
  onMounted(() => {
    if (element.value) watcher.observe(element.value)
    void document.fonts.ready.then(fit)
  })
  onScopeDispose(() => watcher.disconnect())
}
