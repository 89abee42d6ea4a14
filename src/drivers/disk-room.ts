import { statfs } from 'node:fs/promises'
import { OmegaError } from '../core/errors.ts'

/** Left for everything else: a disk without a free byte stops editors, shells and the worker itself. */
const RESERVE_BYTES = 16 * 1024 * 1024

/** Bytes that can still be written to the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return Math.max(0, bavail * bsize - RESERVE_BYTES)
}

/** Refuses what the disk has no room for, before it is begun. */
export async function leaveRoom(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(folder)
  if (bytes <= free) return
  throw new OmegaError(
    'TOO_LARGE',
    `This needs ${inMegabytes(bytes)}, and the disk of the sandbox has ${inMegabytes(free)} left. Remove something, or empty the trash.`,
  )
}

export function inMegabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
