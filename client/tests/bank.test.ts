import { describe, expect, it } from 'vitest'
import { blanksIn, emptyWords, forForm, forServer, happenings, marked, type QuestionBody } from '../src/staff/bank/bank'

describe('words of a question', () => {
  it('are sent without what another type would have', () => {
    const words = { ...emptyWords(), options: ['甲', '乙', ' ', ''], right: ['B', 'D'], reference: '略', tags: [' 新 ', ''] }
    const sent = forServer(words)
    expect([sent.options, sent.right, sent.reference, sent.parts, sent.tags]).toEqual([['甲', '乙'], ['B'], '', [], ['新']])
    const truth = forServer({ ...words, type: 'true_false', right: ['A', 'F'] })
    expect([truth.options, truth.right]).toEqual([[], ['F']])
  })

  it('have as many blanks as their stem', () => {
    const words = { ...emptyWords(), type: 'fill_in', stem: '在____日内以（ ）形式', blanks: [['三十'], ['书面'], ['多余']] }
    expect(blanksIn(words.stem)).toBe(2)
    expect(forServer(words).blanks).toEqual([['三十'], ['书面']])
  })

  it('get room for what they have not, and are a copy', () => {
    const kept = { ...emptyWords(), type: 'case', options: [], parts: [{ text: '一', reference: '二' }] }
    const form = forForm(kept)
    form.parts[0]!.text = '改'
    expect([form.options.length, kept.parts[0]!.text]).toEqual([4, '一'])
  })
})

describe('what was looked for', () => {
  it('is marked wherever it stands', () => {
    expect(marked('参加基本养老保险，养老金', '养老 ABC')).toEqual([
      { text: '参加基本', hit: false },
      { text: '养老', hit: true },
      { text: '保险，', hit: false },
      { text: '养老', hit: true },
      { text: '金', hit: false },
    ])
    expect(marked('Abc', 'aB')[0]).toEqual({ text: 'Ab', hit: true })
  })

  it('is not marked by one character or a number', () => {
    expect(marked('第12题', '第 #12')).toEqual([{ text: '第12题', hit: false }])
  })
})

it('tells what happened, the newest first', () => {
  const version = { version: 1, state: 'draft', author: 'a', author_name: '安', at_us: 10, imported_from: '', words: emptyWords() }
  const act = { version: 1, move: 'submit', actor: 'a', actor_name: '安', reason: '', at_us: 30 }
  const comment = { comment: 1, version: 1, author: 'b', author_name: '博', text: '好', at_us: 20 }
  const question: QuestionBody = { question: 1, state: 'in_review', usable: 0, versions: [version], acts: [act], comments: [comment], moves: [] }
  expect(happenings(question).map((one) => one.kind)).toEqual(['act', 'comment', 'written'])
})
