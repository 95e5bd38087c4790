import type { Catalogue, Locale } from '../shared/i18n'

type Words = Record<string, unknown>
type File = { default: Words }

const FILES = {
  'zh-CN': import.meta.glob<File>('../locales/office/*.zh-CN.json', { eager: true }),
  en: import.meta.glob<File>('../locales/office/*.en.json', { eager: true }),
}

/**
 * The words of the office's parts, each in a pair of files under the part's one name, laid over `staff`. What they call
 * their pages (`place`) joins what is there.
 */
export function withOffice(staff: Catalogue): Catalogue {
  const joined = (locale: Locale): Words => {
    const parts = Object.values(FILES[locale]).map((file) => file.default)
    const place = Object.assign({}, staff[locale]['place'], ...parts.map((part) => part['place'])) as Words
    return Object.assign({}, staff[locale], ...parts, { place }) as Words
  }
  return { 'zh-CN': joined('zh-CN'), en: joined('en') }
}
