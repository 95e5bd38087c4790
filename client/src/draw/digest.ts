/** Hashes: WebCrypto where the page has it (a secure context), else in script; MD5 always in script. */
import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'

export type Algorithm = 'sha256' | 'md5'

export async function digest(algorithm: Algorithm, data: Uint8Array): Promise<Uint8Array> {
  if (algorithm === 'md5') return md5(data)
  const subtle = globalThis.crypto?.subtle
  if (!subtle) return sha256(data)
  return new Uint8Array(await subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>))
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The bytes of lower-case hexadecimal; null for what is none. */
export function fromHex(text: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) return null
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

export async function textDigest(text: string): Promise<string> {
  return hex(await digest('sha256', new TextEncoder().encode(text)))
}
