/** Reminders by the browser (Push API): whether there are any, this browser's subscription, and its end. */
import { getJson, postJson } from '../shared/http'

export interface PushBody {
  key: string
  browsers: number
}

const PUSH = '/api/practice/push'

/** Whether this browser could be reminded; a page that is not served over https cannot. */
export const canRemind = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

/** The key that browsers subscribe with; empty where the site sends no reminders. */
export async function pushKey(): Promise<string> {
  return (await getJson<PushBody>(PUSH)).key
}

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return canRemind() ? await navigator.serviceWorker.getRegistration('/') : undefined
}

/** This browser's subscription, if it has one. */
export async function subscribed(): Promise<PushSubscription | null> {
  return (await (await registration())?.pushManager.getSubscription()) ?? null
}

export type Asked = 'on' | 'denied' | 'unsupported'

/** Ask the reader, then the browser, then tell the server. Errors of the server are thrown. */
export async function subscribe(key: string, locale: string): Promise<Asked> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied'
  const worker = await registration()
  if (!worker) return 'unsupported'
  let made: PushSubscription
  try {
    made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) })
  } catch {
    // Its push service is out of reach, or it has none.
    return 'unsupported'
  }
  const { endpoint, keys } = made.toJSON()
  try {
    await postJson<PushBody>(PUSH, { endpoint, p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '', locale: locale === 'en' ? 'en' : 'zh-CN' })
  } catch (error) {
    await made.unsubscribe()
    throw error
  }
  return 'on'
}

/** Remind this browser no more; what the server still knows of it, it forgets when it next tries. */
export async function unsubscribe(): Promise<void> {
  const held = await subscribed()
  if (!held) return
  try {
    await postJson<PushBody>(`${PUSH}/remove`, { endpoint: held.endpoint })
  } finally {
    await held.unsubscribe()
  }
}

/** The bytes of a base64 text for addresses. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  const held = new Uint8Array(plain.length)
  for (let place = 0; place < plain.length; place += 1) held[place] = plain.charCodeAt(place)
  return held
}
