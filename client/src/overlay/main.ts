import '../shared/old-browsers'
import '@fontsource-variable/noto-sans-sc/wght.css'
import '../shared/tokens.css'
import './air.css'
import { Player } from './player'
import { settingsOfPage } from './settings'

const settings = settingsOfPage(location.pathname, location.search)
document.documentElement.lang = settings.lang
void new Player(document.getElementById('app')!, settings).play()
