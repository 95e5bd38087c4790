import { describe, expect, it } from 'vitest'
import { actionWords, detailLines } from '../src/staff/audit/audit'

describe('details of the audit', () => {
  it('stand as lines, moments in words', () => {
    expect(detailLines({ start_us: 1_660_000_000_000_000, items: [1, 2], of: { a: true }, none: null })).toEqual([
      { name: 'start_us', value: '2022-08-09 07:06', before: null },
      { name: 'items', value: '1, 2', before: null },
      { name: 'of', value: 'a: true', before: null },
      { name: 'none', value: '—', before: null },
    ])
    expect(detailLines({})).toEqual([])
  })

  it('tell what was before beside what is now', () => {
    expect(detailLines({ login: 'li', before: { roles: ['judge'] }, after: { roles: ['auditor'] } })).toEqual([
      { name: 'roles', value: 'auditor', before: 'judge' },
      { name: 'login', value: 'li', before: null },
    ])
    expect(detailLines({ disabled: true, before: { disabled: false } })).toEqual([
      { name: 'disabled', value: 'true', before: 'false' },
    ])
  })
})

describe('actions', () => {
  const words: Record<string, string> = { freeze: '封榜', mark: '评分' }
  const say = (action: string) => actionWords(action, (code) => words[code] ?? null, (name, what) => `${name}(${what})`)

  it('have words, also when they were refused, asked for or confirmed', () => {
    expect(say('freeze')).toBe('封榜')
    expect(say('freeze-refused')).toBe('refused(封榜)')
    expect(say('refused-mark')).toBe('refused(评分)')
    expect(say('confirm-freeze-refused')).toBe('refused(confirm(封榜))')
    expect(say('new-one')).toBe('new-one')
  })
})
