import '../shared/old-browsers'
import '../shared/look'
import './draw.css'
import { createApp } from 'vue'
import { speak } from '../shared/i18n'
import commonEn from '../locales/common.en.json'
import commonZh from '../locales/common.zh-CN.json'
import drawEn from '../locales/draw.en.json'
import drawZh from '../locales/draw.zh-CN.json'
import DrawApp from './DrawApp.vue'

createApp(DrawApp).use(speak({ 'zh-CN': commonZh, en: commonEn }, { 'zh-CN': drawZh, en: drawEn })).mount('#app')
