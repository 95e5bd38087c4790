/** What an effect says, in the reader's language. */
import { points } from '../../shared/format'
import { DELEGATIONS } from '../api'
import { useWords } from '../words'
import type { CourtBody, EffectBody } from './judging'

export function delegationShort(code: string): string {
  return DELEGATIONS.find(([known]) => known === code)?.[1] ?? code
}

export function useEffectWords(court: () => CourtBody | null) {
  const { t } = useWords()

  function person(sitting: number): string {
    const member = court()?.members.find((one) => one.sitting === sitting)
    return member ? t('ruling.person', { name: member.name, delegation: delegationShort(member.delegation) }) : `${sitting}`
  }

  function response(texts: string[]): string {
    return texts.map((text) => (text === 'T' || text === 'F' ? t(`truth.${text}`) : text || '—')).join(t('common.listJoin'))
  }

  function scope(effect: Extract<EffectBody, { kind: 'compensate' }>): string {
    const { kind, sitting_id, delegation, room } = effect.scope
    if (kind === 'all') return t('scope.all')
    if (kind === 'sitting') return person(sitting_id ?? 0)
    const where = delegationShort(delegation ?? '')
    return kind === 'room' ? t('ruling.room', { delegation: where, room: room ?? '' }) : where
  }

  function says(effect: EffectBody): string {
    switch (effect.kind) {
      case 'accept_alternative':
        return t('says.accept_alternative', { item: effect.item_no, response: response(effect.response) })
      case 'change_key': {
        const { options, blanks } = effect.key
        const key = options.length ? response(options) : blanks.map((texts) => texts.join(' / ')).join(t('common.listJoin'))
        return t('says.change_key', { item: effect.item_no, key })
      }
      case 'void_item':
        return t('says.void_item', { item: effect.item_no })
      case 'credit_item':
        return t('says.credit_item', { item: effect.item_no })
      case 'adjust_judgement':
        return t('says.adjust_judgement', {
          who: person(effect.sitting_id),
          item: effect.item_no,
          points: points(effect.centipoints),
        })
      case 'compensate': {
        const item = effect.item_no ? t('ruling.ofItem', { n: effect.item_no }) : t('ruling.ofPaper')
        return t('says.compensate', { who: scope(effect), item, seconds: effect.us / 1_000_000 })
      }
      case 'warn':
        return t('says.warn', { who: person(effect.sitting_id) })
      case 'strike_off':
        return t('says.strike_off', { who: person(effect.sitting_id) })
      case 'order_equals': {
        const order = effect.persons.length ? effect.persons.map(person) : effect.delegations.map(delegationShort)
        return t('says.order_equals', { order: order.join(t('common.listJoin')) })
      }
    }
  }

  return { says, person, response }
}
