/** Records by item, none of which is ever changed in place. */

export function without<T>(record: Readonly<Record<number, T>>, item: number): Record<number, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => Number(key) !== item))
}

export function byItem<T extends { item: number }>(list: readonly T[]): Record<number, T> {
  return Object.fromEntries(list.map((one) => [one.item, one]))
}
