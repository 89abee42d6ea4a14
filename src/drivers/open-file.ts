import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { notA } from './project-errors.ts'

/**
 * Opens what is at `place` to be read, for callers that make sure by `stat` of the handle that it is a file. Rejects with
 * what the file system says, and with INVALID_REQUEST for what is no file: `path` names it.
 */
export async function openFile(place: string, path: string): Promise<FileHandle> {
  // Opening alone can do something to a device, and many a device may not even be opened.
  const found = await lstat(place)
  if (!found.isFile()) throw notA('file', path, found)
  // It may have become something else: opening a FIFO must not wait for its other end.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  return open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
}
