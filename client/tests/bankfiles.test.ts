import { describe, expect, it } from 'vitest'
import { pieces } from '../src/staff/bank/alike'
import { csv, discrimination, share, size } from '../src/staff/bank/files'

const said = (text: string, other: string) =>
  pieces(text, other)
    .map((one) => (one.differs ? `[${one.text}]` : one.text))
    .join('')

describe('what differs between two stems', () => {
  it('marks characters that the other has not', () => {
    expect(said('应当每月支付', '应当按月支付')).toBe('应当[每]月支付')
    expect(said('应当按月支付', '应当每月支付')).toBe('应当[按]月支付')
    expect(said('书面劳动合同', '劳动合同')).toBe('[书面]劳动合同')
    expect(said('劳动合同', '书面劳动合同')).toBe('劳动合同')
    expect(said('甲', '')).toBe('[甲]')
    expect(said('', '甲')).toBe('')
  })

  it('always gives the text back', () => {
    for (const [one, other] of [
      ['工伤保险条例', '失业保险条例'],
      ['𠮷野家', '吉野家'],
      ['甲'.repeat(500), '乙'],
    ] as const) {
      expect(
        pieces(one, other)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(one)
    }
  })
})

describe('what is told of files', () => {
  it('writes no cell that is computed', () => {
    expect(csv([['=1+1', '甲"乙', 3], ["'=2"]])).toBe('\uFEFF"\'=1+1","甲""乙","3"\r\n"\'\'=2"\r\n')
  })

  it('says sizes and shares for people', () => {
    expect([size(12), size(34_500), size(5_250_000)]).toEqual(['12 B', '35 KB', '5.3 MB'])
    expect(share(625)).toBe('62.5%')
    expect([discrimination(333), discrimination(-50), discrimination(null)]).toEqual(['0.33', '−0.05', '—'])
  })
})
