import { decodeValue, filled, read, write } from './frames'
import { serverDefaults, type ClientMessage, type SealedPaper, type ServerMessage } from './messages'

/** The bytes of one message as it travels. */
export const encode = (message: ClientMessage) => write(message)

/**
 * The message in a frame, with left-out members filled in.
 *
 * @returns null when the frame is not a message that this client can use; such frames are ignored.
 */
export function decode(frame: ArrayBuffer | Uint8Array): ServerMessage | null {
  const message = read(frame, serverDefaults) as ServerMessage | null
  if (message?.type === 'snapshot' && Array.isArray(message.answers)) {
    const answers = message.answers.map((answer) => filled({ ...answer, type: 'ack' }, serverDefaults))
    return { ...message, answers: answers as typeof message.answers }
  }
  return message
}

/** The body of `GET /api/sessions/{session}/sealed`. */
export function decodeSealedPaper(body: ArrayBuffer): SealedPaper {
  return decodeValue(body) as SealedPaper
}
