/** What the director's control page knows and does, without the page. Pure. */
/** The channel that is always there. */
export const MAIN = 'main'
export const CHANNEL_NAME = /^[a-z0-9-]{1,24}$/

export interface Shown {
  name: OverlayName
  params: Record<string, string | number>
}

export interface AirToken {
  token: number
  name: string
  created_us: number
  created_by: string
  last_used_us: number
  revoked: boolean
}

export interface Channel {
  channel: string
  edition: number
  on: Shown | null
  preview: Shown | null
}

/** A BroadcastBody of schema/http/office.yaml. */
export interface BroadcastBody {
  session: number
  title: string
  phase: string
  frozen: boolean
  tokens: AirToken[]
  channels: Channel[]
  lines: { id: string; at_us: number; text: string }[]
  delegations: { code: string; short: string }[]
}

export const OVERLAYS = ['strip', 'top10', 'delegations', 'province', 'item', 'versus', 'ticker', 'reveal'] as const
export type OverlayName = (typeof OVERLAYS)[number]

/** What the director has set for overlays, whether shown or not. */
export interface Wanted {
  count: number
  delegation: string
  left: string
  right: string
  show: 'question' | 'distribution'
}

/** An overlay with the parameters that it takes; null while one is missing. */
export function shownOf(name: OverlayName, wanted: Wanted): Shown | null {
  switch (name) {
    case 'strip':
      return { name, params: { count: wanted.count } }
    case 'province':
      return wanted.delegation ? { name, params: { delegation: wanted.delegation } } : null
    case 'item':
      return { name, params: { show: wanted.show } }
    case 'versus':
      return wanted.left && wanted.right && wanted.left !== wanted.right
        ? { name, params: { left: wanted.left, right: wanted.right } }
        : null
    default:
      return { name, params: {} }
  }
}

/** The key means something here: not in a field, on a control or in a dialog. */
export function meantForThePage(event: Pick<KeyboardEvent, 'target' | 'repeat' | 'altKey' | 'ctrlKey' | 'metaKey'>): boolean {
  const target = event.target
  if (event.repeat || event.altKey || event.ctrlKey || event.metaKey || !(target instanceof Element)) return false
  return target.closest('input, textarea, select, button, a, [role="dialog"], [role="radio"], [role="combobox"]') === null
}

export interface Address {
  where: 'page' | 'single'
  name: string
  address: string
}

/** The addresses that a machine with a token is given: the channel's program, and each overlay by itself. */
export function addressesOf(origin: string, channel: string, token: string): Address[] {
  const query = `token=${encodeURIComponent(token)}`
  return [
    { where: 'page', name: 'program', address: `${origin}/overlay/program?channel=${channel}&${query}` },
    ...OVERLAYS.map((name) => ({ where: 'single' as const, name, address: `${origin}/overlay/${name}?${query}` })),
  ]
}
