import { describe, expect, it } from 'vitest'
import { areaOf, ofProvince, provinceOf } from '../src/shared/own'
import { PROVINCES } from '../src/shared/provinces'

const say = (key: string, named: Record<string, unknown> = {}) => [key, ...Object.values(named)].join(' ')

describe('whose contest it is', () => {
  it('follows from the codes of its teams', () => {
    const nation = PROVINCES.map(([code]) => code)
    expect([ofProvince(nation), provinceOf(nation)]).toEqual([false, ''])
    expect([ofProvince(['130001', '130002']), provinceOf(['130001', '130002'])]).toEqual([true, '河北'])
    expect([ofProvince([]), provinceOf([])]).toEqual([false, ''])
    expect(provinceOf(['660001'])).toBe('兵团')
  })

  it('is said in a sentence', () => {
    expect(areaOf('', say)).toBe('common.nation')
    expect(areaOf('河北', say)).toBe('common.inProvince 河北')
  })
})
