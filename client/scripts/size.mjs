// Fails when the script of a page for small machines, all chunks together and gzipped, is larger than it may be.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = { 'contest.html': 80, 'overlay.html': 80 }
const MANIFESTS = ['manifest.json', 'manifest-contest.json', 'manifest-overlay.json', 'manifest-draw.json', 'manifest-practice.json', 'manifest-stage.json']

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist')

function scriptsOf(manifest, key, found = new Set()) {
  const chunk = manifest[key]
  if (!chunk || found.has(chunk.file)) return found
  if (chunk.file.endsWith('.js')) found.add(chunk.file)
  for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) scriptsOf(manifest, next, found)
  return found
}

let tooLarge = false
for (const name of MANIFESTS) {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite', name), 'utf8'))
  for (const page of Object.keys(manifest).filter((key) => key.endsWith('.html'))) {
    const files = [...scriptsOf(manifest, page)]
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0)
    const kb = bytes / 1024
    const limit = LIMIT_KB[page]
    if (limit && kb > limit) tooLarge = true
    console.log(`${page.padEnd(14)} ${kb.toFixed(1).padStart(6)} KB gzipped script${limit ? ` (at most ${limit})` : ''}`)
  }
}
if (tooLarge) {
  console.error('The page is larger than it may be.')
  process.exit(1)
}
