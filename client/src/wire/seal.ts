import { gcm } from '@noble/ciphers/aes.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { decodeValue } from './frames'
import type { ItemContent, SealedItem } from './messages'

const NONCE_BYTES = 12

export type Unsealed = { ok: true; content: ItemContent } | { ok: false; fault: 'unreadable' | 'commitment' }

/** Open a sealed item with its key, and check that it is what was committed to (docs/wire.md, Sealed items). */
export function unseal(session: number, sealed: SealedItem, key: Uint8Array): Unsealed {
  let plaintext: Uint8Array
  let content: ItemContent
  try {
    const nonce = sealed.sealed.subarray(0, NONCE_BYTES)
    const associated = ascii(`leitai:${session}:${sealed.item}`)
    plaintext = gcm(key, nonce, associated).decrypt(sealed.sealed.subarray(NONCE_BYTES))
    content = decodeValue(plaintext) as ItemContent
  } catch {
    return { ok: false, fault: 'unreadable' }
  }
  if (!same(commitment(key, plaintext), sealed.commitment)) return { ok: false, fault: 'commitment' }
  const { options = [], blanks = 0, parts = [] } = content
  return { ok: true, content: { ...content, options, blanks, parts } }
}

/** SHA-256 of key and plaintext. */
export function commitment(key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return sha256(joined(key, plaintext))
}

/** The order in which this sitting sees the options of an item (docs/wire.md, Order of options). */
export function optionOrder<T>(seed: Uint8Array, item: number, options: readonly T[]): T[] {
  const order = options.slice()
  const next = values(joined(seed, Uint8Array.of(item >> 8, item & 0xff)))
  for (let last = order.length - 1; last > 0; last -= 1) {
    const size = last + 1
    const fair = Math.floor(65536 / size) * size
    let value = next()
    while (value >= fair) value = next()
    const other = value % size
    const moved = order[last] as T
    order[last] = order[other] as T
    order[other] = moved
  }
  return order
}

function values(prefix: Uint8Array): () => number {
  let counter = 0
  let block = new Uint8Array(0)
  let at = 0
  return () => {
    if (at >= block.length) {
      block = new Uint8Array(sha256(joined(prefix, Uint8Array.of(counter))))
      counter += 1
      at = 0
    }
    const value = ((block[at] as number) << 8) | (block[at + 1] as number)
    at += 2
    return value
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

function same(first: Uint8Array, second: Uint8Array): boolean {
  return first.length === second.length && first.every((byte, index) => byte === second[index])
}
