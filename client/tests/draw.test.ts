// @vitest-environment node
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { digest, hex } from '../src/draw/digest'
import { canonical, type DrawRecord } from '../src/draw/record'
import { keyOf, stepsOf, valueInKey } from '../src/draw/selection'
import { CHECKS, examine, recordDigest } from '../src/draw/verifier'
import { moved, namesShown, NAME_US, revealed, type Showing } from '../src/draw/stage'

const EXAMPLES = join(__dirname, '../../schema/examples')
const bytes = (text: string) => new TextEncoder().encode(text)
const example = new Uint8Array(readFileSync(join(EXAMPLES, 'draw.json')))
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Three provinces of the example, as a record of its own. */
function small(): DrawRecord {
  const record = JSON.parse(new TextDecoder().decode(example)) as DrawRecord
  record.lists = record.lists.slice(0, 3)
  record.provinces = record.provinces.slice(0, 3)
  record.lists_sha256 = sha256(record.lists.map((one) => `${one.delegation} ${one.sha256}\n`).join(''))
  return record
}

async function sealed(record: DrawRecord): Promise<Uint8Array> {
  return bytes(canonical({ ...record, sha256: await recordDigest(record) }))
}

async function failed(data: Uint8Array): Promise<string[]> {
  return (await examine(data)).findings.filter((one) => !one.passed).map((one) => one.check)
}

describe('the method', () => {
  it('repeats the example of RFC 3797', async () => {
    const key = ['9319', '2 5 12 8 10', '9 18 26 34 41 45'].map((one) => `${valueInKey('numbers', one)}/`).join('')
    expect(key).toBe('9319./2.5.8.10.12./9.18.26.34.41.45./')
    const steps = await stepsOf(25, 10, key, 'md5')
    expect(steps.map((step) => step.place)).toEqual([17, 7, 2, 16, 25, 23, 8, 24, 19, 13])
    expect(steps[0]).toEqual({ digest: '990dd0a5692a029a98b5e01aa28f3459', left: 25, place: 17 })
  })

  it('draws as the server does, 10,000 times', async () => {
    const vectors = JSON.parse(readFileSync(join(EXAMPLES, 'draw-vectors.json'), 'utf8')) as {
      count: number
      digests: string[]
    }
    expect(vectors.count).toBe(10_000)
    for (const [block, expected] of vectors.digests.entries()) {
      let lines = ''
      for (let i = block * 100; i < block * 100 + 100; i += 1) lines += await vector(i)
      expect([block, sha256(lines)]).toEqual([block, expected])
    }
  }, 30_000)

  it.each([
    ['numbers', '03'],
    ['numbers', '3,8'],
    ['numbers', ''],
    ['numbers', '9007199254740992'],
    ['text', '3203.12'],
    ['text', ''],
    ['index', '3'],
  ])('reads no %s from %s', (kind, value) => {
    expect(valueInKey(kind, value)).toBeNull()
  })
})

/** docs/draw.md, Vectors. */
async function vector(i: number): Promise<string> {
  const h = await digest('sha256', bytes(`leitai draw vector ${i}`))
  const at = (index: number) => h[index]!
  const pool = 1 + ((at(0) * 256 + at(1)) % 120)
  const count = at(2) % (Math.min(pool, 8) + 1)
  const ids = Array.from({ length: pool }, (_, n) => `${String(n + 1).padStart(3, '0')} ${hex(h).slice(0, 6)}`)
  const text = (at(6) & 1) === 1
  const value = text ? hex(h.slice(7, 11)) : `${at(7)} ${at(8) * 256 + at(9)} ${at(10)}`
  const list = hex(await digest('sha256', bytes(ids.join('\n'))))
  const code = String(100000 + at(4) * 256 + at(5))
  const key = keyOf(code, list, hex(h), valueInKey(text ? 'text' : 'numbers', value)!)
  const steps = await stepsOf(pool, count, key, (at(3) & 1) === 1 ? 'md5' : 'sha256')
  return `${i} ${key} ${steps.map((step) => step.place).join()}\n`
}

describe('the verifier', () => {
  it('finds the example whole', async () => {
    const examined = await examine(example)
    expect(examined.findings).toEqual(CHECKS.map((check) => ({ check, passed: true, where: '' })))
    expect([examined.sound, examined.ended, examined.record?.provinces.length]).toEqual([true, 'drawn', 32])
  })

  it('finds any changed byte', async () => {
    const data = await sealed(small())
    expect((await examine(data)).sound).toBe(true)
    let seed = 3797
    for (let round = 0; round < 300; round += 1) {
      seed = (seed * 1103515245 + 12345) % 2147483648
      const at = seed % data.length
      const other = data.slice()
      other[at] = other[at]! ^ (1 + (seed >> 8) % 255)
      expect([at, (await examine(other)).sound]).toEqual([at, false])
    }
  }, 30_000)

  it.each<[string, (record: DrawRecord) => void, string[]]>([
    ['a nominated person', (one) => void (one.lists[0]!.nominated[0] = '001 别人'), ['lists', 'keys', 'steps']],
    ["a list's digest", (one) => void (one.lists[0]!.sha256 = '0'.repeat(64)), ['lists']],
    ['a commitment', (one) => void (one.events[1]!.content = '0'.repeat(64)), ['order', 'keys', 'steps']],
    ['a seed', (one) => void (one.events[5]!.content = '0'.repeat(32)), ['order', 'keys', 'steps']],
    ['who confirmed', (one) => void (one.events[4]!.person = 1), ['order', 'keys', 'steps']],
    ['when it was committed', (one) => void (one.events[2]!.at_us = one.public_value.known_from_us), ['order', 'keys', 'steps']],
    ['the number', (one) => void (one.number = 2), ['earlier']],
    ['how many are drawn', (one) => void (one.places = 34), ['steps']],
    ['the hash', (one) => void (one.algorithm = 'md5'), ['steps']],
    ['a drawn person', (one) => void one.provinces[1]!.drawn.reverse(), ['steps']],
    ['a key', (one) => void (one.provinces[2]!.key = '1./'), ['keys', 'steps']],
    ['the outcome', (one) => void (one.provinces = []), ['keys']],
  ])('finds another %s in a record made up anew', async (_, change, checks) => {
    const record = small()
    change(record)
    expect(await failed(await sealed(record))).toEqual(checks)
  })

  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['other JSON', '{}'],
    ['a mark before it', '\ufeff' + canonical(small())],
    ['blanks', JSON.stringify(small(), null, 1)],
    ['a fraction', canonical(small()).replace('"places":35', '"places":35.0')],
    ['half a character', canonical(small()).replace('"reason":""', '"reason":"\\ud800"')],
    ['a member more', canonical({ ...small(), more: 1 })],
  ])('refuses %s', async (_, text) => {
    expect(await failed(bytes(text))).toEqual(['file'])
  })
})

describe('the ceremony', () => {
  const showing = (change: Partial<Showing>): Showing => ({ edition: 1, province: '120000', manner: 'one_by_one', at_us: 0, ...change })
  const order = ['110000', '120000', '130000']

  it('shows one name after the other', () => {
    expect(namesShown(showing({}), 0, 35)).toBe(1)
    expect(namesShown(showing({}), NAME_US - 1, 35)).toBe(1)
    expect(namesShown(showing({}), NAME_US, 35)).toBe(2)
    expect(namesShown(showing({}), NAME_US * 100, 35)).toBe(35)
    expect(namesShown(showing({ at_us: NAME_US }), 0, 35)).toBe(0)
    expect(namesShown(showing({ manner: 'all' }), 0, 35)).toBe(35)
  })

  it('knows what has been shown', () => {
    expect([...revealed(order, showing({}), 5)]).toEqual(['110000'])
    expect([...revealed(order, showing({}), 0)]).toEqual(['110000', '120000'])
    expect([...revealed(order, showing({ manner: 'all' }), 0)]).toEqual(['110000', '120000'])
    expect([...revealed(order, showing({ edition: 0, province: '', manner: 'overview' }), 0)]).toEqual([])
    expect([...revealed(order, showing({ province: '', manner: 'overview' }), 0)]).toEqual(order)
  })

  it('goes on by province, forth and back', () => {
    const overview = { edition: 0, province: '', manner: 'overview' as const }
    expect(moved(order, overview, 'next')).toEqual({ province: '110000', manner: 'one_by_one' })
    expect(moved(order, showing({}), 'next')).toEqual({ province: '130000', manner: 'one_by_one' })
    expect(moved(order, showing({}), 'previous')).toEqual({ province: '110000', manner: 'all' })
    expect(moved(order, showing({}), 'all')).toEqual({ province: '120000', manner: 'all' })
    expect(moved(order, showing({ province: '130000' }), 'next')).toEqual({ province: '', manner: 'overview' })
    expect(moved(order, showing({ province: '110000' }), 'previous')).toBeNull()
    expect(moved(order, { ...overview, edition: 5 }, 'next')).toBeNull()
    expect(moved(order, { ...overview, edition: 5 }, 'previous')).toEqual({ province: '130000', manner: 'all' })
  })
})
