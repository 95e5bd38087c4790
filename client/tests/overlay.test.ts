import { describe, expect, it } from 'vitest'
import type { AirBody, Person, Want } from '../src/overlay/air'
import { StreamClock } from '../src/overlay/clock'
import { addressOf } from '../src/overlay/line'
import { DEFAULTS, settingsFrom, settingsOfPage } from '../src/overlay/settings'
import type { BoardView, ItemView, RevealView, TickerView, VersusView } from '../src/overlay/pictures'
import { pageAfter, pictureOf, shortName, viewOf, wanted } from '../src/overlay/view'
import { words } from '../src/overlay/words'

const zh = words('zh-CN')
const person = (rank: number, members: Partial<Person> = {}): Person => ({
  key: 100 + rank,
  rank,
  before: 0,
  name: `选手${rank}`,
  delegation: '110000',
  centipoints: 1000 - rank * 10,
  elapsed_ms: 4000 + rank,
  ...members,
})
const body = (members: Partial<AirBody> = {}): AirBody => ({
  session: 1,
  contest: '竞赛',
  title: '总决赛',
  phase: 'running',
  server_us: 1_000_000,
  start_us: 500_000,
  ends_at_us: 9_000_000,
  frozen: false,
  version: 3,
  delegations: [
    { code: '110000', name: '北京市', short: '北京' },
    { code: '660000', name: '新疆生产建设兵团', short: '兵团' },
  ],
  total: 1600,
  individuals: Array.from({ length: 50 }, (_, index) => person(index + 1)),
  teams: [
    { rank: 1, before: 2, delegation: '660000', centipoints: 30000, elapsed_ms: 1, best: '甲' },
    { rank: 2, before: 1, delegation: '110000', centipoints: 10000, elapsed_ms: 2, best: '乙' },
  ],
  province: { delegation: '110000', rows: Array.from({ length: 45 }, (_, index) => person(index + 1)) },
  item: {
    item: 12,
    of: 80,
    type: 'multiple',
    stem: '题干',
    options: ['w', 'x', 'y', 'z'].map((id) => ({ id, text: `选项 ${id}` })),
    seconds: 20,
    opens_at_us: 0,
    closes_at_us: 20_000_000,
    state: 'open',
    answered: 1203,
    total: 1600,
    distribution: null,
    key: null,
  },
  ticker: [],
  program: { edition: 1, on: null, preview: null },
  reveal: null,
  ...members,
})
const see = <V>(of: AirBody, name: Want['name'], params: Want['params'] = {}, nowUs = 0) =>
  viewOf(of, { name, params }, zh, nowUs) as V

describe('what is shown', () => {
  it('is the overlay of the address, or what the director has taken', () => {
    const on: Want = { name: 'versus', params: { left: '110000', right: '660000' } }
    const preview: Want = { name: 'ticker', params: {} }
    const told = body({ program: { edition: 2, on, preview } })
    expect(wanted(told, { ...DEFAULTS, overlay: 'top10' })).toEqual({ name: 'top10', params: {} })
    expect(wanted(told, DEFAULTS)).toEqual(on)
    expect(wanted(told, { ...DEFAULTS, preview: true })).toEqual(preview)
    expect(wanted(body(), DEFAULTS)).toBeNull()
  })

  it('comes in anew for another province or pair, and moves on otherwise', () => {
    const picture = (params: Want['params']) => pictureOf({ name: 'province', params })
    expect(picture({ delegation: '110000' })).not.toBe(picture({ delegation: '660000' }))
    expect(pictureOf({ name: 'item', params: { show: 'question' } })).toBe(
      pictureOf({ name: 'item', params: { show: 'distribution' } }),
    )
  })

  it('knows no overlay of a later server', () => {
    expect(see(body(), 'hologram' as never)).toBeNull()
  })
})

describe('boards', () => {
  it('tells ranks, what changed, and whence', () => {
    const rows = [person(1, { before: 3 }), person(2, { before: 1, centipoints: 975 }), person(3, { before: 0 })]
    const view = see<BoardView>(body({ individuals: rows }), 'top10')
    expect(view.lines.map((line) => [line.rank, line.rise, line.from, line.points])).toEqual([
      ['1', 2, '北京', '9.90'],
      ['2', -1, '北京', '9.75'],
      ['3', 0, '北京', '9.70'],
    ])
  })

  it('shortens names where there is little room and nowhere else', () => {
    const long = '阿卜杜热合曼·买买提伊敏'
    const rows = body({ individuals: [person(1, { name: long })] })
    expect(see<BoardView>(rows, 'strip').lines[0]!.name).toBe('阿卜杜热合曼·…')
    expect(see<BoardView>(rows, 'top10').lines[0]!.name).toBe(long)
    expect(shortName('八个字的名字刚好')).toBe('八个字的名字刚好')
    expect(Array.from(shortName('𠮷'.repeat(12)))).toHaveLength(8)
  })

  it('turns pages by the clock, or stands on the one asked for', () => {
    const first = (nowUs: number, page?: number) =>
      see<BoardView>(body(), 'province', page ? { page } : {}, nowUs).lines[0]!.rank
    expect([0, 11_999_999, 12_000_000, 24_000_000, 36_000_000].map((nowUs) => first(nowUs))).toEqual([
      '1', '1', '21', '41', '1',
    ])
    expect([first(0, 3), first(12_000_000, 3)]).toEqual(['41', '41'])
    expect(see<BoardView>(body(), 'strip', { count: 8 }, 12_000_000).lines.map((line) => line.rank)).toEqual([
      '6', '7', '8',
    ])
  })

  it('knows the page after the one that is up', () => {
    const after = (nowUs: number, page?: number) =>
      pageAfter(body(), { name: 'province', params: page ? { page } : {} }, nowUs)
    expect([after(0), after(12_000_000), after(24_000_000), after(0, 3), after(24_000_000, 1)]).toEqual([2, 3, 1, 1, 2])
    expect(pageAfter(body(), { name: 'top10', params: {} }, 0)).toBe(1)
  })

  it('waits for the province that is wanted', () => {
    expect(see(body(), 'province', { delegation: '660000' })).toBeNull()
    expect(see(body({ province: { delegation: '', rows: [] } }), 'province')).toBeNull()
  })

  it('names the freeze', () => {
    expect(see<BoardView>(body({ frozen: true }), 'delegations').tag).toBe('已封榜')
    expect(see<BoardView>(body({ phase: 'finalized' }), 'delegations').tag).toBe('已定榜')
    expect(see<BoardView>(body(), 'delegations').tag).toBe('')
  })
})

describe('the item on air', () => {
  it('has room for what it shows before it is there, within its part of the screen', () => {
    const media = (width: number, height: number, address = 'a') => ({ address, type: '', width, height, alt: `图 ${address}` })
    const shown = (...of: ReturnType<typeof media>[]) =>
      (
        viewOf(body({ item: { ...body().item!, media: of } }), { name: 'item', params: {} }, zh, 0, (one) => `/at/${one}`) as ItemView
      ).shown
    const sizes = (...of: ReturnType<typeof media>[]) => shown(...of).map(({ width, height }) => [width, height])
    expect(see<ItemView>(body(), 'item').shown).toEqual([])
    expect(shown(media(1440, 720))).toEqual([{ src: '/at/a', film: false, words: '图 a', width: 720, height: 360 }])
    expect(sizes(media(500, 2000))).toEqual([[140, 560]])
    // A small one is drawn twice as large and no larger; a film is as wide as there is room.
    expect(sizes(media(100, 50))).toEqual([[200, 100]])
    expect(shown(media(0, 0))).toEqual([{ src: '/at/a', film: true, words: '图 a', width: 720, height: 405 }])
    expect(sizes(media(1440, 720), media(0, 0))).toEqual([[544, 272], [484, 272]])
    const many = ['a', 'b', 'c', 'd', 'e'].map((one) => media(1440, 720, one))
    expect(sizes(...many)).toEqual([[352, 176], [352, 176], [352, 176], [352, 176]])
  })

  const after = (members = {}) =>
    body({
      ...members,
      item: {
        ...body().item!,
        state: 'closed',
        answered: 1000,
        distribution: [
          { id: 'w', count: 250 },
          { id: 'z', count: 900 },
        ],
        key: ['w', 'z'],
      },
    })

  it('shows neither answer nor shares before it has closed', () => {
    const view = see<ItemView>(body(), 'item')
    expect([view.heading, view.kind, view.answered, view.answer, view.instead]).toEqual([
      '第 12 题 / 共 80 题', '多选题', '已作答 1,203 / 1,600', '', '',
    ])
    expect(view.choices.map((choice) => [choice.letter, choice.share, choice.right])).toEqual(
      ['A', 'B', 'C', 'D'].map((letter) => [letter, null, false]),
    )
  })

  it('shows both afterwards, unless only the question is wanted', () => {
    const view = see<ItemView>(after(), 'item')
    expect(view.choices.map((choice) => [choice.share?.text, choice.right])).toEqual([
      ['25%', true], ['0%', false], ['0%', false], ['90%', true],
    ])
    expect([view.answer, view.instead]).toEqual(['正确答案 AD', '答题结束'])
    const question = see<ItemView>(after(), 'item', { show: 'question' })
    expect([question.answer, question.choices[0]!.share]).toEqual(['', null])
  })

  it('tells no number of answers while the board is frozen', () => {
    expect(see<ItemView>(body({ frozen: true }), 'item').answered).toBe('')
  })

  it('says what was written where there is nothing to choose', () => {
    const item = { ...after().item!, type: 'fill_in', options: [], distribution: [], key: ['三十日', '书面'] }
    expect(see<ItemView>(body({ item }), 'item').answer).toBe('正确答案 三十日、书面')
  })

  it('counts down to the start before there is one', () => {
    const view = see<ItemView>(body({ phase: 'lobby', item: null }), 'item')
    expect([view.key, view.endsUs, view.beganUs]).toEqual(['start', 500_000, 0])
    expect(see(body({ phase: 'running', item: null }), 'item')).toBeNull()
  })
})

describe('two delegations', () => {
  it('are the two that are named, or the first two', () => {
    const view = see<VersusView>(body(), 'versus', { left: '110000', right: '660000' })
    expect(view.sides.map((side) => [side.name, side.part])).toEqual([
      ['北京市', 0.25], ['新疆生产建设兵团', 0.75],
    ])
    expect(view.ahead).toBe('兵团领先 200 分')
    expect(see<VersusView>(body(), 'versus').sides[0].name).toBe('新疆生产建设兵团')
    expect(see(body(), 'versus', { left: '999999' })).toBeNull()
  })

  it('share the bar when nobody has a point', () => {
    const teams = body().teams.map((team) => ({ ...team, centipoints: 0 }))
    const view = see<VersusView>(body({ teams }), 'versus')
    expect([view.sides[0].part, view.ahead]).toEqual([0.5, '得分相同'])
  })
})

describe('ticker and reveal', () => {
  it('takes the newest lines, each on one line', () => {
    const ticker = Array.from({ length: 30 }, (_, index) => ({ id: `d${index}`, at_us: index, text: `一\n${index}` }))
    const view = see<TickerView>(body({ ticker }), 'ticker')
    expect([view.lines.length, view.lines[0]!.text]).toEqual([20, '一 10'])
    expect(see(body(), 'ticker')).toBeNull()
  })

  it('has the newest place on top and calls an award out', () => {
    const row = (rank: number, name: string) => ({
      rank, name, delegation: '660000', centipoints: rank * 100, elapsed_ms: 1, awards: ['star', 'of-a-later-server'],
    })
    const view = see<RevealView>(
      body({
        reveal: {
          group: 'individuals', delegation: '', of: 50, shown: 12, title: '个人',
          rows: Array.from({ length: 12 }, (_, index) => row(50 - index, index === 11 ? '' : `选手${index}`)),
          call_out: { award: 'star', holders: Array.from({ length: 9 }, () => ({ name: '甲', delegation: '660000' })) },
        },
      }),
      'reveal',
    )
    expect([view.lines.length, view.lines[0]!.rank, view.lines[0]!.name]).toEqual([8, '39', '新疆生产建设兵团'])
    expect([view.lines[1]!.from, view.lines[1]!.awards]).toEqual(['兵团', '全国“岗位练兵明星” of-a-later-server'])
    expect([view.callOut?.award, view.callOut?.holders[0]]).toEqual(['全国“岗位练兵明星”', { name: '甲', from: '兵团' }])
    expect([view.progress, view.callOut?.holders.length, view.callOut?.more]).toEqual([
      '已揭晓 12 / 50', 6, '等，另有 3 位',
    ])
  })
})

describe('settings', () => {
  it('come from the address of a page', () => {
    const settings = settingsOfPage('/overlay/versus', '?token=t&theme=paper&left=110000&right=x&count=99&server=http://evil')
    expect(settings).toEqual({
      ...DEFAULTS, token: 't', theme: 'paper', overlay: 'versus', params: { left: '110000' },
    })
    expect(settingsOfPage('/overlay/nothing', '').overlay).toBe('program')
  })

  it('come from a playout, piece by piece', () => {
    const first = settingsFrom({ server: 'https://a.example/x?y', token: 't', overlay: 'top10', lang: 'en-GB' })
    expect([first.server, first.lang]).toEqual(['https://a.example', 'en'])
    const then = settingsFrom({ theme: 'paper', server: 'javascript:alert(1)', delegation: '110000' }, first)
    expect(then).toEqual({ ...first, theme: 'paper', params: { delegation: '110000' } })
    expect(settingsFrom({ theme: '"><script>', overlay: 7, count: 'many' }, first)).toEqual(first)
  })

  it('ask for what is wanted and bring a token only when there is one', () => {
    expect(addressOf('/api/air', DEFAULTS)).toBe('/api/air?channel=main')
    expect(addressOf('/api/air', { ...DEFAULTS, token: 'a&b', preview: true, server: 'https://a.example' })).toBe(
      'https://a.example/api/air?channel=main&token=a%26b&show=preview',
    )
    expect(addressOf('', { ...DEFAULTS, overlay: 'province', params: { delegation: '110000' } })).toContain(
      'delegation=110000',
    )
  })
})

describe('the clock', () => {
  it('believes the document that was under way for the least time', () => {
    let now = 0
    const clock = new StreamClock(() => now)
    expect(clock.known).toBe(false)
    for (const [at, late] of [[100, 80], [200, 5], [300, 900]] as const) {
      now = at
      clock.heard((1_000_000 + at - late) * 1000)
    }
    expect(clock.nowUs()).toBe((1_000_000 + 300 - 5) * 1000)
  })

  it('starts anew when the time has jumped', () => {
    let now = 0
    const clock = new StreamClock(() => now)
    clock.heard(5_000_000)
    now = 1_000
    clock.heard(60_000_000)
    expect(clock.nowUs()).toBe(60_000_000)
  })
})
