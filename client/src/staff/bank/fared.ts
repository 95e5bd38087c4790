/** How the questions of a list fared. */
import { getJson } from '../../shared/http'
import { asked } from '../session'
import { BANK, discrimination, share, type FaredBody } from './files'

/** By question; nothing where none was used, or nobody could tell: a list is whole without it. */
export async function fared(questions: readonly number[]): Promise<ReadonlyMap<number, FaredBody>> {
  if (!questions.length) return new Map()
  try {
    const found = await asked(getJson<{ questions: FaredBody[] }>(`${BANK}/statistics?questions=${questions.join(',')}`))
    return new Map(found.questions.map((one) => [one.question, one]))
  } catch {
    return new Map()
  }
}

/** Share right and discrimination in a few characters: those of contests, else those of practice. */
export function shortly(one: FaredBody | undefined, t: (key: string) => string): string {
  const use = one?.contest.takers ? one.contest : one?.practice
  if (!use?.takers) return ''
  return [`${t('bankfiles.right')} ${share(use.right_permille)}`, `${t('bankfiles.discrimination')} ${discrimination(use.discrimination_permille)}`].join('\n')
}
