import { useI18n } from 'vue-i18n'
import { count } from '../../shared/format'
import { areaOf } from '../../shared/own'
import type { CommandName, ConsoleBody, ConsoleDelegation } from '../api'
import { homeName } from '../session'
import type { AudienceWish } from './audience'

export function seatsOf(delegations: Pick<ConsoleDelegation, 'seats'>[]): number {
  return delegations.reduce((sum, one) => sum + one.seats, 0)
}

/** Commands in words: what each is called, and what saying yes to it will do. */
export function useWording() {
  const { t } = useI18n()

  function wordOf(command: CommandName, item = 0): string {
    return t(command === 'extend' && !item ? 'console.extendAll' : `console.${command}`)
  }

  function effectOf(seen: Pick<ConsoleBody, 'pacing' | 'delegations'>, command: CommandName, item = 0): string {
    const whole = seen.pacing === 'paper' ? 'extendPaper' : 'extendAll'
    const key = command === 'extend' && (!item || seen.pacing === 'paper') ? whole : command
    return t(`effect.${key}`, { n: count(seatsOf(seen.delegations)), item, area: areaOf(homeName(), t) })
  }

  /** Of an announcement: who will read it. */
  function reachOf(seen: Pick<ConsoleBody, 'pacing' | 'delegations'>, audience: AudienceWish): string {
    if (audience.kind === 'all') return effectOf(seen, 'announce')
    if (audience.kind === 'one') return t('clarify.effectOne')
    const of = seen.delegations.find((one) => one.code === audience.delegation)
    return t('clarify.effectSome', { who: of ? `${of.short}${audience.room}` : t('clarify.chosen') })
  }

  return { wordOf, effectOf, reachOf }
}
