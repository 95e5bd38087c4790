import { onScopeDispose, ref, type Ref } from 'vue'

/** A reading that is taken again every `everyMs`. */
export function useTicking<T>(read: () => T, everyMs: number): Ref<T> {
  const value = ref(read()) as Ref<T>
  const timer = setInterval(() => {
    value.value = read()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return value
}
