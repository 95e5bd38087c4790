import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import publicityEn from '../locales/publicity.en.json'
import publicityZh from '../locales/publicity.zh-CN.json'
import PublicityApp from './PublicityApp.vue'

createApp(PublicityApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': publicityZh, en: publicityEn }))
  .mount('#app')
