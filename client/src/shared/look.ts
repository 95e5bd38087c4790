import '@fontsource-variable/noto-sans-sc/wght.css'
import './tokens.css'
import './base.css'
