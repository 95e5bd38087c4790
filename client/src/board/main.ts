import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import boardEn from '../locales/board.en.json'
import boardZh from '../locales/board.zh-CN.json'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import BoardApp from './BoardApp.vue'

createApp(BoardApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': boardZh, en: boardEn }))
  .mount('#app')
