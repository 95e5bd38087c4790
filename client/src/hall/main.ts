import '../shared/old-browsers'
import '../shared/look'
import './hall.css'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import hallEn from '../locales/hall.en.json'
import hallZh from '../locales/hall.zh-CN.json'
import HallApp from './HallApp.vue'

createApp(HallApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': hallZh, en: hallEn }))
  .mount('#app')
