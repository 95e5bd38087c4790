import { HttpError } from '../shared/http'
import { currentLocale } from '../shared/i18n'

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** For doors that tell a file's kind by its bytes. */
export const BYTES = 'application/octet-stream'

/**
 * Send a file as the body of a request. `onShare` hears what share of it has gone, from 0 to 1; `signal` takes it back.
 * Not by fetch, which tells nothing of what it has sent.
 */
export function sendFile<T>(
  path: string,
  file: Blob,
  media: string,
  onShare: (share: number) => void = () => {},
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.responseType = 'json'
    request.setRequestHeader('Content-Type', media)
    request.setRequestHeader('Accept-Language', currentLocale())
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onShare(event.loaded / event.total)
    }
    request.onerror = request.onabort = () => reject(new HttpError(0, 'offline', '', true))
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(request.response as T)
        return
      }
      const error = (request.response as { error?: { code?: string; message?: string; retry?: boolean } } | null)?.error
      reject(new HttpError(request.status, error?.code ?? 'internal', error?.message ?? '', error?.retry ?? false))
    }
    signal?.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

/** Fetch a file and hand it to the browser, which keeps it where its user says; returns a header of the answer. */
export async function fetchFile(path: string, fallback: string, header: string): Promise<string> {
  let answer: Response
  try {
    answer = await fetch(path, { credentials: 'same-origin', headers: { 'Accept-Language': currentLocale() } })
  } catch {
    throw new HttpError(0, 'offline', '', true)
  }
  if (!answer.ok) {
    const body = (await answer.json().catch(() => null)) as { error?: { code: string; message: string } } | null
    throw new HttpError(answer.status, body?.error?.code ?? 'internal', body?.error?.message ?? '', false)
  }
  const named = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get('Content-Disposition') ?? '')
  keep(await answer.blob(), named?.[1] ? decodeURIComponent(named[1]) : fallback)
  return answer.headers.get(header) ?? ''
}

/** Hand a text to the browser as a file. */
export function keepFile(name: string, media: string, text: string): void {
  keep(new Blob([text], { type: `${media};charset=utf-8` }), name)
}

/** Hand a file to the browser, which keeps it where its user says. */
export function keep(data: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(data)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
