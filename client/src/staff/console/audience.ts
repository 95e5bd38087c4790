/** Whom words are for, as a form holds it. */
export interface AudienceWish {
  kind: 'all' | 'some' | 'one'
  delegation: string
  room: string
  admissionNo: string
}

export const EVERYONE: AudienceWish = { kind: 'all', delegation: '', room: '', admissionNo: '' }

export function isWhole(wish: AudienceWish): boolean {
  if (wish.kind === 'some') return wish.delegation !== ''
  return wish.kind === 'all' || wish.admissionNo.trim() !== ''
}
