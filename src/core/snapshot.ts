import { type Static, Type } from 'typebox'
import { OmegaError } from './errors.ts'
import { quote } from './names.ts'

/** Of one sandbox: each keeps what was written since its image, so some are cheap and many are a disk. */
export const MAX_SNAPSHOTS = 20

/** The files of a sandbox as they were at a time. Kept by the engine of its host as long as the sandbox is there. */
export const Snapshot = Type.Object({
  /** `sn_` and 20 characters. */
  id: Type.String(),
  sandboxId: Type.String(),
  /** A DNS label, unique among those of the sandbox. */
  name: Type.String(),
  /** Milliseconds since the epoch. */
  createdAt: Type.Integer(),
  /** What it takes on the disk beside the image it was made of. */
  bytes: Type.Integer(),
})
export type Snapshot = Static<typeof Snapshot>

/** What a snapshot is called that nobody named: when it was taken, UTC, as `at-2026-11-26-194012`. */
export function defaultSnapshotName(now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T')
  return `at-${date}-${time.slice(0, 8).replaceAll(':', '')}`
}

/** The one of these that has this id or name. NOT_FOUND names those there are. */
export function pickSnapshot(snapshots: readonly Snapshot[], idOrName: string): Snapshot {
  const found = snapshots.find(({ id, name }) => id === idOrName || name === idOrName)
  if (found) return found
  const names = snapshots.map(({ name }) => name)
  const there = names.length === 0 ? 'It has none.' : `There are: ${names.join(', ')}.`
  throw new OmegaError('NOT_FOUND', `The sandbox has no snapshot ${quote(idOrName)}. ${there}`)
}
