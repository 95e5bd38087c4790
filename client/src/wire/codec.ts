import { Decoder, Encoder } from '@msgpack/msgpack'
import { serverDefaults, type ClientMessage, type SealedPaper, type ServerMessage } from './messages'

export const SUBPROTOCOL = 'leitai.v1'
export const MAX_CLIENT_FRAME_BYTES = 16 * 1024

const encoder = new Encoder()
const decoder = new Decoder()

/** The bytes of one message as it travels. */
export function encode(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return encoder.encode(message)
}

/**
 * The message in a frame, with left-out members filled in.
 *
 * @returns null when the frame is not a message that this client can use; such frames are ignored.
 */
export function decode(frame: ArrayBuffer | Uint8Array): ServerMessage | null {
  let value: unknown
  try {
    value = decoder.decode(frame)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const message = value as { type?: unknown; answers?: unknown }
  if (typeof message.type !== 'string') return null
  const filled = fill(message as { type: string })
  if (filled.type === 'snapshot' && Array.isArray(filled.answers)) {
    filled.answers = filled.answers.map((answer) => fill({ ...(answer as object), type: 'ack' }))
  }
  return filled as unknown as ServerMessage
}

function fill(message: { type: string }): { type: string; [member: string]: unknown } {
  const defaults = serverDefaults[message.type]
  return defaults ? { ...defaults(), ...message } : message
}

/** The body of `GET /api/sessions/{session}/sealed`. */
export function decodeSealedPaper(body: ArrayBuffer): SealedPaper {
  return decoder.decode(body) as SealedPaper
}

/** Any MessagePack value; used for the content of an item. */
export function decodeValue(bytes: Uint8Array): unknown {
  return decoder.decode(bytes)
}
