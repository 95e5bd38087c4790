import { describe, expect, it } from 'vitest'
import { sayBlocker, sayRuling, sayShortfall, sayWhy, type Say, type WhyLine } from '../src/staff/awards/awards'
import { draftOf } from '../src/staff/judging/form'

/** Keys with their figures, so that what is said is seen whatever the words are. */
const say: Say = (key, named) => `${key}${named ? `(${Object.values(named).join('|')})` : ''}`

const line: WhyLine = {
  sitting: 1,
  name: '甲',
  delegation: '110000',
  unit: '',
  verdict: 'awarded',
  kind: 'knowledge',
  rank: 4,
  centipoints: 0,
  national_place: 3,
  province_place: 2,
  after_passing: 1,
  passed_over: [],
  ruling: 0,
}

describe('why somebody is awarded', () => {
  it('says the place that counted, and who made room', () => {
    expect(sayWhy(line, say)).toBe('awarding.why.knowledge(3|2|1|4)')
    const star = { ...line, kind: 'star', passed_over: ['乙', '丙'] }
    expect(sayWhy(star, say)).toBe('awarding.why.star(3|2|1|4)awarding.why.passed(乙common.listJoin丙)')
  })

  it('tells a ruling from a correction', () => {
    expect(sayRuling(0, say)).toBe('')
    expect(sayRuling(7, say)).toBe('awarding.byRuling(7)')
    expect(sayRuling(-7, say)).toBe('awarding.byCorrection(7)')
    expect(sayWhy({ ...line, ruling: 7 }, say)).toContain('awarding.byRuling(7)')
  })

  it('says why there is no award', () => {
    expect(sayWhy({ ...line, verdict: 'behind', kind: '' }, say)).toBe('awarding.why.behind(3|2|1|4)')
    expect(sayWhy({ ...line, verdict: 'tied' }, say)).toBe('awarding.why.tied(honour.knowledge)')
    expect(sayWhy({ ...line, verdict: 'struck', kind: '' }, say)).toBe('awarding.why.struck')
  })
})

describe('what holds a publication up', () => {
  const tie = { code: 'tie' as const, seats: [['knowledge', 1]] as [string, number][], names: ['甲', '乙'], persons: [1, 2], delegations: [], delegation: '' }

  it('names who is tied for what', () => {
    expect(sayBlocker(tie, (code) => code, say)).toBe('awarding.tie(awarding.nation|awarding.seats(honour.knowledge|1)|甲common.listJoin乙)')
    expect(sayShortfall({ kind: 'star', quota: 3, eligible: 1, delegation: '110000' }, () => '北京', say)).toBe('awarding.shortfall(北京|honour.star|3|1)')
    const prize = { kind: '一等奖', quota: 3, eligible: 1, delegation: '' }
    expect(sayShortfall(prize, (code) => code, say, '河北')).toBe('awarding.shortfall(河北|一等奖|3|1)')
    expect(sayBlocker({ ...tie, seats: [['一等奖', 1]] }, (code) => code, say, '河北')).toContain('awarding.tie(河北|')
  })

  it('leads to a ruling with those who are tied filled in', () => {
    const draft = draftOf(new URLSearchParams('effect=order_equals&person=5&person=6'))
    expect([draft.kind, draft.ordered, draft.persons]).toEqual(['order_equals', 'persons', [5, 6]])
    const teams = draftOf(new URLSearchParams('effect=order_equals&team=110000&team=120000'))
    expect([teams.ordered, teams.delegations]).toEqual(['delegations', ['110000', '120000']])
  })
})
