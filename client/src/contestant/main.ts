import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import contestantEn from '../locales/contestant.en.json'
import contestantZh from '../locales/contestant.zh-CN.json'
import ContestantApp from './ContestantApp.vue'

createApp(ContestantApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': contestantZh, en: contestantEn }))
  .mount('#app')
