import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useSession, type LearnerBody } from '../src/practice/session'
import type { HomeBody, Item, SetBody } from '../src/practice/study/api'
import { draftOf, forgetDraft, keepBook, keepDraft, keptBook, owns } from '../src/practice/study/kept'
import { byModule, isAnswered, isWhole, leftUs, marked, nextOpen, picked, rightWords, typed } from '../src/practice/study/study'

const t = (key: string, named: Record<string, unknown> = {}) => [key, ...Object.values(named)].join(' ')
const options = ['A', 'B', 'C'].map((id) => ({ id, text: id }))
const multiple = { type: 'multiple' as const, options }

describe('what is picked', () => {
  it('takes the place of another where one is asked for', () => {
    expect(picked({ type: 'single', options }, ['A'], 'B')).toEqual(['B'])
    expect(picked({ type: 'true_false', options: [] }, ['T'], 'F')).toEqual(['F'])
  })

  it('joins others in the order of the options, and goes when it is touched again', () => {
    expect(picked(multiple, ['C'], 'A')).toEqual(['A', 'C'])
    expect(picked(multiple, ['A', 'C'], 'C')).toEqual(['A'])
  })

  it('is whole when every blank is filled', () => {
    const item = { type: 'fill_in' as const, blanks: 2 }
    expect(typed(item, [], 1, '书面')).toEqual(['', '书面'])
    expect(isWhole(item, ['', '书面'])).toBe(false)
    expect(isWhole(item, ['三十日', '书面'])).toBe(true)
    expect(isWhole({ type: 'single', blanks: 0 }, [])).toBe(false)
    expect([isAnswered(undefined), isAnswered(['', ' ']), isAnswered(['', 'x'])]).toEqual([false, false, true])
  })
})

describe('the right answer in words', () => {
  it('is said by letters, by right or wrong, or blank by blank', () => {
    expect(rightWords(t, { type: 'multiple', options: ['A', 'C'], blanks: [] })).toBe('Acommon.listJoinC')
    expect(rightWords(t, { type: 'true_false', options: ['T'], blanks: [] })).toBe('truth.T')
    expect(rightWords(t, { type: 'fill_in', options: [], blanks: [['三十日', '30日']] })).toBe('三十日study.or30日')
    expect(rightWords(t, { type: 'fill_in', options: [], blanks: [['甲'], ['乙']] })).toBe(
      'study.blankIs 1 甲study.blankJoinstudy.blankIs 2 乙',
    )
  })
})

describe('a set', () => {
  const result = { right: true, response: [], options: [], blanks: [], explanation: '', point: '', counted: true }
  const item = (no: number, done: boolean) => ({ item: no, question: no, bookmarked: false, result: done ? result : null }) as unknown as Item
  const set = (...done: boolean[]) => ({ items: done.map((one, at) => item(at + 1, one)) }) as unknown as SetBody

  it('goes on where it was left', () => {
    expect(nextOpen(set(true, false, true))).toBe(1)
    expect(nextOpen(set(true, true))).toBe(-1)
  })

  it('keeps its answers when a question is bookmarked', () => {
    const now = marked(set(true, false), 2, true)
    expect(now.items.map((item) => [item.bookmarked, item.result !== null])).toEqual([
      [false, true],
      [true, false],
    ])
  })

  it('has its time by the server’s clock, whatever this device’s says', () => {
    const body = { expires_us: 60_000_000, server_us: 10_000_000 }
    expect(leftUs(body, 1_000, 1_000)).toBe(50_000_000)
    expect(leftUs(body, 1_000, 31_000)).toBe(20_000_000)
    // A clock that is set back meanwhile gives no time.
    expect(leftUs(body, 1_000, 0)).toBe(50_000_000)
  })
})

it('puts topics together by module, in the order they come', () => {
  const topic = (module: string, known: number) => ({ module, type: 'single' as const, released: 10, known, due: 1 })
  const rows = byModule({ topics: [topic('乙', 1), topic('甲', 2), topic('乙', 3)] } as HomeBody)
  expect(rows.map((row) => [row.module, row.released, row.known, row.due, row.topics.length])).toEqual([
    ['乙', 20, 4, 2, 2],
    ['甲', 10, 2, 1, 1],
  ])
})

describe('what this device keeps', () => {
  beforeEach(() => localStorage.clear())

  it('is a set that was not handed in, and the book', () => {
    owns(1)
    keepDraft(7, [['A'], []])
    expect([draftOf(7), draftOf(8)]).toEqual([[['A'], []], []])
    forgetDraft()
    expect(draftOf(7)).toEqual([])
    keepBook([], 5)
    expect(keptBook()).toEqual({ keptAt: 5, entries: [] })
  })

  it('is forgotten when somebody else learns here', () => {
    owns(1)
    keepBook([], 5)
    owns(1)
    expect(keptBook()).not.toBeNull()
    owns(2)
    expect(keptBook()).toBeNull()
  })

  it('is forgotten when its learner signs out', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 204 })))
    const { enter, signOut } = useSession()
    enter({ learner: 3 } as LearnerBody)
    keepBook([], 5)
    keepDraft(7, [['A']])
    await signOut()
    expect([keptBook(), draftOf(7)]).toEqual([null, []])
    vi.unstubAllGlobals()
  })
})
