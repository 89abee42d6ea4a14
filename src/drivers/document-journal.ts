import { createHash } from 'node:crypto'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { DocumentStore, LogEntry, StoredDocument } from '../core/document-store.ts'

/** What a file begins with; another one is of a version that we do not know. */
const MAGIC = 'omega-document-1\n'
const Kind = { header: 0, base: 1, update: 2, saving: 3, refused: 4 } as const

interface Header extends Pick<StoredDocument, 'generation' | 'lineEnding' | 'byteOrderMark' | 'version'> {
  path: string
}

/**
 * Documents on the disk, a file each: records of one byte for the kind, four for the length (big endian) and the
 * content. The first two are the header and the base; what comes later is appended. Nothing is synced: it is there to
 * outlive the process, and the project's files, which are synced, are there for the machine's sake.
 */
export class DocumentJournal implements DocumentStore {
  readonly #folder: string
  /** Path -> bytes of its file that are known to be good. */
  readonly #known = new Map<string, number>()

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) {
      const file = join(folder, name)
      const found = name.endsWith('.omega') ? parse(readFileSync(file)) : undefined
      if (found && this.#fileOf(found.path) === file) this.#known.set(found.path, found.goodBytes)
      else rmSync(file, { force: true, recursive: true })
    }
  }

  paths(): string[] {
    return [...this.#known.keys()]
  }

  read(path: string): StoredDocument | undefined {
    if (!this.#known.has(path)) return undefined
    try {
      const bytes = readFileSync(this.#fileOf(path))
      const found = parse(bytes)
      if (found) {
        // A record that the disk had no room for: what comes now begins behind the last whole one.
        if (found.goodBytes < bytes.length) this.write(path, found.document)
        return found.document
      }
    } catch {
      // Removed by somebody: then there is no history.
    }
    this.#known.delete(path)
    return undefined
  }

  write(path: string, document: StoredDocument): void {
    const { generation, lineEnding, byteOrderMark, version, base, log } = document
    const header: Header = { path, generation, lineEnding, byteOrderMark, version }
    const records = [record(Kind.header, JSON.stringify(header)), record(Kind.base, base), ...log.map(recordOf)]
    const file = this.#fileOf(path)
    const bytes = Buffer.concat([Buffer.from(MAGIC), ...records])
    writeFileSync(`${file}.new`, bytes, { mode: 0o600 })
    renameSync(`${file}.new`, file)
    this.#known.set(path, bytes.length)
  }

  append(path: string, entry: LogEntry): void {
    const good = this.#known.get(path)
    if (good === undefined) return
    const bytes = recordOf(entry)
    try {
      appendFileSync(this.#fileOf(path), bytes)
      this.#known.set(path, good + bytes.length)
    } catch (error) {
      // Half a record would hide all that come after it.
      truncateSync(this.#fileOf(path), good)
      throw error
    }
  }

  rename(from: string, to: string): void {
    const document = from === to ? undefined : this.read(from)
    if (!document) return
    this.write(to, document)
    this.remove(from)
  }

  remove(path: string): void {
    this.#known.delete(path)
    rmSync(this.#fileOf(path), { force: true })
  }

  #fileOf(path: string): string {
    return join(this.#folder, `${createHash('sha256').update(path).digest('base64url')}.omega`)
  }
}

function recordOf(entry: LogEntry): Buffer {
  return entry.kind === 'update' ? record(Kind.update, entry.update) : record(Kind[entry.kind], entry.version)
}

function record(kind: number, content: string | Uint8Array): Buffer {
  const payload = Buffer.from(content as Uint8Array)
  const head = Buffer.alloc(5)
  head.writeUInt8(kind)
  head.writeUInt32BE(payload.length, 1)
  return Buffer.concat([head, payload])
}

/** Undefined when it is none of ours; up to `goodBytes` it consists of whole records. */
function parse(bytes: Buffer): { path: string; document: StoredDocument; goodBytes: number } | undefined {
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) return undefined
  let header: Header | undefined
  let base: Uint8Array | undefined
  const log: LogEntry[] = []
  let at = MAGIC.length
  while (at + 5 <= bytes.length) {
    const kind = bytes.readUInt8(at)
    const end = at + 5 + bytes.readUInt32BE(at + 1)
    if (end > bytes.length) break
    const content = bytes.subarray(at + 5, end)
    if (kind === Kind.header) header = readHeader(content)
    else if (kind === Kind.base) base = Uint8Array.from(content)
    else if (kind === Kind.update) log.push({ kind: 'update', update: Uint8Array.from(content) })
    else if (kind === Kind.saving) log.push({ kind: 'saving', version: content.toString() })
    else if (kind === Kind.refused) log.push({ kind: 'refused', version: content.toString() })
    else break
    at = end
  }
  if (!header || !base) return undefined
  const { path, ...rest } = header
  return { path, document: { ...rest, base, log }, goodBytes: at }
}

function readHeader(content: Buffer): Header | undefined {
  try {
    const header = JSON.parse(content.toString()) as Partial<Header>
    const isWhole = typeof header.path === 'string' && typeof header.generation === 'string'
    return isWhole && typeof header.version === 'string' ? (header as Header) : undefined
  } catch {
    return undefined
  }
}
