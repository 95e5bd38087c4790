import { createI18n } from 'vue-i18n'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]
type Messages = Record<string, unknown>

const STORED_AS = 'leitai.locale'

/** What a page speaks: the words of every page and its own. */
export type Catalogue = Record<Locale, Messages>

let locale: Locale = stored() ?? preferred()

function stored(): Locale | null {
  try {
    const value = localStorage.getItem(STORED_AS)
    return LOCALES.find((known) => known === value) ?? null
  } catch {
    return null
  }
}

function preferred(): Locale {
  const first = typeof navigator === 'undefined' ? 'zh-CN' : (navigator.language ?? 'zh-CN')
  return first.toLowerCase().startsWith('en') ? 'en' : 'zh-CN'
}

export function currentLocale(): Locale {
  return locale
}

interface Context {
  named(name: string): unknown
  normalize(parts: unknown[]): string
  interpolate(value: unknown): unknown
}

/**
 * Messages with `{names}` in them as functions, so that pages need no message compiler (a quarter of the library).
 * Texts have no other syntax.
 */
function made(messages: Messages): Messages {
  return Object.fromEntries(
    Object.entries(messages).map(([key, message]) => {
      if (typeof message !== 'string') return [key, made(message as Messages)]
      if (!message.includes('{')) return [key, message]
      const parts = message.split(/\{(\w+)\}/)
      return [
        key,
        (context: Context) =>
          context.normalize(
            parts.map((part, index) => (index % 2 === 1 ? context.interpolate(context.named(part)) : part)),
          ),
      ]
    }),
  )
}

/** The translations of one page; `catalogues` are laid over each other. */
export function speak(...catalogues: Catalogue[]) {
  const messages = Object.fromEntries(
    LOCALES.map((name) => [name, made(Object.assign({}, ...catalogues.map((catalogue) => catalogue[name])) as Messages)]),
  )
  const i18n = createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'zh-CN',
    messages: messages as never,
    missingWarn: false,
    fallbackWarn: false,
  })
  document.documentElement.lang = locale
  return i18n
}

/** Remember the choice for the next page. The caller sets the running translation. */
export function rememberLocale(chosen: Locale): void {
  locale = chosen
  document.documentElement.lang = chosen
  try {
    localStorage.setItem(STORED_AS, chosen)
  } catch {
    // A browser that keeps nothing still speaks the chosen language until it is closed.
  }
}
