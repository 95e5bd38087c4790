/** Checks the record of a draw from its bytes alone: written from docs/draw.md, and asks no server. */
import { digest, fromHex, hex, textDigest } from './digest'
import { canonical, NoRecord, readRecord, type DrawRecord, type Event } from './record'
import { keyOf, stepsOf, valueInKey } from './selection'

export const CHECKS = ['file', 'digest', 'lists', 'order', 'earlier', 'keys', 'steps'] as const
export type Check = (typeof CHECKS)[number]

export interface Finding {
  check: Check
  passed: boolean
  /** The first place that does not hold. */
  where: string
}

export interface Examined {
  findings: Finding[]
  record: DrawRecord | null
  ended: string
  sound: boolean
}

const DIGEST = /^[0-9a-f]{64}$/
const CODE = /^[0-9A-Za-z]{1,16}$/

export async function examine(data: Uint8Array): Promise<Examined> {
  let record: DrawRecord
  try {
    record = readRecord(data)
  } catch (error) {
    const where = error instanceof NoRecord ? error.where : ''
    return { findings: [{ check: 'file', passed: false, where }], record: null, ended: '', sound: false }
  }
  const { ended, wrong } = await replayed(record)
  const places: [Check, string][] = [
    ['file', ''],
    ['digest', await wholeDigest(record)],
    ['lists', await lists(record)],
    ['order', wrong],
    ['earlier', earlier(record)],
    ['keys', wrong || (await keys(record, ended))],
    ['steps', wrong || (await steps(record, ended))],
  ]
  const findings = places.map(([check, where]) => ({ check, passed: !where, where }))
  return { findings, record, ended, sound: findings.every((one) => one.passed) }
}

/** The digest that a record should state of itself. */
export async function recordDigest(record: DrawRecord): Promise<string> {
  return textDigest(canonical(Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'sha256'))))
}

async function wholeDigest(record: DrawRecord): Promise<string> {
  return (await recordDigest(record)) === record.sha256 ? '' : 'sha256'
}

async function lists(record: DrawRecord): Promise<string> {
  let lines = ''
  for (const list of record.lists) {
    const distinct = new Set(list.nominated).size === list.nominated.length
    const fits = list.nominated.length >= 1 && list.nominated.length <= 65535 && CODE.test(list.delegation)
    const plain = list.nominated.every((one) => one !== '' && !one.includes('\n'))
    if (!distinct || !fits || !plain || (await textDigest(list.nominated.join('\n'))) !== list.sha256) {
      return list.delegation || 'lists'
    }
    lines += `${list.delegation} ${list.sha256}\n`
  }
  const ascending = record.lists.every((one, index) => index === 0 || record.lists[index - 1]!.delegation < one.delegation)
  if (!record.lists.length || !ascending || (await textDigest(lines)) !== record.lists_sha256) return 'lists_sha256'
  return ''
}

const SHORT = 200
const short = (text: string) => [...text].length <= SHORT

function announced(record: DrawRecord): boolean {
  const { name, kind } = record.public_value
  const parties = record.parties.map((one) => one.trim())
  return (
    parties.length >= 2 &&
    parties.length <= 8 &&
    new Set(parties).size === parties.length &&
    parties.every((one) => one !== '') &&
    record.parties.every(short) &&
    name.trim() !== '' &&
    short(name) &&
    short(record.reason) &&
    ['numbers', 'text'].includes(kind) &&
    record.places >= 1
  )
}

/** Which act leads from where to where; `*` once every party has done it. */
const MOVES: Record<string, [string, string][]> = {
  announce: [['', 'announced']],
  commit: [['announced', 'announced*committed']],
  enter_value: [['committed', 'entered']],
  reject_value: [['entered', 'committed']],
  confirm_value: [['entered', 'confirmed']],
  disclose: [['confirmed', 'confirmed*disclosed']],
  draw: [['disclosed', 'drawn']],
  abandon: ['announced', 'committed', 'entered', 'confirmed', 'disclosed'].map((from) => [from, 'abandoned']),
}

/** How the draw ended by its events, and which event must not be where it is (empty: none). */
async function replayed(record: DrawRecord): Promise<{ ended: string; wrong: string }> {
  let state = ''
  for (const [index, event] of record.events.entries()) {
    const before = record.events.slice(0, index)
    const to = MOVES[event.act]?.find(([from]) => from === state)?.[1]
    const inTime = !before.length || event.at_us >= before[index - 1]!.at_us
    if (!to || !inTime || !(await lawful(record, event, before))) return { ended: '', wrong: String(index + 1) }
    const [some, all] = to.split('*')
    const done = before.filter((one) => one.act === event.act).length + 1
    state = all && done === record.parties.length ? all : some!
  }
  const over = state === 'drawn' || state === 'abandoned'
  return { ended: over ? state : '', wrong: over ? '' : String(record.events.length + 1) }
}

async function lawful(record: DrawRecord, event: Event, before: Event[]): Promise<boolean> {
  const { kind, known_from_us: known } = record.public_value
  const same = before.filter((one) => one.act === event.act)
  if (['commit', 'disclose'].includes(event.act)) {
    if (event.party < 1 || event.party > record.parties.length) return false
    if (same.some((one) => one.party === event.party)) return false
  } else if (event.party) return false
  switch (event.act) {
    case 'announce':
      return event.at_us < known && event.content === '' && announced(record)
    case 'commit': {
      const apart = same.every((one) => one.person !== event.person && one.content !== event.content)
      return event.at_us < known && DIGEST.test(event.content) && apart
    }
    case 'enter_value':
      return event.at_us >= known && valueInKey(kind, event.content) !== null
    case 'confirm_value': {
      const entered = before[before.length - 1]!
      const value = valueInKey(kind, event.content)
      return entered.person !== event.person && value !== null && value === valueInKey(kind, entered.content)
    }
    case 'disclose': {
      const seed = fromHex(event.content)
      if (!seed || seed.length < 16 || seed.length > 64) return false
      const committed = before.find((one) => one.act === 'commit' && one.party === event.party)?.content
      return hex(await digest('sha256', seed)) === committed
    }
    case 'abandon':
      return event.content.trim() !== '' && short(event.content)
    default:
      return event.content === ''
  }
}

function earlier(record: DrawRecord): string {
  for (const [index, one] of record.earlier.entries()) {
    const ended = one.ended === 'drawn' || one.ended === 'abandoned'
    if (one.number !== index + 1 || !ended || !DIGEST.test(one.sha256)) return String(index + 1)
  }
  const right = record.number === record.earlier.length + 1 && (record.reason.trim() !== '') === record.earlier.length > 0
  return right ? '' : 'number'
}

async function keys(record: DrawRecord, ended: string): Promise<string> {
  if (ended !== 'drawn') return record.provinces.length ? 'provinces' : ''
  const codes = (ones: { delegation: string }[]) => canonical(ones.map((one) => one.delegation))
  if (codes(record.provinces) !== codes(record.lists)) return 'provinces'
  const seeds = record.parties
    .map((_, index) => record.events.find((one) => one.act === 'disclose' && one.party === index + 1)!.content)
    .join('')
  const confirmed = record.events.find((one) => one.act === 'confirm_value')!.content
  const value = valueInKey(record.public_value.kind, confirmed)!
  for (const [index, province] of record.provinces.entries()) {
    // The list's own digest, not the one that the file states of it.
    const list = await textDigest(record.lists[index]!.nominated.join('\n'))
    if (province.key !== keyOf(province.delegation, list, seeds, value)) return province.delegation
  }
  return ''
}

async function steps(record: DrawRecord, ended: string): Promise<string> {
  if (ended !== 'drawn') return ''
  for (const province of record.provinces) {
    const list = record.lists.find((one) => one.delegation === province.delegation)
    if (!list) return province.delegation
    const right = await stepsOf(list.nominated.length, record.places, province.key, record.algorithm)
    const longer = Math.max(right.length, province.steps.length)
    for (let n = 0; n < longer; n += 1) {
      if (canonical(right[n] ?? null) !== canonical(province.steps[n] ?? null)) return `${province.delegation} ${n + 1}`
    }
    const drawn = right.map((step) => list.nominated[step.place - 1])
    if (canonical(drawn) !== canonical(province.drawn)) return province.delegation
  }
  return ''
}
