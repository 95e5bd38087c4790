import { describe, expect, it } from 'vitest'
import { asksCode, grouped } from '../src/staff/identity/identity'

describe('a second factor', () => {
  it('reads its secret off in groups of four', () => {
    expect(grouped('JBSWY3DPEHPK3PXP')).toBe('JBSW Y3DP EHPK 3PXP')
    expect(grouped('ABCDE')).toBe('ABCD E')
    expect(grouped('')).toBe('')
  })

  it('asks for the code where the way back from the provider leads', () => {
    expect(asksCode('?code')).toBe(true)
    expect(asksCode('')).toBe(false)
    expect(asksCode('?other=1')).toBe(false)
  })
})
