/** What a graphic is told from outside: by its address, or by the data of an OGraf or SPX playout. Pure. */
import { OVERLAYS, type OverlayName, type Params } from './air'

export interface Settings {
  /** Origin of the server; empty: where the page came from. */
  server: string
  token: string
  channel: string
  overlay: OverlayName
  theme: string
  lang: 'zh-CN' | 'en'
  /** For the director's eyes: marks what never goes on air, and `program` shows what is about to be taken. */
  preview: boolean
  params: Params
}

export const DEFAULTS: Settings = {
  server: '',
  token: '',
  channel: 'main',
  overlay: 'program',
  theme: 'night',
  lang: 'zh-CN',
  preview: false,
  params: {},
}

/** The settings in texts by name; whatever makes no sense is as if it were not there. */
export function settingsFrom(texts: Readonly<Record<string, unknown>>, before: Settings = DEFAULTS): Settings {
  const text = (name: string) => (typeof texts[name] === 'string' ? (texts[name] as string).trim() : undefined)
  const matching = (name: string, form: RegExp) => {
    const value = text(name)
    return value !== undefined && form.test(value) ? value : undefined
  }
  const whole = (name: string, most: number) => {
    const value = Number(texts[name] === '' ? Number.NaN : (texts[name] ?? Number.NaN))
    return Number.isInteger(value) && value >= 1 && value <= most ? value : undefined
  }
  const code = (name: string) => (text(name) === '' ? '' : matching(name, /^\d{6}$/))
  const show = matching('show', /^(question|distribution)$/) as Params['show']
  const params: Params = defined({
    ...before.params,
    ...defined({
      count: whole('count', 10),
      page: whole('page', 3),
      delegation: code('delegation'),
      left: code('left'),
      right: code('right'),
      show,
    }),
  })
  const lang = text('lang')
  const overlay = OVERLAYS.find((name) => name === text('overlay'))
  const preview = texts['preview']
  return {
    server: server(text('server')) ?? before.server,
    token: text('token') ?? before.token,
    channel: matching('channel', /^[a-z0-9-]{1,32}$/) ?? before.channel,
    overlay: overlay ?? before.overlay,
    theme: matching('theme', /^[a-z0-9-]{1,32}$/) ?? before.theme,
    lang: lang === undefined ? before.lang : lang.startsWith('en') ? 'en' : 'zh-CN',
    preview: preview === undefined ? before.preview : preview === true || preview === '1',
    params,
  }
}

/** The settings of a page `/overlay/{name}?…`. */
export function settingsOfPage(path: string, query: string): Settings {
  const texts: Record<string, unknown> = Object.fromEntries(new URLSearchParams(query))
  delete texts['server']
  const name = path.split('/').filter(Boolean).pop()
  return settingsFrom({ ...texts, overlay: name })
}

/** Only the origin of an address over HTTP counts; undefined when it is none. */
function server(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return address
  try {
    const url = new URL(address)
    return /^https?:$/.test(url.protocol) ? url.origin : undefined
  } catch {
    return undefined
  }
}

function defined<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}
