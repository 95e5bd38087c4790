/** How lines of a blueprint are called. */
import { useWords } from '../words'
import type { BlueprintLine } from './papers'

export function useLineWords() {
  const { t } = useWords()
  /** 多选题 / 社会保险 / 难 */
  function lineName(line: BlueprintLine): string {
    return [
      t(`type.${line.type}`),
      line.module || t('papers.anyModule'),
      line.difficulty ? t(`papers.difficulty.${line.difficulty}`) : t('papers.anyDifficulty'),
    ].join(' / ')
  }
  return { lineName }
}
