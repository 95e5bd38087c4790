import { describe, expect, it } from 'vitest'
import { draftOf, effectOf, emptyDraft } from '../src/staff/judging/form'
import {
  hindrance,
  kindOf,
  merged,
  type AppealBody,
  type CourtItem,
  type JudgingBody,
  type ReceiptBody,
  type RulingBody,
} from '../src/staff/judging/judging'

function ruling(number: number, version: number, state: RulingBody['state'], actor = 'anna'): RulingBody {
  const acts = Array.from({ length: version }, () => ({ act: 'propose', actor, name: actor, at_us: 1, reason: '因' }))
  return { ruling: number, version, state, effect: { kind: 'void_item', item_no: 1 }, evidence: '教材', acts, concerned: [] }
}

function appeal(number: number, state: AppealBody['state']): AppealBody {
  const decision = state === 'filed' ? null : { actor: 'bo', name: 'bo', at_us: 2, reason: '因', ruling: 0 }
  return { appeal: number, sitting: 1, name: '李', delegation: '110000', item: 1, text: '歧义', filed_at_us: 1, state, decision }
}

function receipt(number: number, state: ReceiptBody['state']): ReceiptBody {
  const decision = state === 'open' ? null : { actor: 'bo', name: 'bo', at_us: 2, reason: '因', ruling: 0 }
  const said = { seq: 1, response: ['A'], status: 'accepted', stamp_us: 1 }
  return { receipt: number, sitting: 1, name: '李', delegation: '110000', item: 1, ...said, presented_at_us: 1, fault: 'unproven', state, recorded: [], decision }
}

function body(rulings: RulingBody[], appeals: AppealBody[] = [], session = 7, receipts: ReceiptBody[] = []): JudgingBody {
  return { session, phase: 'closed', pacing: 'streamed', appeals_until_us: 9, server_us: 1, rulings, appeals, receipts }
}

const item = (type: string, key: Partial<CourtItem['key']> = {}): CourtItem => ({
  item: 3,
  type,
  centipoints: 100,
  stem: '题干',
  options: ['A', 'B', 'C'].map((id) => ({ id, text: id })),
  parts: [],
  key: { options: [], blanks: [], also: [], ...key },
})

describe('what is held of rulings and appeals', () => {
  it('puts what waits first and takes what moved in', () => {
    let held = merged(null, body([ruling(1, 2, 'in_force'), ruling(2, 1, 'proposed'), ruling(3, 2, 'declined')]))
    expect(held.rulings.map((one) => one.ruling)).toEqual([2, 3, 1])
    held = merged(held, body([ruling(1, 3, 'withdrawal_proposed')], [appeal(1, 'refused'), appeal(2, 'filed')]))
    expect(held.rulings.map((one) => one.ruling)).toEqual([2, 1, 3])
    expect(held.appeals.map((one) => one.appeal)).toEqual([2, 1])
  })

  it('does not go back to what an event on its way still said', () => {
    const held = merged(merged(null, body([ruling(1, 2, 'in_force')], [appeal(1, 'upheld')])), body([ruling(1, 1, 'proposed')], [appeal(1, 'filed')]))
    expect(held.rulings[0]?.state).toBe('in_force')
    expect(held.appeals[0]?.state).toBe('upheld')
  })

  it('puts stray receipts that wait first, and keeps a decision', () => {
    let held = merged(null, body([], [], 7, [receipt(1, 'open'), receipt(2, 'open')]))
    held = merged(held, body([], [], 7, [receipt(1, 'laid_aside')]))
    held = merged(held, body([], [], 7, [receipt(1, 'open')]))
    expect(held.receipts.map((one) => [one.receipt, one.state])).toEqual([[2, 'open'], [1, 'laid_aside']])
  })

  it('begins anew with another session', () => {
    const held = merged(merged(null, body([ruling(1, 2, 'in_force')])), body([], [], 8))
    expect([held.session, held.rulings.length]).toEqual([8, 0])
  })

  it('knows who takes no part and who has proposed', () => {
    expect(hindrance(ruling(1, 1, 'proposed'), 'anna', '')).toBe('self')
    expect(hindrance(ruling(1, 1, 'proposed'), 'bo', '110000')).toBe('')
    expect(hindrance({ ...ruling(1, 1, 'proposed'), concerned: ['110000'] }, 'bo', '110000')).toBe('conflict')
  })
})

describe('a proposal', () => {
  it('comes from a link', () => {
    const draft = draftOf(new URLSearchParams('effect=accept&item=3&response=三十天&response='))
    expect(effectOf(draft, item('fill_in', { blanks: [['三十日'], ['书面']] }), true)).toEqual({
      kind: 'accept_alternative',
      item_no: 3,
      response: ['三十天', ''],
    })
    expect(kindOf('explode')).toBe(null)
    expect(draftOf(new URLSearchParams('effect=compensate&delegation=110000&room=2&item=3'))).toMatchObject({ scope: 'room' })
  })

  it('makes no effect while something is missing', () => {
    const draft = emptyDraft()
    expect(effectOf(draft, null, true)).toBe(null)
    expect(effectOf(draft, item('single'), true)).toBe(null)
    expect(effectOf({ ...draft, kind: 'strike_off' }, null, true)).toBe(null)
    expect(effectOf({ ...draft, kind: 'compensate' }, null, true)).toBe(null)
    expect(effectOf({ ...draft, kind: 'compensate', scope: 'room', delegation: '110000' }, item('single'), true)).toBe(null)
    expect(effectOf({ ...draft, kind: 'order_equals', persons: [1] }, null, true)).toBe(null)
  })

  it('says what each kind of ruling says on the wire', () => {
    const draft = { ...emptyDraft(), picked: ['C', 'A', 'Z'], sitting: 5 }
    expect(effectOf(draft, item('multiple'), true)).toEqual({ kind: 'accept_alternative', item_no: 3, response: ['A', 'C'] })
    expect(effectOf({ ...draft, kind: 'change_key', texts: ['一；二'] }, item('fill_in', { blanks: [['零']] }), true)).toEqual({
      kind: 'change_key',
      item_no: 3,
      key: { options: [], blanks: [['一', '二']], also: [] },
    })
    expect(effectOf({ ...draft, kind: 'adjust_judgement', points: 0.5 }, item('single'), true)).toEqual({
      kind: 'adjust_judgement',
      sitting_id: 5,
      item_no: 3,
      centipoints: 50,
    })
    expect(effectOf({ ...draft, kind: 'compensate', scope: 'sitting' }, null, false)).toEqual({
      kind: 'compensate',
      scope: { kind: 'sitting', sitting_id: 5 },
      us: 30_000_000,
      item_no: null,
    })
    expect(effectOf({ ...draft, kind: 'order_equals', ordered: 'delegations', delegations: ['b', 'a'] }, null, true)).toEqual({
      kind: 'order_equals',
      persons: [],
      delegations: ['b', 'a'],
    })
  })
})
