import { describe, expect, it } from 'vitest'
import { meaningOf } from '../src/contestant/keys'
import type { ItemContent } from '../src/wire/messages'

const press = (key: string, members = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  ...members,
})
const content = (type: string, ids = ''): ItemContent => ({
  type,
  stem: '',
  options: [...ids].map((id) => ({ id, text: id })),
  blanks: 0,
  parts: [],
  media: [],
  centipoints: 100,
})
const choice = content('single', 'CADB')

describe('keys on an item', () => {
  it.each([
    ['a', 'C'],
    ['A', 'C'],
    ['1', 'C'],
    ['d', 'B'],
    ['4', 'B'],
  ])('%s picks what is shown there', (key, option) => {
    expect(meaningOf(press(key), choice, false)).toEqual({ kind: 'pick', option })
  })

  it.each(['e', '5', '9', '0', 'x', 'Tab', 'F5', ' '])('%s means nothing', (key) => {
    expect(meaningOf(press(key), choice, false)).toBeNull()
  })

  it('T and F answer true-false, so do 1 and 2', () => {
    const truth = content('true_false')
    expect(['t', 'F', '1', '2'].map((key) => meaningOf(press(key), truth, false))).toEqual(
      ['T', 'F', 'T', 'F'].map((option) => ({ kind: 'pick', option })),
    )
  })

  it('leaves letters to whoever is typing, and shortcuts to the browser', () => {
    expect(meaningOf(press('a'), choice, true)).toBeNull()
    expect(meaningOf(press('ArrowLeft'), choice, true)).toBeNull()
    expect(meaningOf(press('a', { ctrlKey: true }), choice, false)).toBeNull()
    expect(meaningOf(press('Enter', { isComposing: true }), choice, true)).toBeNull()
    expect(meaningOf(press('Enter'), choice, true)).toEqual({ kind: 'submit' })
  })
})
