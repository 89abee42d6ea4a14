import { randomBytes } from 'node:crypto'
import type { ContainerEngine, ContainerRequest, ContainerStatus } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { newSnapshotId } from '../../core/names.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Inventory, Owned } from './inventory.ts'
import type { Transitions } from './transitions.ts'

/** What the files of one that leaves are called on the way; no name that people may choose has a dot. */
const MOVING = 'omega.moving'

export interface MovesOptions {
  engine: ContainerEngine
  inventory: Inventory
  transitions: Pick<Transitions, 'leave' | 'stay'>
  /** Runs a change of one sandbox after those before it. */
  change<T>(sandboxId: string, work: (container: Owned) => Promise<T>): Promise<T>
  /** Makes a container of a snapshot, on this port if it is free. */
  ensure(request: ContainerRequest, snapshot: string | undefined, port: number): Promise<ContainerStatus>
  /** Throws HOST_FULL while the host has no room on its disk. */
  requireRoom?: () => void
  now: () => number
}

/**
 * Sandboxes that go from one host to another. One that leaves is stopped and nobody can wake it here, so that nothing is
 * written which the other host would not have; until it is deleted here or told to stay.
 */
export class Moves {
  readonly #options: MovesOptions

  constructor(options: MovesOptions) {
    this.#options = options
  }

  /** Ends its processes and keeps its files as they are then, as a snapshot. Gives all of its snapshots, that one last. */
  leave(sandboxId: string): Promise<Snapshot[]> {
    const { engine, transitions, change, now } = this.#options
    return change(sandboxId, async (container) => {
      const { key } = await transitions.leave(container)
      await this.#forgetMoving(sandboxId)
      const taken = { id: newSnapshotId(randomBytes), sandboxId, name: MOVING, createdAt: now() }
      await engine.snapshots.take(key, taken)
      return this.#of(sandboxId)
    })
  }

  /** It does not go after all: as it was, running again if it did. */
  stay(sandboxId: string): Promise<ContainerStatus> {
    const { inventory, transitions, change } = this.#options
    return change(sandboxId, async (container) => {
      await this.#forgetMoving(sandboxId)
      return inventory.statusOf(await transitions.stay(container))
    })
  }

  /** The files of one that leaves, with its snapshots. */
  async pack(sandboxId: string): Promise<AsyncIterable<Uint8Array>> {
    const all = await this.#of(sandboxId)
    if (all.some(({ name }) => name === MOVING)) return this.#options.engine.snapshots.pack(all.map(({ id }) => id))
    throw new OmegaError('CONFLICT', `${sandboxId} is not leaving this host.`)
  }

  unpack(sandboxId: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
    this.#options.requireRoom?.()
    return this.#options.engine.snapshots.unpack(sandboxId, archive)
  }

  /** One that comes, with the files that were unpacked here. A repeat gives the container that was made then. */
  async arrive(request: ContainerRequest, port: number): Promise<ContainerStatus> {
    const { inventory, ensure } = this.#options
    const moved = (await this.#of(request.sandboxId)).find(({ name }) => name === MOVING)
    const isHere = inventory.get(request.sandboxId) !== undefined
    if (!moved && !isHere) throw new OmegaError('CONFLICT', `Nothing of ${request.sandboxId} was unpacked here.`)
    const status = await ensure(request, moved?.id, port)
    await this.#forgetMoving(request.sandboxId)
    return status
  }

  async #of(sandboxId: string): Promise<Snapshot[]> {
    return (await this.#options.engine.snapshots.list()).filter((each) => each.sandboxId === sandboxId)
  }

  async #forgetMoving(sandboxId: string): Promise<void> {
    for (const { id, name } of await this.#of(sandboxId)) {
      if (name === MOVING) await this.#options.engine.snapshots.remove(id)
    }
  }
}
