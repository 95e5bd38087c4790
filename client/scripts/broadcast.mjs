// Builds what other people's playouts load: the OGraf package and the SPX/CasparCG template, each from the overlays' code.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { strToU8, zipSync } from 'fflate'
import { build } from 'vite'

const client = join(dirname(fileURLToPath(import.meta.url)), '..')
const sources = join(client, 'src/overlay')
const out = join(client, 'dist/broadcast')

async function bundled(entry, format) {
  const [{ output }] = await build({
    configFile: false,
    root: client,
    publicDir: false,
    logLevel: 'error',
    build: {
      target: 'chrome86',
      cssTarget: 'chrome86',
      minify: true,
      write: false,
      lib: { entry: join(sources, entry), formats: [format], name: 'leitai' },
    },
  })
  return output[0].code
}

const read = (name) => readFileSync(join(sources, name), 'utf8')
// Text within a script element ends with the first of these, wherever it stands.
const within = (script) => script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')

const files = { 'leitai.ograf.json': read('ograf.manifest.json'), 'leitai.mjs': await bundled('ograf.ts', 'es') }
mkdirSync(join(out, 'ograf'), { recursive: true })
for (const [name, text] of Object.entries(files)) writeFileSync(join(out, 'ograf', name), text)
const packed = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))
// The same sources make the same bytes.
writeFileSync(join(out, 'leitai-ograf.zip'), zipSync(packed, { level: 9, mtime: new Date(2026, 0, 1) }))

// SPX reads the definition from the text of the file: it stands alone, as plain JSON.
writeFileSync(
  join(out, 'leitai-spx.html'),
  `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="UTF-8" />
    <title>擂台 · Leitai</title>
    <script>
window.SPXGCTemplateDefinition = ${within(read('spx.definition.json').trim())};
    </script>
  </head>
  <body class="air-page">
    <div id="app"></div>
    <script>${within(await bundled('spx.ts', 'iife'))}</script>
  </body>
</html>
`,
)
