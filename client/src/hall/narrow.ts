import { onScopeDispose, ref, type Ref } from 'vue'

/** Whether the window is a desk's or a phone's rather than a wall's, as hall.css says. */
export function useNarrow(): Ref<boolean> {
  const query = window.matchMedia('(max-width: 1000px), (max-height: 560px)')
  const narrow = ref(query.matches)
  const changed = () => {
    narrow.value = query.matches
  }
  query.addEventListener('change', changed)
  onScopeDispose(() => query.removeEventListener('change', changed))
  return narrow
}
