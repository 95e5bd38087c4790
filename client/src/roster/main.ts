import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import rosterEn from '../locales/roster.en.json'
import rosterZh from '../locales/roster.zh-CN.json'
import RosterApp from './RosterApp.vue'

createApp(RosterApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': rosterZh, en: rosterEn }))
  .mount('#app')
