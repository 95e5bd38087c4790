/** The record of a draw (docs/draw.md): read strictly, and written in its canonical form again. */
import type { Algorithm } from './digest'
import type { Step } from './selection'

export interface List {
  delegation: string
  name: string
  nominated: string[]
  sha256: string
}

export interface Event {
  act: string
  at_us: number
  person: number
  party: number
  content: string
}

export interface Province {
  delegation: string
  key: string
  steps: Step[]
  drawn: string[]
}

export interface DrawRecord {
  format: string
  contest: { title: string; year: number }
  number: number
  reason: string
  earlier: { number: number; ended: string; sha256: string }[]
  algorithm: Algorithm
  places: number
  parties: string[]
  public_value: { name: string; kind: string; known_from_us: number }
  lists: List[]
  lists_sha256: string
  events: Event[]
  provinces: Province[]
  sha256: string
}

/** A shape: what a member must be. Objects have exactly the members that are named. */
type Shape = 'string' | 'number' | [Shape] | { [name: string]: Shape }

const RECORD: Shape = {
  format: 'string',
  contest: { title: 'string', year: 'number' },
  number: 'number',
  reason: 'string',
  earlier: [{ number: 'number', ended: 'string', sha256: 'string' }],
  algorithm: 'string',
  places: 'number',
  parties: ['string'],
  public_value: { name: 'string', kind: 'string', known_from_us: 'number' },
  lists: [{ delegation: 'string', name: 'string', nominated: ['string'], sha256: 'string' }],
  lists_sha256: 'string',
  events: [{ act: 'string', at_us: 'number', person: 'number', party: 'number', content: 'string' }],
  provinces: [
    {
      delegation: 'string',
      key: 'string',
      steps: [{ digest: 'string', left: 'number', place: 'number' }],
      drawn: ['string'],
    },
  ],
  sha256: 'string',
}
const ACTS = ['announce', 'commit', 'enter_value', 'confirm_value', 'reject_value', 'disclose', 'draw', 'abandon']

/** What is no record; `where` is the member, empty for the file as a whole. */
export class NoRecord extends Error {
  constructor(readonly where: string) {
    super(where)
  }
}

/** Raises `NoRecord`. */
export function readRecord(data: Uint8Array): DrawRecord {
  let value: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
    value = JSON.parse(text)
    if (canonical(value) !== text) throw new NoRecord('')
  } catch {
    throw new NoRecord('')
  }
  for (const [name, member] of Object.entries(shaped(value, RECORD))) expectShape(name, (value as never)[name], member)
  const record = value as DrawRecord
  if (record.format !== 'leitai-draw-2') throw new NoRecord('format')
  if (!['sha256', 'md5'].includes(record.algorithm)) throw new NoRecord('algorithm')
  if (!record.events.every((event) => ACTS.includes(event.act))) throw new NoRecord('events')
  return record
}

/** JSON with sorted members and without blanks. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}

function shaped(value: unknown, shape: Shape): { [name: string]: Shape } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new NoRecord('')
  const names = Object.keys(shape).sort().join()
  if (Object.keys(value).sort().join() !== names) {
    const odd = [...Object.keys(shape), ...Object.keys(value)].find((name) => !(name in value) || !(name in (shape as object)))
    throw new NoRecord(odd ?? '')
  }
  return shape as { [name: string]: Shape }
}

function expectShape(where: string, value: unknown, shape: Shape): void {
  const fits = () => {
    if (shape === 'string') return typeof value === 'string' && !/[\ud800-\udfff]/u.test(value)
    if (shape === 'number') return Number.isSafeInteger(value) && (value as number) >= 0
    if (Array.isArray(shape)) {
      if (!Array.isArray(value)) return false
      for (const one of value) expectShape(where, one, shape[0])
      return true
    }
    for (const [name, member] of Object.entries(shaped(value, shape))) expectShape(where, (value as never)[name], member)
    return true
  }
  let whole: boolean
  try {
    whole = fits()
  } catch {
    whole = false
  }
  if (!whole) throw new NoRecord(where)
}
