import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import explainedEn from '../locales/office/explained.en.json'
import explainedZh from '../locales/office/explained.zh-CN.json'
import resultsEn from '../locales/results.en.json'
import resultsZh from '../locales/results.zh-CN.json'
import ResultsApp from './ResultsApp.vue'

createApp(ResultsApp)
  .use(
    speak(
      { 'zh-CN': commonZh, en: commonEn },
      { 'zh-CN': explainedZh, en: explainedEn },
      { 'zh-CN': resultsZh, en: resultsEn },
    ),
  )
  .mount('#app')
