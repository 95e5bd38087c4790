import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import landingEn from '../locales/landing.en.json'
import landingZh from '../locales/landing.zh-CN.json'
import LandingApp from './LandingApp.vue'

createApp(LandingApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': landingZh, en: landingEn }))
  .mount('#app')
