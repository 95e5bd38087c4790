import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import overlayEn from '../locales/overlay.en.json'
import overlayZh from '../locales/overlay.zh-CN.json'

type Tree = { [key: string]: string | Tree }
export type Words = (key: string, named?: Readonly<Record<string, string | number>>) => string

const TEXTS: Record<'zh-CN' | 'en', Tree> = {
  'zh-CN': { ...commonZh, ...overlayZh },
  en: { ...commonEn, ...overlayEn },
}

/** The words of a language; what there is no word for is empty. */
export function words(lang: 'zh-CN' | 'en'): Words {
  return (key, named = {}) => {
    let found: string | Tree | undefined = TEXTS[lang]
    for (const part of key.split('.')) found = typeof found === 'object' ? found[part] : undefined
    return typeof found === 'string' ? found.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name] ?? '')) : ''
  }
}
