import { currentLocale } from './i18n'

/** An HTTP answer that is an error, or none at all (`code` is then `offline`). */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retry: boolean,
  ) {
    super(message)
  }
}

/** Why a page has no session to show: there is none in force, the server's stores are away, or the line does not carry. */
export type Absence = 'noSession' | 'notReady' | 'loadFailed'

export function absence(error: unknown): Absence {
  const code = error instanceof HttpError ? error.code : ''
  return code === 'no-session' ? 'noSession' : code === 'store-unavailable' ? 'notReady' : 'loadFailed'
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init })
  } catch {
    throw new HttpError(0, 'offline', '', true)
  }
  if (response.ok) return response
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string; retry?: boolean }
  } | null
  const error = body?.error
  throw new HttpError(response.status, error?.code ?? 'internal', error?.message ?? '', error?.retry ?? false)
}

export async function getJson<T>(path: string): Promise<T> {
  const response = await ask(path, { headers: { 'Accept-Language': currentLocale(), Accept: 'application/json' } })
  return (await response.json()) as T
}

export async function getBytes(path: string): Promise<ArrayBuffer> {
  return (await ask(path, {})).arrayBuffer()
}

export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const response = await ask(path, {
    method: 'POST',
    headers: { 'Accept-Language': currentLocale(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (response.status === 204 ? undefined : await response.json()) as T
}
