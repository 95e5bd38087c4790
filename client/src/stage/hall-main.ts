import '../shared/old-browsers'
import '../shared/look'
import '../hall/hall.css'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import stageEn from '../locales/stage.en.json'
import stageZh from '../locales/stage.zh-CN.json'
import HallApp from './HallApp.vue'

createApp(HallApp).use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': stageZh, en: stageEn })).mount('#app')
