import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const page = (name: string) => fileURLToPath(new URL(`${name}.html`, import.meta.url))
const server = process.env.LEITAI_URL ?? 'http://127.0.0.1:8000'

// The contestant's page is built apart from those of the public, and so are those of the staff, the overlays, the draw, the
// practice and the stage: what others need of the shared code must not travel to contestants.
const PAGES: Record<string, Record<string, string>> = {
  production: {
    index: page('index'),
    publicity: page('publicity'),
    verify: page('verify'),
    board: page('board'),
    hall: page('hall'),
    results: page('results'),
    calendar: page('calendar'),
    roster: page('roster'),
    registration: page('registration'),
  },
  contest: { contest: page('contest') },
  staff: { staff: page('staff') },
  overlay: { overlay: page('overlay') },
  draw: { draw: page('draw'), 'draw-verify': page('draw-verify') },
  practice: { practice: page('practice') },
  stage: { 'stage-desk': page('stage-desk'), 'stage-hall': page('stage-hall'), 'stage-vote': page('stage-vote') },
}
const apart = (mode: string) => mode !== 'production' && mode in PAGES

// The server serves index.html at /, contest.html at /contest and so on, and dist/assets at /assets/.
export default defineConfig(({ mode }) => ({
  base: '/',
  plugins: [vue()],
  // Without the message compiler: src/shared/i18n.ts makes the messages it needs.
  resolve: { alias: { 'vue-i18n': 'vue-i18n/dist/vue-i18n.runtime.mjs' } },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'true',
  },
  build: {
    target: 'chrome86',
    cssTarget: 'chrome86',
    emptyOutDir: !apart(mode),
    manifest: apart(mode) ? `.vite/manifest-${mode}.json` : true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: PAGES[mode] ?? PAGES['production'],
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: server },
      '/live': { target: server, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
  },
}))
