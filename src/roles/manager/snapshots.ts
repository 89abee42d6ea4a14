import { randomBytes } from 'node:crypto'
import type { ContainerEngine, EngineContainer } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { checkName, newSnapshotId, quote } from '../../core/names.ts'
import { defaultSnapshotName, MAX_SNAPSHOTS, pickSnapshot, type Snapshot } from '../../core/snapshot.ts'
import type { Logger } from '../../drivers/log.ts'
import type { SandboxSecrets } from '../../drivers/sandbox-secrets.ts'
import type { ContainerSource } from './container-source.ts'
import type { Door } from './door.ts'
import type { Inventory, Owned } from './inventory.ts'

export interface SnapshotsOptions {
  engine: ContainerEngine
  inventory: Inventory
  source: Pick<ContainerSource, 'replace'>
  door: Pick<Door, 'cut'>
  secrets: SandboxSecrets
  /** Throws HOST_FULL while the host has no room on its disk. */
  requireRoom?: () => void
  closing: AbortSignal
  now: () => number
  log: Logger
}

/** The snapshots of this host's sandboxes. Calls for one sandbox do not overlap: who calls sees to that. */
export class Snapshots {
  readonly #options: SnapshotsOptions

  constructor(options: SnapshotsOptions) {
    this.#options = options
  }

  async of(sandboxId: string): Promise<Snapshot[]> {
    return (await this.#options.engine.snapshots.list()).filter((each) => each.sandboxId === sandboxId)
  }

  /** NAME_TAKEN for a name that another one of the sandbox has, QUOTA_EXCEEDED beyond MAX_SNAPSHOTS. */
  async take({ key, mark: { sandboxId } }: Owned, wanted: string | undefined): Promise<Snapshot> {
    const { engine, requireRoom, now } = this.#options
    requireRoom?.()
    const createdAt = now()
    const name = wanted === undefined ? defaultSnapshotName(createdAt) : checkName(wanted)
    const there = await this.of(sandboxId)
    if (there.some((each) => each.name === name)) {
      throw new OmegaError('NAME_TAKEN', `The sandbox has a snapshot ${quote(name)} already. Choose another name.`)
    }
    if (there.length >= MAX_SNAPSHOTS) {
      throw new OmegaError(
        'QUOTA_EXCEEDED',
        `The sandbox has ${there.length} snapshots; ${MAX_SNAPSHOTS} are allowed. Delete one: the oldest is ${there[0]?.name}.`,
      )
    }
    return engine.snapshots.take(key, { id: newSnapshotId(randomBytes), sandboxId, name, createdAt })
  }

  /** By id or name. */
  async remove(sandboxId: string, idOrName: string): Promise<void> {
    await this.#options.engine.snapshots.remove(pickSnapshot(await this.of(sandboxId), idOrName).id)
  }

  async removeAll(sandboxId: string): Promise<void> {
    for (const { id } of await this.of(sandboxId)) await this.#options.engine.snapshots.remove(id)
  }

  /**
   * Puts a container with the files of a snapshot in the place of the sandbox's own, which goes with all that was
   * written since; address, name, token and snapshots stay. Until the new one answers, nothing has changed.
   */
  async restore(former: Owned, idOrName: string): Promise<Owned> {
    const { id } = pickSnapshot(await this.of(former.mark.sandboxId), idOrName)
    return this.#replace(former, id, 'restored')
  }

  /** The same with the files it has now: for one whose container the engine cannot start any more. */
  async renew(former: Owned): Promise<Owned> {
    return this.#replace(former, former.key, 'its container could not be started again; another one has its files')
  }

  async #replace(former: Owned, files: string, cause: string): Promise<Owned> {
    const { engine, inventory, source, door, secrets, closing, log } = this.#options
    const { sandboxId, subdomain, name } = former.mark
    const secret = secrets.get(sandboxId)
    if (!secret)
      throw new OmegaError('NOT_READY', 'This host waits for the token of the sandbox. Try again in a moment.')
    const { template, domain } = former
    const request = { sandboxId, subdomain, name, template, domain, ...secret, env: {} }
    const restored = await source.replace(former, files, request, closing)
    inventory.change(restored, cause)
    // Pages come again by themselves, and meet the new worker.
    door.cut(restored.mark.port)
    await engine.remove(former.key).catch((err) => log.error({ key: former.key, err }, 'removed at the next look'))
    return restored
  }

  /** Removes containers whose place another one has taken, which a crash has left. */
  async settle(all: readonly EngineContainer[], isBusy: (sandboxId: string) => boolean): Promise<void> {
    const { engine, inventory } = this.#options
    for (const { key, mark } of all) {
      if (!mark?.replaced || isBusy(mark.sandboxId)) continue
      const now = inventory.get(mark.sandboxId)
      if (now && now.key !== key) await engine.remove(key)
    }
  }
}
