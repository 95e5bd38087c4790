import { HttpError } from '../shared/http'
import { currentLocale } from '../shared/i18n'

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/**
 * Send a file as the body of a request. `onShare` hears what share of it has gone, from 0 to 1.
 * Not by fetch, which tells nothing of what it has sent.
 */
export function sendFile<T>(path: string, file: Blob, media: string, onShare: (share: number) => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.responseType = 'json'
    request.setRequestHeader('Content-Type', media)
    request.setRequestHeader('Accept-Language', currentLocale())
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onShare(event.loaded / event.total)
    }
    request.onerror = () => reject(new HttpError(0, 'offline', '', true))
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(request.response as T)
        return
      }
      const error = (request.response as { error?: { code?: string; message?: string; retry?: boolean } } | null)?.error
      reject(new HttpError(request.status, error?.code ?? 'internal', error?.message ?? '', error?.retry ?? false))
    }
    request.send(file)
  })
}

/** Hand a text to the browser, which keeps it where its user says. */
export function keepFile(name: string, media: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: `${media};charset=utf-8` }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
