/** From what the server told to what a picture shows: texts and places. Pure. */
import { sayAward } from '../shared/awards'
import { count, elapsed, points } from '../shared/format'
import type { ItemMedia } from '../wire/messages'
import type { AirBody, ItemOnAir, Params, Person, SceneName, Team, Want } from './air'
import type { BoardView, Choice, ItemView, Line, RevealView, SceneView, Shown, Side, TickerView, VersusView } from './pictures'
import type { Settings } from './settings'
import type { Words } from './words'

export const NAME_CHARACTERS = 8
export const PROVINCE_ROWS = 20
export const STRIP_ROWS = 5
const PAGE_US = 12_000_000
const REVEAL_ROWS = 8
const TICKER_LINES = 20
const TICKER_CHARACTERS = 200
/** The room beside an item for all that it shows, and the gap within; small pictures are drawn twice as large at most. */
const SHOWN = { width: 720, height: 560, gap: 16, most: 4, larger: 2 }

/** What an overlay is asked to show; null: nothing. */
export function wanted(body: AirBody, settings: Settings): Want | null {
  if (settings.overlay !== 'program') return { name: settings.overlay, params: settings.params }
  return settings.preview ? body.program.preview : body.program.on
}

/** Two wants with the same key are the same picture that moves; with another key one goes out and the next comes in. */
export function pictureOf(want: Want): string {
  const { delegation = '', left = '', right = '' } = want.params
  return [want.name, delegation, left, right].join(':')
}

/**
 * The picture of what is wanted; null when there is nothing to show of it yet. `nowUs` turns the pages; `at` tells where
 * the file of an address is.
 */
export function viewOf(
  body: AirBody,
  want: Want,
  t: Words,
  nowUs: number,
  at: (address: string) => string = (address) => address,
): SceneView | null {
  const views: Record<SceneName, () => SceneView | null> = {
    strip: () => strip(body, want.params, t, nowUs),
    top10: () => board(body, 'top10', t('overlay.top10'), t, body.individuals.slice(0, 10)),
    delegations: () => ({
      ...board(body, 'delegations', t('overlay.delegations'), t, []),
      lines: body.teams.slice(0, 32).map((team) => teamLine(body, team, decimalsOf(body.teams))),
    }),
    province: () => province(body, want.params, t, nowUs),
    item: () => item(body, want.params, t, at),
    versus: () => versus(body, want.params, t),
    ticker: () => ticker(body, t),
    reveal: () => reveal(body, t),
  }
  return views[want.name]?.() ?? null
}

/** At most eight characters; of a longer one the eighth is an ellipsis. */
export function shortName(name: string): string {
  const characters = Array.from(name.trim())
  return characters.length > NAME_CHARACTERS ? `${characters.slice(0, NAME_CHARACTERS - 1).join('')}…` : characters.join('')
}

function board(
  body: AirBody,
  name: BoardView['name'],
  heading: string,
  t: Words,
  people: readonly Person[],
): BoardView {
  return {
    name,
    heading,
    title: body.title,
    tag: tagOf(body, t),
    empty: t('overlay.noScores'),
    lines: people.map((one) => personLine(body, one, decimalsOf(people))),
  }
}

function strip(body: AirBody, params: Params, t: Words, nowUs: number): BoardView {
  const leaders = turned(body.individuals.slice(0, params.count ?? STRIP_ROWS), STRIP_ROWS, params, nowUs)
  const view = board(body, 'strip', t('overlay.leaders'), t, leaders)
  return { ...view, lines: view.lines.map((line) => ({ ...line, name: shortName(line.name) })) }
}

function province(body: AirBody, params: Params, t: Words, nowUs: number): BoardView | null {
  const told = body.province
  if (!told.delegation || (params.delegation && params.delegation !== told.delegation)) return null
  const people = turned(told.rows, PROVINCE_ROWS, params, nowUs)
  const view = board(body, 'province', nameOf(body, told.delegation), t, people)
  // All are of one delegation: it stands above them.
  return { ...view, lines: view.lines.map((line) => ({ ...line, from: '' })) }
}

/** The page that is up: the one that was asked for, or each in its turn, on every screen at the same time. */
function turned<T>(rows: readonly T[], perPage: number, params: Params, nowUs: number): T[] {
  const page = pageUp(pagesOf(rows.length, perPage), params, nowUs)
  return rows.slice(page * perPage, (page + 1) * perPage)
}

/** The number of the page after the one that is up; after the last the first. 1 for a picture without pages. */
export function pageAfter(body: AirBody, want: Want, nowUs: number): number {
  const pages =
    want.name === 'province'
      ? pagesOf(body.province?.rows.length ?? 0, PROVINCE_ROWS)
      : want.name === 'strip'
        ? pagesOf(Math.min(want.params.count ?? STRIP_ROWS, body.individuals.length), STRIP_ROWS)
        : 1
  return ((pageUp(pages, want.params, nowUs) + 1) % pages) + 1
}

function pagesOf(rows: number, perPage: number): number {
  return Math.max(1, Math.ceil(rows / perPage))
}

function pageUp(pages: number, params: Params, nowUs: number): number {
  return (params.page ? params.page - 1 : Math.floor(nowUs / PAGE_US)) % pages
}

function item(body: AirBody, params: Params, t: Words, at: (address: string) => string): ItemView | null {
  const told = body.item
  if (!told) {
    if (!['scheduled', 'lobby'].includes(body.phase)) return null
    return {
      name: 'item',
      key: 'start',
      heading: body.title,
      kind: '',
      stem: t('overlay.startsIn'),
      shown: [],
      choices: [],
      answer: '',
      answered: '',
      instead: '',
      beganUs: 0,
      endsUs: body.start_us,
    }
  }
  const closed = told.state === 'closed'
  const counts = params.show === 'question' ? null : told.distribution
  const key = params.show === 'question' ? null : told.key
  const instead = closed ? t('overlay.closed') : body.phase === 'paused' ? t('overlay.paused') : ''
  return {
    name: 'item',
    key: `${body.session}:${told.item}`,
    heading: t('overlay.item', { item: told.item, of: told.of }),
    kind: t(`type.${told.type}`),
    stem: told.stem,
    shown: shown(told.media ?? [], at),
    choices: choices(told, counts, key),
    answer: key ? t('overlay.answer', { answer: answerOf(told, key) }) : '',
    // A frozen board tells nothing of what came after, not even how many.
    answered: body.frozen ? '' : t('overlay.answered', { n: count(told.answered), of: count(told.total) }),
    instead,
    beganUs: told.opens_at_us,
    endsUs: told.closes_at_us,
  }
}

/** One by itself, two above each other, more in two columns: each as large as its part of the room lets it be. */
function shown(media: readonly ItemMedia[], at: (address: string) => string): Shown[] {
  const told = media.slice(0, SHOWN.most)
  const part = (room: number, parts: number) => (room - SHOWN.gap * (parts - 1)) / parts
  const room = { width: part(SHOWN.width, told.length > 2 ? 2 : 1), height: part(SHOWN.height, told.length > 1 ? 2 : 1) }
  return told.map(({ address, width, height, alt }) => {
    // A film's size is not known before it is there.
    const film = width <= 0 || height <= 0
    const [across, down] = film ? [16, 9] : [width, height]
    const scale = Math.min(room.width / across, room.height / down, film ? Infinity : SHOWN.larger)
    return { src: at(address), film, words: alt, width: Math.round(across * scale), height: Math.round(down * scale) }
  })
}

function choices(told: ItemOnAir, counts: ItemOnAir['distribution'], key: string[] | null): Choice[] {
  const byId = new Map((counts ?? []).map((one) => [one.id, one.count]))
  return told.options.map(({ id, text }, index) => {
    const chosen = byId.get(id) ?? 0
    const part = told.answered > 0 ? Math.min(1, chosen / told.answered) : 0
    return {
      id,
      letter: told.type === 'true_false' ? '' : String.fromCharCode(65 + index),
      text,
      share: counts ? { part, text: `${Math.round(part * 100)}%`, count: count(chosen) } : null,
      right: key?.includes(id) ?? false,
    }
  })
}

/** Letters where options have them, else what the key says. */
function answerOf(told: ItemOnAir, key: string[]): string {
  const ids = told.options.map((option) => option.id)
  if (told.type === 'true_false') return told.options.find((option) => key.includes(option.id))?.text ?? key.join('、')
  if (ids.length === 0) return key.join('、')
  return ids.map((id, index) => (key.includes(id) ? String.fromCharCode(65 + index) : '')).join('')
}

function versus(body: AirBody, params: Params, t: Words): VersusView | null {
  const left = params.left ?? body.teams[0]?.delegation
  const right = params.right ?? body.teams.find((team) => team.delegation !== left)?.delegation
  const teams = [left, right].map((code) => body.teams.find((team) => team.delegation === code))
  const [first, second] = teams
  if (!first || !second) return null
  const sum = first.centipoints + second.centipoints
  const side = (team: Team): Side => ({
    name: nameOf(body, team.delegation),
    rank: String(team.rank),
    points: points(team.centipoints),
    elapsed: elapsed(team.elapsed_ms),
    best: shortName(team.best),
    part: sum > 0 ? Math.max(0, team.centipoints) / sum : 0.5,
  })
  const difference = Math.abs(first.centipoints - second.centipoints)
  const leader = first.centipoints > second.centipoints ? first : second
  return {
    name: 'versus',
    heading: body.title,
    tag: tagOf(body, t),
    ahead:
      difference === 0
        ? t('overlay.level')
        : t('overlay.ahead', { name: shortOf(body, leader.delegation), n: points(difference) }),
    labels: { rank: t('overlay.rank'), elapsed: t('overlay.elapsed'), best: t('overlay.best') },
    sides: [side(first), side(second)],
  }
}

function ticker(body: AirBody, t: Words): TickerView | null {
  const lines = body.ticker.slice(-TICKER_LINES).map(({ id, text }) => ({
    id,
    text: Array.from(text.replace(/\s+/g, ' ').trim()).slice(0, TICKER_CHARACTERS).join(''),
  }))
  return lines.length > 0 ? { name: 'ticker', heading: t('overlay.news'), lines } : null
}

function reveal(body: AirBody, t: Words): RevealView | null {
  const told = body.reveal
  if (!told) return null
  // From the last place up: the newest has the best rank and stands on top.
  const rows = [...told.rows].sort((first, second) => first.rank - second.rank).slice(0, REVEAL_ROWS)
  const decimals = decimalsOf(rows)
  const call = told.call_out
  // Delegations are their own names, and one delegation's people are all from there.
  const from = (one: { delegation: string }) => (told.group === 'individuals' ? shortOf(body, one.delegation) : '')
  const award = (code: string) => sayAward(code, (one) => t(`overlay.award.${one}`))
  return {
    name: 'reveal',
    heading: told.title,
    title: body.title,
    progress: t('overlay.revealed', { n: told.shown, of: told.of }),
    lines: rows.map((row) => ({
      key: `${row.delegation}:${row.name}:${row.rank}`,
      rank: String(row.rank),
      rise: 0,
      name: row.name || nameOf(body, row.delegation),
      from: from(row),
      points: points(row.centipoints, decimals),
      elapsed: elapsed(row.elapsed_ms),
      awards: row.awards.map(award).join(' '),
    })),
    callOut: call && {
      award: award(call.award),
      holders: call.holders.slice(0, 6).map((holder) => ({
        name: holder.name || nameOf(body, holder.delegation),
        from: from(holder),
      })),
      more: call.holders.length > 6 ? t('overlay.more', { n: call.holders.length - 6 }) : '',
    },
  }
}

function personLine(body: AirBody, one: Person, decimals: number): Line {
  return {
    key: String(one.key),
    rank: String(one.rank),
    rise: one.before === 0 ? 0 : one.before - one.rank,
    name: one.name.trim(),
    from: shortOf(body, one.delegation),
    points: points(one.centipoints, decimals),
    elapsed: elapsed(one.elapsed_ms),
  }
}

function teamLine(body: AirBody, team: Team, decimals: number): Line {
  return {
    key: team.delegation,
    rank: String(team.rank),
    rise: team.before === 0 ? 0 : team.before - team.rank,
    name: nameOf(body, team.delegation),
    from: shortName(team.best),
    points: points(team.centipoints, decimals),
    elapsed: elapsed(team.elapsed_ms),
  }
}

/** As many decimals as the row with the most has, so that the points stand under each other. */
function decimalsOf(rows: readonly { centipoints: number }[]): number {
  return Math.max(0, ...rows.map(({ centipoints }) => (centipoints % 10 !== 0 ? 2 : centipoints % 100 !== 0 ? 1 : 0)))
}

function tagOf(body: AirBody, t: Words): string {
  if (body.frozen) return t('overlay.frozen')
  return body.phase === 'finalized' ? t('phase.finalized') : ''
}

const nameOf = (body: AirBody, code: string) => body.delegations.find((one) => one.code === code)?.name ?? code
const shortOf = (body: AirBody, code: string) => body.delegations.find((one) => one.code === code)?.short ?? code
