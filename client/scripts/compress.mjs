// Puts name.gz beside every text of the built client, so that no process of the server need compress it at its start.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const TEXTS = new Set(['.css', '.html', '.js', '.json', '.mjs', '.svg', '.webmanifest'])
const LEAST_BYTES = 512

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist')
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !TEXTS.has(extname(path)) || relative(dist, path).startsWith('.')) continue
  const text = readFileSync(path)
  if (text.length > LEAST_BYTES) writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }))
}
