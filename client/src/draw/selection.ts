/** From a key to places, by RFC 3797, as docs/draw.md tells it (checks 6 and 7). */
import { digest, hex, type Algorithm } from './digest'

export interface Step {
  digest: string
  left: number
  place: number
}

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER)

/** The form of a public value in a key; null when it is not of its kind. */
export function valueInKey(kind: string, value: string): string | null {
  if (kind === 'text') return /^[0-9A-Za-z]{1,64}$/.test(value) ? value.toUpperCase() : null
  const written = value.split(' ')
  if (kind !== 'numbers' || written.length > 32) return null
  if (!written.every((one) => /^(?:0|[1-9][0-9]{0,15})$/.test(one) && BigInt(one) <= LARGEST)) return null
  return written
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => `${number}.`)
    .join('')
}

export function keyOf(delegation: string, listDigest: string, seeds: string, value: string): string {
  return `${delegation}/${listDigest}/${seeds}/`.toUpperCase() + `${value}/`
}

export async function stepsOf(pool: number, places: number, key: string, algorithm: Algorithm): Promise<Step[]> {
  const left = Array.from({ length: pool }, (_, index) => index + 1)
  const text = new TextEncoder().encode(key)
  const message = new Uint8Array(text.length + 4)
  message.set(text, 2)
  const steps: Step[] = []
  for (let n = 0; n < Math.min(places, pool); n += 1) {
    message[0] = message[text.length + 2] = n >> 8
    message[1] = message[text.length + 3] = n & 255
    const hash = await digest(algorithm, message)
    const position = remainder(hash, left.length)
    steps.push({ digest: hex(hash), left: left.length, place: left[position]! })
    left.splice(position, 1)
  }
  return steps
}

/** A long number, its bytes from the highest, modulo a small one. */
function remainder(bytes: Uint8Array, divisor: number): number {
  return bytes.reduce((rest, byte) => (rest * 256 + byte) % divisor, 0)
}
