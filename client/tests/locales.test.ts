import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCE = join(__dirname, '../src')
const LOCALES = join(SOURCE, 'locales')

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(prefix + key, value)
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) found.set(inner, text)
  }
  return found
}

const read = (file: string) => flat(JSON.parse(readFileSync(join(LOCALES, file), 'utf8')) as Tree)
const groups = readdirSync(LOCALES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.zh-CN.json'))
  .map((file) => file.replace('.zh-CN.json', ''))
const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'locales' ? [] : sources(path)
    return /\.(ts|vue)$/.test(entry.name) ? [path] : []
  })
}

const texts = new Map(sources(SOURCE).map((path) => [path, readFileSync(path, 'utf8')]))
const code = [...texts.values()].join('\n')
/** `t('a.b')`, and whatever quoted text looks like a key. */
const literal = new Set([...code.matchAll(/['"`]([a-zA-Z_]+(?:\.[a-zA-Z_0-9-]+)+)['"`]/g)].map((match) => match[1]!))
/** `t(\`a.${…}\`)` uses every key under `a.`. */
const prefixes = [...code.matchAll(/`([a-zA-Z_.]+\.)\$\{/g)].map((match) => match[1]!)
const all = new Map(groups.flatMap((group) => [...read(`${group}.zh-CN.json`)]))

describe.each(groups)('texts of %s', (group) => {
  const zh = read(`${group}.zh-CN.json`)
  const en = read(`${group}.en.json`)

  it('has the same keys in both languages', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort())
  })

  it('names the same things in both languages', () => {
    for (const [key, text] of zh) expect([key, names(en.get(key) ?? '')]).toEqual([key, names(text)])
  })

  it('has no empty text and none that nobody uses', () => {
    for (const [key, text] of zh) {
      expect([key, text.length > 0]).toEqual([key, true])
      const used = literal.has(key) || prefixes.some((prefix) => key.startsWith(prefix))
      expect([key, used]).toEqual([key, true])
    }
  })

  it('speaks as public notices do', () => {
    for (const [key, text] of [...zh, ...en]) expect([key, /[!！]/.test(text)]).toEqual([key, false])
  })
})

/** All that a file imports, at once or later, itself included. */
function reach(start: string): string[] {
  const found = new Set([start])
  for (const path of found) {
    for (const [, named] of texts.get(path)!.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const there = [named!, `${named!}.ts`].map((name) => join(dirname(path), name)).find((one) => texts.has(one))
      if (there) found.add(there)
    }
  }
  return [...found]
}

/** The files that start a page, each with the catalogues that it lays over each other. */
const starts = [...texts].flatMap(([path, text]): [string, string, string[]][] => {
  const named = [...text.matchAll(/locales\/([\w/-]+)\.zh-CN\.json/g)].map((match) => match[1]!)
  if (!text.includes('speak(') || !named.length) return []
  const folders = [...text.matchAll(/locales\/(\w+)\/\*\.zh-CN/g)].map((match) => match[1]!)
  if (text.includes('withOffice')) folders.push('office')
  const more = groups.filter((group) => folders.some((folder) => group.startsWith(`${folder}/`)))
  return [[path.slice(SOURCE.length + 1), path, [...named, ...more]]]
})

describe.each(starts)('the texts of %s', (_name, start, catalogues) => {
  it('lays no catalogue over a part of another', () => {
    const owners = new Map<string, string>()
    for (const catalogue of catalogues) {
      const tree = JSON.parse(readFileSync(join(LOCALES, `${catalogue}.zh-CN.json`), 'utf8')) as Tree
      for (const part of Object.keys(tree)) {
        // The names of pages and tabs join those of others (catalogues.ts, practice/main.ts).
        if (part === 'place' && (catalogue === 'staff' || catalogue.startsWith('office/'))) continue
        if (part === 'tab' && catalogue.startsWith('practice/')) continue
        expect([part, owners.get(part), catalogue]).toEqual([part, undefined, catalogue])
        owners.set(part, catalogue)
      }
    }
  })

  it('has every text that is asked for there', () => {
    const known = new Set(catalogues.flatMap((catalogue) => [...read(`${catalogue}.zh-CN.json`).keys()]))
    const asked = reach(start).flatMap((path) => [...texts.get(path)!.matchAll(/\bt\(\s*'([^']+)'/g)].map((match) => match[1]!))
    expect(asked.filter((key) => !known.has(key))).toEqual([])
  })
})

it('has every text that the pages ask for', () => {
  const asked = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map((match) => match[1]!)
  expect(asked.filter((key) => !all.has(key))).toEqual([])
  for (const prefix of prefixes.filter((one) => code.includes(`t(\`${one}`))) {
    expect([prefix, [...all.keys()].some((key) => key.startsWith(prefix))]).toEqual([prefix, true])
  }
})
