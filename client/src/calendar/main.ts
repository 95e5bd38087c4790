import '../shared/old-browsers'
import '../shared/look'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import daysEn from '../locales/days.en.json'
import daysZh from '../locales/days.zh-CN.json'
import calendarEn from '../locales/office/calendar.en.json'
import calendarZh from '../locales/office/calendar.zh-CN.json'
import CalendarApp from './CalendarApp.vue'

createApp(CalendarApp)
  .use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': daysZh, en: daysEn }, { 'zh-CN': calendarZh, en: calendarEn }))
  .mount('#app')
