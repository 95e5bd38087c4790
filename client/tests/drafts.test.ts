import { afterEach, describe, expect, it } from 'vitest'
import { emptyWords } from '../src/staff/bank/bank'
import { draftOf, keepDraft, unsaved } from '../src/staff/bank/drafts'

const draft = (stem: string, version = 0) => ({ version, words: { ...emptyWords(), stem }, tags: '' })

describe('what was written and not saved', () => {
  afterEach(() => {
    for (const login of ['anna', 'anna 1']) for (const one of unsaved(login)) keepDraft(login, one, null)
  })

  it('comes back to whoever wrote it, question by question', () => {
    keepDraft('anna', 12, draft('改写', 3))
    keepDraft('anna', 0, draft('新题'))
    keepDraft('anna 1', 2, draft('别人的'))
    expect(unsaved('anna')).toEqual([0, 12])
    expect(draftOf('anna', 12)).toMatchObject({ version: 3, words: { stem: '改写' } })
    expect(draftOf('bo', 12)).toBeNull()
    keepDraft('anna', 12, null)
    expect(unsaved('anna')).toEqual([0])
  })

  it('holds the page while there is any', () => {
    const leaving = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    expect(leaving()).toBe(true)
    keepDraft('anna', 0, draft('新题'))
    expect(leaving()).toBe(false)
  })
})
