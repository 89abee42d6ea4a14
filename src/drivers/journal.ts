import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { DirectoryLock } from './directory-lock.ts'
import { decodeLines, encodeLine } from './journal-line.ts'

/** What a journal is read into when it is opened: at most one snapshot, then each entry in the order it was appended. */
export interface JournalReader<Snapshot, Entry> {
  restore(snapshot: Snapshot): void
  apply(entry: Entry): void
}

/** Milliseconds that an entry which nobody waits for may wait for company. */
const SOON_MS = 20

interface Waiting {
  /** An entry as JSON; undefined asks for the next generation of the log. */
  json: string | undefined
  resolve(): void
  reject(error: unknown): void
}

/**
 * A durable journal of JSON values in a directory of its own.
 *
 * Files: `snapshot` (one line: {generation, state}), `log-N` for each generation N from the snapshot's on, `lock`.
 * A line of a log is one group commit: an array of entries, with a checksum. So the only line a crash can tear is the
 * last one of the last log, and nothing in it was acknowledged; it is cut off. Any other bad line is damage, and the
 * journal refuses to open rather than forget.
 *
 * A failed write or fsync is final (what the kernel kept after it is unknown): every later append rejects with
 * STORE_UNAVAILABLE until the journal is opened again.
 */
export class Journal<Snapshot, Entry> {
  readonly #dir: string
  readonly #lock: DirectoryLock
  #log: FileHandle
  /** Of the log that is open now, and of the last one asked for. */
  #generation: number
  #lastGeneration: number
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #soon: NodeJS.Timeout | undefined
  /** Of the entry appended last. */
  #last: Promise<void> = Promise.resolve()
  #compacting: Promise<void> = Promise.resolve()
  #failure: OmegaError | undefined
  #closing: Promise<void> | undefined
  #entries: number

  private constructor(dir: string, lock: DirectoryLock, log: FileHandle, generation: number, entries: number) {
    this.#dir = dir
    this.#lock = lock
    this.#log = log
    this.#generation = generation
    this.#lastGeneration = generation
    this.#entries = entries
  }

  /** Reads what is there into `reader` and keeps the directory (made if missing, mode 0700) for this process. */
  static async open<Snapshot, Entry>(
    dir: string,
    reader: JournalReader<Snapshot, Entry>,
  ): Promise<Journal<Snapshot, Entry>> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const lock = DirectoryLock.take(dir)
    try {
      await rm(join(dir, 'snapshot.new'), { force: true })
      const from = await readSnapshot(dir, reader)
      const { generation, entries } = await readLogs(dir, from, reader)
      const log = await open(logPath(dir, generation), 'a', 0o600)
      await syncDirectory(dir)
      return new Journal<Snapshot, Entry>(dir, lock, log, generation, entries)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  /** Entries since the last snapshot: when to compact. */
  get entries(): number {
    return this.#entries
  }

  /** Why it takes no more entries, if it does not. */
  get failure(): OmegaError | undefined {
    return this.#failure
  }

  /** Resolves once the entry is on disk. Entries keep the order of the calls; concurrent ones share an fsync. */
  append(entry: Entry): Promise<void> {
    this.#entries++
    return this.#enqueue(JSON.stringify(entry))
  }

  /** The same for what nobody waits for: it goes with the next commit, or with one of its own a moment later. */
  appendSoon(entry: Entry): Promise<void> {
    this.#entries++
    return this.#enqueue(JSON.stringify(entry), true)
  }

  /** Resolves once everything appended before this call is on disk. */
  settled(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    this.#begin()
    return this.#last
  }

  /**
   * Replaces snapshot and log by this snapshot: the state after all entries appended so far. The value is read before
   * the call returns; appends go on meanwhile. Resolves once the snapshot is on disk and the old files are gone.
   */
  compact(snapshot: Snapshot): Promise<void> {
    const json = JSON.stringify(snapshot)
    const generation = ++this.#lastGeneration
    this.#entries = 0
    const rotated = this.#enqueue(undefined)
    const done = Promise.all([this.#compacting, rotated]).then(() => this.#writeSnapshot(generation, json))
    this.#compacting = done.catch(() => {})
    return done
  }

  /** Finishes what was appended and gives the directory back. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#begin()
    this.#failure ??= closed(this.#dir)
    await this.#writing
    await this.#compacting
    await this.#log.close()
    this.#lock.release()
  }

  #enqueue(json: string | undefined, isSoonEnough = false): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    this.#last = new Promise((resolve, reject) => this.#waiting.push({ json, resolve, reject }))
    if (isSoonEnough) this.#soon ??= setTimeout(() => this.#begin(), SOON_MS)
    else this.#begin()
    return this.#last
  }

  #begin(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    if (this.#waiting.length > 0) this.#writing ??= this.#write()
  }

  async #write(): Promise<void> {
    // Entries appended in the same turn of the event loop share the first commit.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const mark = this.#waiting.findIndex((item) => item.json === undefined)
      const batch = this.#waiting.splice(0, mark === -1 ? this.#waiting.length : Math.max(mark, 1))
      try {
        if (batch[0]?.json === undefined) await this.#nextGeneration()
        else await this.#commit(batch)
      } catch (error) {
        this.#failure = unwritable(this.#dir, error as Error)
        for (const item of [...batch, ...this.#waiting.splice(0)]) item.reject(this.#failure)
        break
      }
      for (const item of batch) item.resolve()
    }
    this.#writing = undefined
  }

  async #commit(batch: Waiting[]): Promise<void> {
    await this.#log.appendFile(encodeLine(`[${batch.map((item) => item.json).join(',')}]`))
    await this.#log.datasync()
  }

  async #nextGeneration(): Promise<void> {
    const next = await open(logPath(this.#dir, this.#generation + 1), 'ax', 0o600)
    await syncDirectory(this.#dir)
    await this.#log.close()
    this.#log = next
    this.#generation++
  }

  async #writeSnapshot(generation: number, json: string): Promise<void> {
    const temporary = join(this.#dir, 'snapshot.new')
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(encodeLine(`{"generation":${generation},"state":${json}}`))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, join(this.#dir, 'snapshot'))
    await syncDirectory(this.#dir)
    for (const old of (await generations(this.#dir)).filter((it) => it < generation)) await rm(logPath(this.#dir, old))
  }
}

async function readSnapshot<Snapshot>(dir: string, reader: { restore(snapshot: Snapshot): void }): Promise<number> {
  const path = join(dir, 'snapshot')
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!bytes) return 0
  const { lines, bad } = decodeLines(bytes)
  if (bad || lines.length !== 1 || lines[0] === undefined) throw damaged(path, bad?.line ?? 1)
  const { generation, state } = JSON.parse(lines[0]) as { generation: number; state: Snapshot }
  reader.restore(state)
  return generation
}

async function readLogs<Entry>(dir: string, from: number, reader: { apply(entry: Entry): void }) {
  const all = await generations(dir)
  for (const old of all.filter((it) => it < from)) await rm(logPath(dir, old))
  const current = all.filter((it) => it >= from)
  let entries = 0
  for (const [index, generation] of current.entries()) {
    if (generation !== from + index) throw damaged(logPath(dir, from + index), 1)
    const path = logPath(dir, generation)
    const { lines, goodBytes, bad } = decodeLines(await readFile(path))
    if (bad && !(bad.last && index === current.length - 1)) throw damaged(path, bad.line)
    for (const line of lines) {
      for (const entry of JSON.parse(line) as Entry[]) {
        reader.apply(entry)
        entries++
      }
    }
    if (bad) await cut(path, goodBytes)
  }
  return { generation: current.at(-1) ?? from, entries }
}

/** Cuts a torn commit off, for good, before anything is appended behind it. */
async function cut(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.truncate(length)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function generations(dir: string): Promise<number[]> {
  const found = (await readdir(dir)).map((name) => /^log-(\d{1,15})$/.exec(name)?.[1])
  return found
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function logPath(dir: string, generation: number): string {
  return join(dir, `log-${generation}`)
}

function damaged(path: string, line: number): OmegaError {
  return new OmegaError(
    'STORE_UNAVAILABLE',
    `${path} is damaged at line ${line}: it is missing or not what omega wrote there. Only the last line of the last log may be torn, by a crash. Restore the directory from a backup, or move it away to begin with an empty one.`,
  )
}

function unwritable(dir: string, cause: Error): OmegaError {
  return new OmegaError(
    'STORE_UNAVAILABLE',
    `The journal in ${dir} could not be written (${cause.message}). What was acknowledged is safe; make sure the disk is healthy and not full, then start omega again.`,
  )
}

function closed(dir: string): OmegaError {
  return new OmegaError('STORE_UNAVAILABLE', `The journal in ${dir} is closed: omega is stopping. Try again later.`)
}
