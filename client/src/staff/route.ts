import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** The page asked for: what follows `#/` in the address, up to a `?`. */
export function useRoute(): Ref<string> {
  return useAddress((address) => address.split('?')[0] ?? '')
}

/** What follows `?` in the address of a page: filters that a link or a reload keeps. */
export function useQuery(): Ref<URLSearchParams> {
  return useAddress((address) => new URLSearchParams(address.split('?')[1] ?? ''))
}

type Queried = string | number | null | undefined | readonly string[]

/** The address of a page with a query, for links. Whatever is empty is left out; a list is said one by one. */
export function addressOf(page: string, query: Record<string, Queried>): string {
  const kept = Object.entries(query).flatMap(([name, value]) => {
    if (Array.isArray(value)) return (value as readonly string[]).map((one) => [name, one])
    return value === null || value === undefined || value === '' ? [] : [[name, String(value as string | number)]]
  })
  const text = new URLSearchParams(kept).toString()
  return text ? `#/${page}?${text}` : `#/${page}`
}

/** Change parts of the query of the page that is open, without a new entry in the browser's history. */
export function setQuery(changes: Record<string, string | number | null>): void {
  const [page = '', text = ''] = read().split('?')
  const query = { ...Object.fromEntries(new URLSearchParams(text)), ...changes }
  const state: unknown = window.history.state
  window.history.replaceState(state, '', addressOf(page, query))
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

function useAddress<T>(part: (address: string) => T): Ref<T> {
  const found = ref(part(read())) as Ref<T>
  const changed = () => {
    found.value = part(read())
  }
  onMounted(() => window.addEventListener('hashchange', changed))
  onBeforeUnmount(() => window.removeEventListener('hashchange', changed))
  return found
}

function read(): string {
  return window.location.hash.replace(/^#\/?/, '')
}
