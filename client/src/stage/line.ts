/** A device's line to its stage: the contest's line, with a stage's messages, that takes silence for a loss sooner. */
import { Connection, inBrowser, type Handlers, type Manner, type Surroundings } from '../shared/connection'
import { postJson } from '../shared/http'
import { read } from '../wire/frames'
import { serverDefaults, type StageClientMessage, type StageServerMessage } from '../wire/stage'

const STAGE: Manner<StageServerMessage> = {
  read: (frame) => read(frame, serverDefaults) as StageServerMessage | null,
  longestWaitMs: 5_000,
  welcomeWithinMs: 6_000,
  probeEveryMs: 4_000,
  answerWithinMs: 4_000,
}

export type StageLine = Connection<StageClientMessage, StageServerMessage>

export function stageLine(handlers: Omit<Handlers<StageServerMessage>, 'hello'>, around: Surroundings = atStage()): StageLine {
  return new Connection<StageClientMessage, StageServerMessage>(around, { hello: () => ({}), ...handlers }, STAGE)
}

const atStage = () => inBrowser(async () => (await postJson<{ ticket: string }>('/api/stage/tickets', {})).ticket, '/live/stage')
