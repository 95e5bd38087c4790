import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { currentLocale, speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import contestantEn from '../locales/contestant.en.json'
import contestantZh from '../locales/contestant.zh-CN.json'
import ContestantApp from './ContestantApp.vue'

// What is said once the line is lost could not fetch its letters then.
if (currentLocale() === 'zh-CN') {
  const said = Object.values(contestantZh.link).join('')
  window.addEventListener('load', () => void document.fonts.load('16px "Noto Sans SC Variable"', said).catch(() => undefined))
}

createApp(ContestantApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': contestantZh, en: contestantEn }))
  .mount('#app')
