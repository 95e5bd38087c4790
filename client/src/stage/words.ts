type Say = (key: string) => string

/** A right answer in words: letters of options, right or wrong, or the first accepted text of each blank. */
export function keyWords(options: string[], texts: string[][], t: Say): string {
  if (options.length === 1 && (options[0] === 'T' || options[0] === 'F')) return t(`truth.${options[0]}`)
  if (options.length) return options.join('')
  return texts.map((one) => one[0] ?? '').join(t('common.listJoin'))
}
