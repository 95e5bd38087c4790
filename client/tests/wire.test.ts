import { gcm } from '@noble/ciphers/aes.js'
import { encode as pack } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import frames from '../../schema/examples/frames.json'
import { decode, encode } from '../src/wire/codec'
import { serverDefaults, type ClientMessage, type SealedItem } from '../src/wire/messages'
import { commitment, optionOrder, unseal } from '../src/wire/seal'
import { fromHex, toHex } from '../src/shared/journal'

const BYTES = new Set(['order_seed', 'key', 'receipt', 'sealed', 'commitment'])

/** Byte strings as base64, as the published examples write them. */
function asPublished(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(asPublished)
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asPublished(inner)]))
  }
  return value
}

function fromPublished(value: unknown, member = ''): unknown {
  if (typeof value === 'string' && BYTES.has(member)) return new Uint8Array(Buffer.from(value, 'base64'))
  if (Array.isArray(value)) return value.map((inner) => fromPublished(inner))
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromPublished(inner, key)]))
  }
  return value
}

describe('the published frames', () => {
  const published = frames.frames as { name: string; direction: string; hex: string; json: { type: string } }[]

  it.each(published.filter((frame) => frame.direction === 'server'))('reads $name', ({ hex, json }) => {
    const leftOut = asPublished(serverDefaults[json.type]?.()) as object | undefined
    expect(asPublished(decode(fromHex(hex)))).toEqual({ ...leftOut, ...json })
  })

  it.each(published.filter((frame) => frame.direction === 'client'))('writes $name', ({ hex, json }) => {
    expect(toHex(encode(fromPublished(json) as ClientMessage))).toBe(hex)
  })
})

describe('frames that are no messages', () => {
  it.each(['', 'c1', '93010203', '81a474797065', '81a47479706501', 'ff'])('ignores %s', (hex) => {
    expect(decode(fromHex(hex))).toBeNull()
  })

  it('fills in members that were left out', () => {
    const message = decode(pack({ type: 'ack', item: 1, seq: 2, status: 'rejected' }))
    expect(message).toMatchObject({ stamp_us: 0, code: '', duplicate: false, receipt: new Uint8Array(0) })
  })
})

describe('the order of options', () => {
  const letters = (count: number) => [...'ABCDEFGH'].slice(0, count)

  it.each([
    ['000102030405060708090a0b0c0d0e0f', 1, 4, 'ADCB'],
    ['000102030405060708090a0b0c0d0e0f', 80, 5, 'ADECB'],
    ['', 65535, 8, 'GEHACDBF'],
  ])('seed %s, item %i, %i options → %s', (seed, item, count, order) => {
    expect(optionOrder(fromHex(seed), item, letters(count)).join('')).toBe(order)
  })
})

describe('a sealed item', () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index)
  const nonce = Uint8Array.from({ length: 12 }, (_, index) => index + 100)
  const content = { type: 'single', stem: '题干', options: [{ id: 'A', text: '甲' }], blanks: 0, parts: [], centipoints: 100 }
  const plaintext = pack(content)

  function sealed(item: number): SealedItem {
    const associated = new TextEncoder().encode(`leitai:7:${item}`)
    const ciphertext = gcm(key, nonce, associated).encrypt(plaintext)
    return {
      item,
      seconds: 20,
      sealed: new Uint8Array([...nonce, ...ciphertext]),
      commitment: commitment(key, plaintext),
    }
  }

  it('opens with its key', () => {
    expect(unseal(7, sealed(3), key)).toEqual({ ok: true, content })
  })

  it('does not open with another key, for another item, or in another session', () => {
    const wrong = key.slice().reverse()
    expect(unseal(7, sealed(3), wrong)).toEqual({ ok: false, fault: 'unreadable' })
    expect(unseal(7, { ...sealed(3), item: 4 }, key)).toEqual({ ok: false, fault: 'unreadable' })
    expect(unseal(8, sealed(3), key)).toEqual({ ok: false, fault: 'unreadable' })
  })

  it('is refused when it is not what was committed to', () => {
    const other = { ...sealed(3), commitment: new Uint8Array(32) }
    expect(unseal(7, other, key)).toEqual({ ok: false, fault: 'commitment' })
  })
})
