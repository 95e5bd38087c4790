import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** The page asked for: what follows `#/` in the address, up to a `?`. */
export function useRoute(): Ref<string> {
  return useAddress((address) => address.split('?')[0] ?? '')
}

/** What follows `?` in the address of a page: filters that a link or a reload keeps. */
export function useQuery(): Ref<URLSearchParams> {
  return useAddress((address) => new URLSearchParams(address.split('?')[1] ?? ''))
}

/** Pages of the judges: whichever session one of them was asked to show, links between them keep to it. */
const OF_A_SESSION = ['desk', 'marking', 'rulings', 'appeals']

/** The session that a judges' page was asked for; null: the one in force. */
function askedSession(): string | null {
  const [page = '', text = ''] = read().split('?')
  return OF_A_SESSION.includes(page) ? new URLSearchParams(text).get('session') : null
}

/** A path of the server's for judges, about the session that the page was asked for. */
export function ofSession(path: string): string {
  const session = askedSession()
  return session ? `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams({ session }).toString()}` : path
}

type Queried = string | number | null | undefined | readonly string[]

/**
 * The address of a page with a query, for links. Whatever is empty is left out; a list is said one by one. Between
 * judges' pages the session that was asked for goes along, unless the query says another.
 */
export function addressOf(page: string, query: Record<string, Queried>): string {
  const session = OF_A_SESSION.includes(page) ? askedSession() : null
  const kept = Object.entries({ session, ...query }).flatMap(([name, value]) => {
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
