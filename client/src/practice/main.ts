import '../shared/old-browsers'
import '../shared/look'
import './practice.css'
import { createApp } from 'vue'
import { speak, type Catalogue, type Locale } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import daysEn from '../locales/days.en.json'
import daysZh from '../locales/days.zh-CN.json'
import { keepForLater } from './offline'
import PracticeApp from './PracticeApp.vue'

type Words = Record<string, unknown>
type File = { default: Words }

/** Each part of the practice has its words in a pair of files of its own; what they call their tabs joins. */
const FILES = {
  'zh-CN': import.meta.glob<File>('../locales/practice/*.zh-CN.json', { eager: true }),
  en: import.meta.glob<File>('../locales/practice/*.en.json', { eager: true }),
}

function joined(locale: Locale): Words {
  const parts = Object.values(FILES[locale]).map((file) => file.default)
  const tab = Object.assign({}, ...parts.map((part) => part['tab'])) as Words
  return Object.assign({}, ...parts, { tab }) as Words
}

const words: Catalogue = { 'zh-CN': joined('zh-CN'), en: joined('en') }

createApp(PracticeApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': daysZh, en: daysEn }, words))
  .mount('#app')

if (import.meta.env.PROD) void keepForLater()
