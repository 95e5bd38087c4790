/** Frames of any part of the wire: one MessagePack map with a `type`. */
import { Decoder, Encoder } from '@msgpack/msgpack'

export const SUBPROTOCOL = 'leitai.v1'

export interface Message {
  type: string
}

/** The members of messages that may be left out, by `type` (made by scripts/generate-wire.mjs). */
export type Defaults = Record<string, () => Record<string, unknown>>

const encoder = new Encoder()
const decoder = new Decoder()

/** The bytes of one message as it travels. */
export function write(message: Message): Uint8Array<ArrayBuffer> {
  return encoder.encode(message)
}

/** Any MessagePack value. */
export function decodeValue(bytes: Uint8Array | ArrayBuffer): unknown {
  return decoder.decode(bytes)
}

/** The message in a frame, with left-out members filled in; null when the frame is none, and such frames are ignored. */
export function read(frame: ArrayBuffer | Uint8Array, defaults: Defaults): Message | null {
  let value: unknown
  try {
    value = decoder.decode(frame)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  return typeof (value as { type?: unknown }).type === 'string' ? filled(value as Message, defaults) : null
}

/** A message with the members that it leaves out. */
export function filled(message: Message, defaults: Defaults): Message {
  return { ...defaults[message.type]?.(), ...message }
}
