/**
 * A contestant's own journal of a sitting: every answer until the session is final, kept over refresh, a closed tab and
 * a power cut. IndexedDB where the browser allows it, else localStorage, else memory (which the page must say).
 */
import type { AckStatus } from '../wire/messages'

export interface JournalEntry {
  item: number
  seq: number
  response: string[]
  /** `waiting`: no acknowledgement yet. `replaced`: never acknowledged and overtaken by a newer one. */
  status: AckStatus | 'waiting' | 'replaced'
  stamp_us: number
  elapsed_us: number
  offset: number
  receipt: Uint8Array
  code: string
}

export interface JournalMeta {
  next_seq: number
  checked_in: boolean
  handed_in: boolean
  marks: number[]
}

export interface JournalContent {
  entries: JournalEntry[]
  meta: JournalMeta | null
}

export type JournalKind = 'indexeddb' | 'local' | 'memory'

export interface Journal {
  readonly kind: JournalKind
  load(): Promise<JournalContent>
  put(entry: JournalEntry): Promise<void>
  putMeta(meta: JournalMeta): Promise<void>
}

/** The best journal that this browser gives for one sitting. */
export async function openJournal(session: number, sitting: number): Promise<Journal> {
  const name = `${session}:${sitting}`
  try {
    return new DatabaseJournal(name, await openDatabase())
  } catch {
    // Private windows and locked-down browsers refuse; the next best will do.
  }
  try {
    const probe = 'leitai.probe'
    localStorage.setItem(probe, '1')
    localStorage.removeItem(probe)
    return new LocalJournal(name, localStorage)
  } catch {
    return new MemoryJournal()
  }
}

const DATABASE = 'leitai'
const ENTRIES = 'entries'
const METAS = 'metas'
const OPEN_WITHIN_MS = 3_000

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), OPEN_WITHIN_MS)
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ENTRIES)
      request.result.createObjectStore(METAS)
    }
    request.onsuccess = () => {
      clearTimeout(timer)
      resolve(request.result)
    }
    request.onerror = () => {
      clearTimeout(timer)
      reject(request.error ?? new Error('refused'))
    }
    request.onblocked = () => reject(new Error('blocked'))
  })
}

class DatabaseJournal implements Journal {
  readonly kind = 'indexeddb'

  constructor(
    private readonly name: string,
    private readonly database: IDBDatabase,
  ) {}

  async load(): Promise<JournalContent> {
    const transaction = this.database.transaction([ENTRIES, METAS], 'readonly')
    const range = IDBKeyRange.bound([this.name, 0], [this.name, Number.MAX_SAFE_INTEGER])
    const entries = asked<JournalEntry[]>(transaction.objectStore(ENTRIES).getAll(range))
    const meta = asked<JournalMeta | undefined>(transaction.objectStore(METAS).get(this.name))
    return { entries: await entries, meta: (await meta) ?? null }
  }

  async put(entry: JournalEntry): Promise<void> {
    const transaction = this.database.transaction(ENTRIES, 'readwrite')
    await asked(transaction.objectStore(ENTRIES).put(entry, [this.name, entry.seq]))
  }

  async putMeta(meta: JournalMeta): Promise<void> {
    const transaction = this.database.transaction(METAS, 'readwrite')
    await asked(transaction.objectStore(METAS).put(meta, this.name))
  }
}

function asked<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T)
    request.onerror = () => reject(request.error ?? new Error('refused'))
  })
}

/** In localStorage, one key per entry, receipts as hexadecimal text. */
export class LocalJournal implements Journal {
  readonly kind = 'local'
  private readonly prefix: string

  constructor(
    name: string,
    private readonly storage: Storage,
  ) {
    this.prefix = `leitai.journal.${name}.`
  }

  async load(): Promise<JournalContent> {
    const entries: JournalEntry[] = []
    let meta: JournalMeta | null = null
    for (let index = 0; index < this.storage.length; index += 1) {
      const key = this.storage.key(index)
      if (!key?.startsWith(this.prefix)) continue
      const value = this.storage.getItem(key)
      if (!value) continue
      if (key === `${this.prefix}meta`) {
        meta = JSON.parse(value) as JournalMeta
      } else {
        const kept = JSON.parse(value) as JournalEntry & { receipt: string }
        entries.push({ ...kept, receipt: fromHex(kept.receipt) })
      }
    }
    return { entries: entries.sort((first, second) => first.seq - second.seq), meta }
  }

  async put(entry: JournalEntry): Promise<void> {
    this.storage.setItem(this.prefix + entry.seq, JSON.stringify({ ...entry, receipt: toHex(entry.receipt) }))
  }

  async putMeta(meta: JournalMeta): Promise<void> {
    this.storage.setItem(`${this.prefix}meta`, JSON.stringify(meta))
  }
}

/** Lives as long as the page. */
export class MemoryJournal implements Journal {
  readonly kind = 'memory'
  private readonly entries = new Map<number, JournalEntry>()
  private meta: JournalMeta | null = null

  async load(): Promise<JournalContent> {
    return { entries: [...this.entries.values()].sort((a, b) => a.seq - b.seq), meta: this.meta }
  }

  async put(entry: JournalEntry): Promise<void> {
    this.entries.set(entry.seq, entry)
  }

  async putMeta(meta: JournalMeta): Promise<void> {
    this.meta = meta
  }
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}
