import '../shared/old-browsers'
import '../shared/look'
import 'element-plus/theme-chalk/base.css'
import './element.css'
import './staff.css'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import clarifyEn from '../locales/clarify.en.json'
import clarifyZh from '../locales/clarify.zh-CN.json'
import broadcastEn from '../locales/broadcast.en.json'
import broadcastZh from '../locales/broadcast.zh-CN.json'
import boardsEn from '../locales/boards.en.json'
import boardsZh from '../locales/boards.zh-CN.json'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import consoleEn from '../locales/console.en.json'
import consoleZh from '../locales/console.zh-CN.json'
import judgingEn from '../locales/judging.en.json'
import judgingZh from '../locales/judging.zh-CN.json'
import healthEn from '../locales/health.en.json'
import healthZh from '../locales/health.zh-CN.json'
import secondingEn from '../locales/seconding.en.json'
import secondingZh from '../locales/seconding.zh-CN.json'
import markingEn from '../locales/marking.en.json'
import markingZh from '../locales/marking.zh-CN.json'
import deskEn from '../locales/desk.en.json'
import deskZh from '../locales/desk.zh-CN.json'
import sessionsEn from '../locales/sessions.en.json'
import sessionsZh from '../locales/sessions.zh-CN.json'
import revealEn from '../locales/reveal.en.json'
import revealZh from '../locales/reveal.zh-CN.json'
import staffEn from '../locales/staff.en.json'
import staffZh from '../locales/staff.zh-CN.json'
import StaffApp from './StaffApp.vue'
import { withOffice } from './catalogues'

createApp(StaffApp)
  .use(
    speak(
      { 'zh-CN': commonZh, en: commonEn },
      withOffice({ 'zh-CN': staffZh, en: staffEn }),
      { 'zh-CN': consoleZh, en: consoleEn },
      { 'zh-CN': broadcastZh, en: broadcastEn },
      { 'zh-CN': healthZh, en: healthEn },
      { 'zh-CN': secondingZh, en: secondingEn },
      { 'zh-CN': deskZh, en: deskEn },
      { 'zh-CN': sessionsZh, en: sessionsEn },
      { 'zh-CN': clarifyZh, en: clarifyEn },
      { 'zh-CN': markingZh, en: markingEn },
      { 'zh-CN': judgingZh, en: judgingEn },
      { 'zh-CN': revealZh, en: revealEn },
      { 'zh-CN': boardsZh, en: boardsEn },
    ),
  )
  .mount('#app')
