import { onScopeDispose, ref, shallowRef } from 'vue'
import { Connection, inBrowser, watchComputer, type LinkStatus, type Manner } from '../../shared/connection'
import { HttpError, postJson } from '../../shared/http'
import { read } from '../../wire/frames'
import { serverDefaults, type MatchClientMessage, type MatchServerMessage } from '../../wire/match'
import { ticketsOf } from './api'
import { answered, NOTHING, told, touched, unsaid, type Played } from './match'

/** A question is open for some seconds: silence is taken for a loss sooner than on the contest's line. */
const MATCH: Manner<MatchServerMessage> = {
  read: (frame) => read(frame, serverDefaults) as MatchServerMessage | null,
  longestWaitMs: 5_000,
  welcomeWithinMs: 6_000,
  probeEveryMs: 4_000,
  answerWithinMs: 4_000,
}

/** A match that is played on this page. */
export function useMatch(number: number) {
  const played = shallowRef<Played>(NOTHING)
  const link = ref<LinkStatus | 'gone'>('connecting')
  /** The question whose answer went out over this line. */
  let saidFor = 0
  const line = new Connection<MatchClientMessage, MatchServerMessage>(
    inBrowser(ticket, '/live/match'),
    {
      hello: () => ({}),
      message: heard,
      link: (now) => {
        if (link.value !== 'gone') link.value = now.status
      },
    },
    MATCH,
  )

  /** A match that is long over, or not one's own, opens no socket: asking again would change nothing. */
  async function ticket(): Promise<string> {
    try {
      return (await postJson<{ ticket: string }>(ticketsOf(number), {})).ticket
    } catch (error) {
      if (error instanceof HttpError && error.code === 'not-found') {
        link.value = 'gone'
        line.stop()
      }
      throw error
    }
  }

  function heard(message: MatchServerMessage): void {
    played.value = told(played.value, number, message)
    // What went out over a line that was lost is said again, and counts once.
    if (message.type === 'match_welcome') saidFor = 0
    if (message.type === 'match') say()
  }

  function say(): void {
    const answer = unsaid(played.value)
    if (!answer) saidFor = 0
    else if (saidFor !== answer.question && line.send({ type: 'match_answer', ...answer })) saidFor = answer.question
  }

  function act(next: Played): void {
    played.value = next
    say()
  }

  line.start()
  const unwatch = watchComputer(line)
  onScopeDispose(() => {
    unwatch()
    line.stop()
  })
  return {
    played,
    link,
    nowUs: () => line.clock.nowUs(),
    touch: (option: string) => act(touched(played.value, option)),
    submit: () => act(answered(played.value)),
    leave: () => line.send({ type: 'match_leave' }),
    start: () => line.start(),
  }
}
