import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { watchComputer, type LinkStatus } from '../shared/connection'
import { HttpError, postJson } from '../shared/http'
import type { ServerStage, StageServerMessage } from '../wire/stage'
import { stageLine } from './line'

export interface Seat {
  stage: number
  title: string
  team: number
  name: string
}

/** Where devices find what a question shows. */
export const mediaAt = (address: string) => `/api/stage/media/${address}`

/** The code in an address; one that was cut is none. */
function codeOf(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1))
  } catch {
    return ''
  }
}

/** A desk's or screen's page: let in by a code, kept by a cookie, told everything over the line. */
export function useStage() {
  const view = shallowRef<ServerStage | null>(null)
  const link = ref<LinkStatus>('connecting')
  const team = ref(0)
  const stage = ref(0)
  const goFor = ref(0)
  const pressedFor = ref(0)
  const fault = ref('')
  const busy = ref(false)
  let pending: { question: number; seq: number } | null = null
  let seq = Math.floor(Date.now() / 1000) % 1_000_000_000

  const line = stageLine({
    message: told,
    link: (now) => {
      link.value = now.status
    },
  })

  function told(message: StageServerMessage): void {
    switch (message.type) {
      case 'stage_welcome':
        team.value = message.team
        stage.value = message.stage
        view.value = null
        if (pending) line.send({ type: 'press', ...pending })
        break
      case 'stage':
        if (!view.value || message.version > view.value.version) view.value = message
        if (pending && message.question?.question !== pending.question) pending = null
        // A false start that was taken back leaves the button free again.
        if (pressedFor.value && !pending && !mine(message)) pressedFor.value = 0
        break
      case 'go':
        goFor.value = message.question
        break
      case 'pressed':
        if (pending?.seq === message.seq) pending = null
        break
      case 'error':
        if (pending?.seq === message.seq) {
          pending = null
          pressedFor.value = 0
        }
        break
      default:
    }
  }

  function mine(message: ServerStage): boolean {
    const question = message.question
    if (!question || question.question !== pressedFor.value) return false
    return question.presses.some((one) => one.team === team.value) || question.false_starts.includes(team.value)
  }

  function press(question: number): void {
    if (pressedFor.value === question) return
    seq += 1
    pending = { question, seq }
    pressedFor.value = question
    line.send({ type: 'press', ...pending })
  }

  async function join(code: string): Promise<void> {
    if (busy.value) return
    busy.value = true
    fault.value = ''
    try {
      await postJson<Seat>('/api/stage/join', { code })
      line.start()
    } catch (error) {
      fault.value = error instanceof HttpError ? error.message || error.code : 'unknown'
    } finally {
      busy.value = false
    }
  }

  async function leave(): Promise<void> {
    line.stop()
    link.value = 'signed_out'
    view.value = null
    busy.value = true
    await postJson('/api/stage/leave', {}).catch(() => undefined)
    busy.value = false
  }

  /** A link from the console holds the code behind `#`; it leaves the address at once. */
  function begin(): void {
    const code = codeOf(location.hash)
    if (code) {
      history.replaceState(null, '', location.pathname)
      void join(code).then(() => {
        if (fault.value) link.value = 'signed_out'
      })
    } else {
      line.start()
    }
  }

  begin()
  const unwatch = watchComputer(line)
  onScopeDispose(() => {
    unwatch()
    line.stop()
  })
  const own = computed(() => view.value?.teams.find((one) => one.team === team.value) ?? null)
  return {
    view,
    link,
    team,
    stage,
    goFor,
    pressedFor,
    fault,
    busy,
    own,
    nowUs: () => line.clock.nowUs(),
    press,
    join,
    leave,
    start: () => line.start(),
  }
}
