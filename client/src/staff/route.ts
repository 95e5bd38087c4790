import { onBeforeUnmount, onMounted, ref } from 'vue'

/** The page asked for: what follows `#/` in the address. */
export function useRoute() {
  const route = ref(read())
  const changed = () => {
    route.value = read()
  }
  onMounted(() => window.addEventListener('hashchange', changed))
  onBeforeUnmount(() => window.removeEventListener('hashchange', changed))
  return route
}

function read(): string {
  return window.location.hash.replace(/^#\/?/, '')
}
