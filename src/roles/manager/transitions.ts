import {
  type ContainerEngine,
  type ContainerMark,
  type ContainerRequest,
  type EngineContainer,
  StuckContainer,
} from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { sameSecret } from '../../drivers/credentials.ts'
import type { SandboxSecrets } from '../../drivers/sandbox-secrets.ts'
import { leaves, startsSoon } from './answers.ts'
import type { ContainerSource } from './container-source.ts'
import type { Door } from './door.ts'
import type { Endings } from './endings.ts'
import type { Inventory, Owned } from './inventory.ts'
import type { StartQueue } from './start-queue.ts'
import { isClaimed, renamed, sleep } from './worker-client.ts'
import { untilHealthy } from './worker-start.ts'

export interface TransitionsOptions {
  engine: ContainerEngine
  inventory: Inventory
  queue: StartQueue
  endings: Endings
  /** A new container with the files of one that is stuck, in its place. */
  renew: (stuck: Owned) => Promise<Owned>
  door: Pick<Door, 'cut'>
  source: Pick<ContainerSource, 'claim'>
  secrets: SandboxSecrets
  healthyWithinMs: number
  /** Ends what waits. */
  closing: AbortSignal
}

/**
 * From one state of a sandbox's container to another. Each gives the container as it is then, may be repeated, and does
 * nothing when it is so already. `cause` is what the master is told.
 */
export class Transitions {
  readonly #options: TransitionsOptions

  constructor(options: TransitionsOptions) {
    this.#options = options
  }

  /** Ends the sandbox's processes, keeping its files, until somebody asks for it. */
  async stop(container: Owned, cause: string): Promise<Owned> {
    if (container.state === 'stopped' && container.mark.stopped) return container
    return this.#end(container, { stopped: true }, cause)
  }

  /** The same until it is told to stay: nobody wakes it meanwhile. */
  leave(container: Owned): Promise<Owned> {
    return this.#end(container, { leaving: true }, 'on its way to another host')
  }

  /** It does not leave: it runs again if it did. */
  async stay(container: Owned): Promise<Owned> {
    const { engine, inventory } = this.#options
    if (!container.mark.leaving) return container
    const { leaving: _, ...mark } = container.mark
    await engine.mark(container.key, mark)
    const here = { ...container, mark }
    inventory.note(mark.sandboxId, here)
    return mark.stopped ? here : this.wake(here, 'it stays on its host')
  }

  async #end(container: Owned, why: { stopped: true } | { leaving: true }, cause: string): Promise<Owned> {
    const { engine, inventory, door } = this.#options
    const worker = inventory.workerOf(container)
    // It takes its leave from the pages; one that cannot is stopped all the same.
    if (container.state === 'running' && worker) await sleep(worker, 'stopped').catch(() => undefined)
    const mark = { ...container.mark, ...why }
    await engine.mark(container.key, mark)
    await engine.stop(container.key)
    door.cut(mark.port)
    return inventory.change({ ...container, mark, state: 'stopped', at: undefined }, cause)
  }

  /** Takes the time from its processes. One that is stopped stays so. */
  async freeze(container: Owned, cause: string): Promise<Owned> {
    const { engine, inventory, door } = this.#options
    if (container.state !== 'running') return container
    const worker = inventory.workerOf(container)
    // Who freezes an idle one has asked its worker before.
    if (worker && cause === 'asked') await sleep(worker, 'asleep').catch(() => undefined)
    await engine.freeze(container.key)
    // What hangs on to a connection would wait for ever; new ones are answered by the door.
    door.cut(container.mark.port)
    return inventory.change({ ...container, state: 'asleep' }, cause)
  }

  /** Wakes it or starts it, and waits until its worker answers. */
  async wake(container: Owned, cause: string): Promise<Owned> {
    const { engine, inventory, queue, endings, closing } = this.#options
    if (container.state === 'running') return container
    if (container.mark.leaving) throw leaves()
    if (endings.restOf(container) > 0) throw startsSoon()
    if (container.state === 'asleep') {
      const awake = await engine.resume(container.key)
      return inventory.change({ ...awake, mark: container.mark, state: 'running' }, cause)
    }
    const mark = { ...container.mark, stopped: false }
    if (container.mark.stopped) await engine.mark(container.key, mark)
    try {
      return await queue.run(closing, async () => {
        const resumed = await engine.resume(container.key)
        const answering = await this.#untilHealthy(resumed)
        return inventory.change({ ...answering, mark, state: 'running' }, cause)
      })
    } catch (error) {
      if (error instanceof StuckContainer) return this.#options.renew({ ...container, mark })
      throw error
    }
  }

  /**
   * One that does not answer in time is ended, so that the next look starts it again: an engine that was killed may give
   * it a network that leads nowhere, and by the engine's word it would run like that for ever.
   */
  async #untilHealthy(resumed: EngineContainer): Promise<EngineContainer> {
    const { engine, closing } = this.#options
    try {
      return await untilHealthy(resumed, true, closing, this.#options)
    } catch (error) {
      if (!closing.aborted) await engine.stop(resumed.key).catch(() => undefined)
      throw error
    }
  }

  /**
   * A request for a sandbox that has its container already: its token is told, and a claim that was cut off is made.
   * CONFLICT for another subdomain or token.
   */
  async again(existing: Owned, request: ContainerRequest, signal: AbortSignal): Promise<Owned> {
    const { secrets, source } = this.#options
    const { sandboxId, subdomain, token, masterUrl, expiresAt = 0 } = request
    if (existing.mark.subdomain !== subdomain) {
      throw new OmegaError('CONFLICT', `${sandboxId} has a container here already, as ${existing.mark.subdomain}.`)
    }
    const kept = secrets.get(sandboxId)
    if (kept && !sameSecret(kept.token, token)) {
      throw new OmegaError('CONFLICT', `${sandboxId} has a container here already, with another token.`)
    }
    if (existing.state === 'running' && existing.at && !(await isClaimed(existing.at, signal))) {
      const answering = await untilHealthy(existing, true, signal, this.#options)
      if (answering.at && !(await isClaimed(answering.at, signal))) {
        await source.claim(answering, answering.at, existing.mark, request, signal)
      }
    }
    await secrets.keep(sandboxId, { token, masterUrl })
    return existing.mark.expiresAt === expiresAt ? existing : this.remark(existing, { expiresAt })
  }

  /** Calls it something else, or ends its life at another time. */
  async remark(container: Owned, changes: Partial<Pick<ContainerMark, 'name' | 'expiresAt'>>): Promise<Owned> {
    const { engine, inventory } = this.#options
    const changed = { ...container, mark: { ...container.mark, ...changes } }
    await engine.mark(container.key, changed.mark)
    const worker = container.state === 'running' ? inventory.workerOf(container) : undefined
    if (worker && changes.name !== undefined) await renamed(worker, changes.name).catch(() => undefined)
    inventory.note(container.mark.sandboxId, changed)
    return changed
  }
}
