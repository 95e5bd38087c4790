// Makes src/wire/messages.ts, stage.ts and match.ts from schema/wire/*.schema.json. `--check` changes nothing and fails when one is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const arguments_ = process.argv.slice(2)
const given = arguments_.find((argument) => !argument.startsWith('--'))
const WIRE = join(here, '../../schema/wire')
// Messages of stages and matches stand apart: contestants' pages carry nothing of them.
const MADE = [
  ['messages.schema.json', 'messages.ts'],
  ['stage.schema.json', 'stage.ts'],
  ['match.schema.json', 'match.ts'],
]

const quote = (text) => `'${String(text).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const referenced = (reference) => reference.split('/').pop()

function typeOf(node) {
  if (node.$ref) return referenced(node.$ref)
  const choices = node.oneOf ?? node.anyOf
  if (choices) return choices.map(typeOf).join(' | ')
  if ('const' in node) return literal(node.const)
  if (node.enum) return node.enum.map(literal).join(' | ')
  if (node.type === 'array') {
    if (node.prefixItems) {
      const least = node.minItems ?? 0
      return `[${node.prefixItems.map((item, index) => typeOf(item) + (index < least ? '' : '?')).join(', ')}]`
    }
    const inner = typeOf(node.items ?? {})
    return inner.includes(' | ') ? `(${inner})[]` : `${inner}[]`
  }
  if (node.type === 'string') return node.contentEncoding === 'base64' ? 'Uint8Array' : 'string'
  if (node.type === 'integer' || node.type === 'number') return 'number'
  if (node.type === 'boolean') return 'boolean'
  if (node.type === 'null') return 'null'
  if (node.type === 'object') return 'Record<string, unknown>'
  return 'unknown'
}

function literal(value) {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

function comment(text, indent = '') {
  if (!text) return ''
  const lines = text.split('\n').map((line) => `${indent} * ${line}`.trimEnd())
  return `${indent}/**\n${lines.join('\n')}\n${indent} */\n`
}

function interfaceOf(name, node) {
  const required = new Set(node.required ?? [])
  // What a client sends may leave out members with a default; what it receives has them filled in by the codec.
  const sent = name.startsWith('Client')
  const members = Object.entries(node.properties).map(([member, value]) => {
    const optional = !required.has(member) && (sent || !('default' in value))
    return `${comment(value.description, '  ')}  ${member}${optional ? '?' : ''}: ${typeOf(value)}\n`
  })
  return `${comment(node.description)}export interface ${name} {\n${members.join('')}}\n`
}

function defaultsOf(node) {
  const entries = Object.entries(node.properties)
    .filter(([, value]) => 'default' in value)
    .map(([member, value]) => {
      const bytes = value.contentEncoding === 'base64'
      return `${member}: ${bytes ? 'new Uint8Array(0)' : literal(value.default)}`
    })
  return entries.length ? `{ ${entries.join(', ')} }` : ''
}

function sharedBy(types, text) {
  const used = types.filter((type) => new RegExp(`\\b${type}\\b`).test(text))
  return used.length ? `import type { ${used.join(', ')} } from './messages'\n\n` : ''
}

/** `known`: definitions of another file that this one shares; what is the same there is told there. */
function made(name, definitions, known) {
  const parts = []
  const defaults = []
  const shared = []
  for (const [type, node] of Object.entries(definitions)) {
    if (type in known && JSON.stringify(known[type]) === JSON.stringify(node)) shared.push(type)
    else if (node.type === 'object') parts.push(interfaceOf(type, node))
    else parts.push(`${comment(node.description)}export type ${type} = ${typeOf(node)}\n`)
    if (node.type === 'object') {
      const tag = node.properties.type?.const ?? node.properties.type?.enum?.[0]
      const members = defaultsOf(node)
      if (type.startsWith('Server') && tag && members) defaults.push(`  ${tag}: () => (${members}),\n`)
    }
  }
  return (
    `// Made by scripts/generate-wire.mjs from schema/wire/${name}; do not edit.\n\n` +
    sharedBy(shared, parts.join('\n')) +
    parts.join('\n') +
    '\n/** Members that a server message may leave out, by its `type`. */\n' +
    `export const serverDefaults: Record<string, () => Record<string, unknown>> = {\n${defaults.join('')}}\n`
  )
}

let known = {}
for (const [source, name] of MADE) {
  const path = given && source === 'messages.schema.json' ? given : join(WIRE, source)
  const target = join(here, '../src/wire', name)
  const definitions = JSON.parse(readFileSync(path, 'utf8')).$defs
  const text = made(source, definitions, known)
  known = definitions
  if (arguments_.includes('--check')) {
    let existing = ''
    try {
      existing = readFileSync(target, 'utf8')
    } catch {
      // A missing file is a stale one.
    }
    if (existing !== text) {
      console.error(`src/wire/${name} is stale: run \`node client/scripts/generate-wire.mjs\``)
      process.exitCode = 1
    }
  } else {
    writeFileSync(target, text)
  }
}
