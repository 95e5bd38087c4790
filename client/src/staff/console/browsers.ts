/** Browsers by the names that people know, from what they call themselves. */

/** The first that fits: most call themselves by others' names as well. */
const NAMED: readonly (readonly [string, RegExp])[] = [
  ['WeChat', /MicroMessenger\/(\d+)/],
  ['QQBrowser', /QQBrowser\/(\d+)/],
  ['Huawei Browser', /HuaweiBrowser\/(\d+)/],
  ['Edge', /\bEdg(?:e|A|iOS)?\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Firefox', /Firefox\/(\d+)/],
  ['Chrome', /Chrome\/(\d+)/],
  ['Safari', /Version\/(\d+)[\d.]* (?:Mobile\/\S+ )?Safari/],
]

/** `Chrome 120`; what is none that we know stands as it is. */
export function browserName(agent: string): string {
  for (const [name, pattern] of NAMED) {
    const version = pattern.exec(agent)?.[1]
    if (version) return `${name} ${version}`
  }
  return agent
}

/** How many there are of each, the most first. */
export function counted(agents: Readonly<Record<string, number>>): [string, number][] {
  const sums = new Map<string, number>()
  for (const [agent, n] of Object.entries(agents)) {
    const name = browserName(agent)
    sums.set(name, (sums.get(name) ?? 0) + n)
  }
  return [...sums].sort((one, other) => other[1] - one[1])
}
