import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { LocalJournal, MemoryJournal, openJournal, type Journal, type JournalEntry } from '../src/shared/journal'

const entry = (seq: number, members: Partial<JournalEntry> = {}): JournalEntry => ({
  item: 1,
  seq,
  response: ['A', 'C'],
  status: 'waiting',
  stamp_us: 1_767_229_204_210_337,
  elapsed_us: 4_208_911,
  offset: 1204,
  receipt: Uint8Array.of(1, 2, 255),
  code: '',
  ...members,
})
const meta = { next_seq: 4, checked_in: true, handed_in: false, marks: [3, 9] }

let sitting = 0
const kinds: [string, () => Promise<Journal>][] = [
  ['IndexedDB', () => openJournal(7, (sitting += 1))],
  ['localStorage', async () => new LocalJournal(`7:${(sitting += 1)}`, localStorage)],
  ['memory', async () => new MemoryJournal()],
]

describe.each(kinds)('a journal in %s', (_name, make) => {
  it('gives back what was put, ascending, the newest of each seq', async () => {
    const journal = await make()
    expect(await journal.load()).toEqual({ entries: [], meta: null })
    for (const seq of [10, 2, 1]) await journal.put(entry(seq))
    await journal.put(entry(2, { status: 'accepted' }))
    await journal.putMeta(meta)
    const content = await journal.load()
    expect(content.entries.map((one) => [one.seq, one.status])).toEqual([
      [1, 'waiting'],
      [2, 'accepted'],
      [10, 'waiting'],
    ])
    expect(content.entries[0]).toEqual(entry(1))
    expect(content.meta).toEqual(meta)
  })
})

describe('opening a journal', () => {
  it('keeps sittings apart and outlives the page', async () => {
    const first = await openJournal(7, 501)
    await first.put(entry(1))
    expect((await (await openJournal(7, 502)).load()).entries).toEqual([])
    expect((await (await openJournal(7, 501)).load()).entries.length).toBe(1)
  })

  it('falls back where the browser refuses', async () => {
    const refused = () => {
      throw new Error('refused')
    }
    const database = vi.spyOn(indexedDB, 'open').mockImplementation(refused)
    expect((await openJournal(7, 1)).kind).toBe('local')
    const storage = vi.spyOn(localStorage, 'setItem').mockImplementation(refused)
    const kind = (await openJournal(7, 1)).kind
    database.mockRestore()
    storage.mockRestore()
    expect(['memory', 'local']).toContain(kind)
  })
})
