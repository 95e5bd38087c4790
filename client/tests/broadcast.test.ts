import { describe, expect, it } from 'vitest'
import { OVERLAYS, addressesOf, meantForThePage, shownOf, type Wanted } from '../src/staff/broadcast/control'

const WANTED: Wanted = { count: 5, delegation: '', left: '110000', right: '110000', show: 'question' }

describe('overlays with their parameters', () => {
  it('waits for what an overlay cannot do without', () => {
    expect(shownOf('province', WANTED)).toBeNull()
    expect(shownOf('versus', WANTED)).toBeNull()
    expect(shownOf('versus', { ...WANTED, right: '650000' })).toEqual({
      name: 'versus',
      params: { left: '110000', right: '650000' },
    })
  })

  it('takes no parameter that is not its own', () => {
    expect(shownOf('strip', WANTED)).toEqual({ name: 'strip', params: { count: 5 } })
    expect(shownOf('top10', WANTED)).toEqual({ name: 'top10', params: {} })
    expect(shownOf('item', WANTED)?.params).toEqual({ show: 'question' })
  })
})

describe('keys', () => {
  const press = (target: EventTarget | null, more = {}) =>
    meantForThePage({ target, repeat: false, altKey: false, ctrlKey: false, metaKey: false, ...more })

  it('take and clear only where nothing else has them', () => {
    document.body.innerHTML = '<p id="p"></p><button id="b"><i></i></button><input id="i"><div role="dialog"><p id="d"></p></div>'
    const find = (id: string) => document.getElementById(id)
    expect(press(find('p'))).toBe(true)
    for (const id of ['b', 'i', 'd']) expect(press(find(id))).toBe(false)
    expect(press(document.querySelector('i'))).toBe(false)
    expect(press(find('p'), { repeat: true })).toBe(false)
    expect(press(find('p'), { ctrlKey: true })).toBe(false)
    expect(press(null)).toBe(false)
  })
})

describe('addresses', () => {
  it('are those of the channel and of every overlay, each with the token', () => {
    const addresses = addressesOf('https://air.example', 'main', 'a+b')
    expect(addresses.map((one) => one.name)).toEqual(['program', ...OVERLAYS])
    for (const one of addresses) expect(new URL(one.address).searchParams.get('token')).toBe('a+b')
  })
})
