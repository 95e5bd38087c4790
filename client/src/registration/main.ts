import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import registrationEn from '../locales/registration.en.json'
import registrationZh from '../locales/registration.zh-CN.json'
import RegistrationApp from './RegistrationApp.vue'

createApp(RegistrationApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': registrationZh, en: registrationEn }))
  .mount('#app')
