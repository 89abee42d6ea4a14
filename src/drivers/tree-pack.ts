import { constants } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Header, type Pack, pack } from 'tar-stream'
import { drained } from './drained.ts'
import { TEMPORARY } from './project-listing.ts'

const PIECE_BYTES = 256 * 1024

type EntryHeader = Partial<Header> & Pick<Header, 'name'>

export interface PackTop {
  /** Absolute. */
  place: string
  /** What it is called in the archive; '' for a folder whose entries are the archive's own. */
  name: string
}

export interface PackOptions {
  /** Those of a folder's entries (its absolute path, their names) that are left out. */
  leaveOut?: (folder: string, names: string[]) => Promise<readonly string[]>
  /** Told of each file once it is in. */
  onFile?: (bytes: number) => void
  /** Comes before everything else. */
  first?: { name: string; text: string }
}

export interface PackedTree {
  stream: Readable
  /** Pipes, sockets, devices, and what may not be read; complete when the stream has ended. */
  leftOut: readonly string[]
}

/**
 * A tar archive (POSIX.1-2001) of files and folders, made while it is read: modes, times and links are kept, links are
 * followed nowhere, owners are not told of. A file that shrinks while it is read is filled up with zeros, as GNU tar does.
 */
export function packTree(tops: readonly PackTop[], options: PackOptions = {}): PackedTree {
  const leftOut: string[] = []
  const archive = pack()
  const add = async () => {
    if (options.first) await entry(archive, { name: options.first.name, mode: 0o644 }, options.first.text)
    for (const { place, name } of tops) await addTree(archive, place, name, options, leftOut)
    archive.finalize()
  }
  add().catch((error: Error) => archive.destroy(error))
  // Node's own stream: what takes it knows no other.
  return { stream: Readable.from(archive, { objectMode: false, highWaterMark: PIECE_BYTES }), leftOut }
}

async function addTree(
  archive: Pack,
  place: string,
  name: string,
  options: PackOptions,
  leftOut: string[],
): Promise<void> {
  if (archive.destroyed) return
  const found = await lstat(place).catch(() => undefined)
  // It went meanwhile.
  if (!found) return
  const header = { name, mode: found.mode & 0o7777, mtime: found.mtime }
  if (found.isSymbolicLink()) return entry(archive, { ...header, type: 'symlink', linkname: await readlink(place) })
  if (found.isFile()) {
    if (!(await addFile(archive, place, header, found.size))) leftOut.push(name)
    options.onFile?.(found.size)
    return
  }
  if (!found.isDirectory()) return void leftOut.push(name)
  if (name !== '') await entry(archive, { ...header, type: 'directory' })
  const names = await readdir(place).catch(() => undefined)
  if (!names) return void leftOut.push(name)
  const kept = names.filter((one) => !one.startsWith(TEMPORARY)).sort()
  const without = new Set(await options.leaveOut?.(place, kept))
  for (const one of kept) {
    // A name that is not UTF-8 cannot be asked for.
    if (one.includes('\ufffd')) leftOut.push(join(name, one))
    else if (!without.has(one))
      await addTree(archive, join(place, one), name === '' ? one : `${name}/${one}`, options, leftOut)
  }
}

/** False when it may not be read. */
async function addFile(archive: Pack, place: string, header: EntryHeader, size: number): Promise<boolean> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined)
  if (!file) return false
  try {
    const sink = archive.entry({ ...header, type: 'file', size })
    const ended = new Promise<void>((resolve, reject) => {
      sink.on('close', resolve)
      sink.on('error', reject)
    })
    ended.catch(() => undefined)
    for (let at = 0; at < size && !archive.destroyed; ) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, size - at))
      const { bytesRead } = await file.read(piece, 0, piece.length, at)
      at += bytesRead === 0 ? piece.length : bytesRead
      if (!sink.write(bytesRead === 0 ? piece : piece.subarray(0, bytesRead))) await drained(sink)
    }
    sink.end(null)
    await ended
    return true
  } finally {
    await file.close()
  }
}

function entry(archive: Pack, header: EntryHeader, text?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve())
    if (text === undefined) archive.entry(header, done)
    else archive.entry(header, text, done)
  })
}
