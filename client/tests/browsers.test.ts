import { describe, expect, it } from 'vitest'
import { browserName, counted } from '../src/staff/console/browsers'

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)'

describe('browsers', () => {
  it('have the names that people know', () => {
    const named = [
      [`${WINDOWS} Chrome/86.0.4240.75 Safari/537.36`, 'Chrome 86'],
      [`${WINDOWS} Chrome/120.0.0.0 Safari/537.36 Edg/121.0.2277.83`, 'Edge 121'],
      [`${WINDOWS} Chrome/94.0.4606.71 Safari/537.36 Core/1.94 QQBrowser/12.1.5497.400`, 'QQBrowser 12'],
      ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128'],
      ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1', 'Safari 17'],
      ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.1 Safari/605.1.15', 'Safari 16'],
    ]
    for (const [agent, name] of named) expect(browserName(agent!)).toBe(name)
    expect([browserName('curl/8.4.0'), browserName('')]).toEqual(['curl/8.4.0', ''])
  })

  it('are counted by name, the most first', () => {
    const agents = { [`${WINDOWS} Chrome/86.0.1`]: 2, 'X Firefox/128.0': 3, [`${WINDOWS} Chrome/86.0.2`]: 4 }
    expect(counted(agents)).toEqual([
      ['Chrome 86', 6],
      ['Firefox 128', 3],
    ])
  })
})
