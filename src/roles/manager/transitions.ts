import type { ContainerEngine, ContainerMark } from '../../core/container.ts'
import type { Door } from './door.ts'
import type { Inventory, Owned } from './inventory.ts'
import type { StartQueue } from './start-queue.ts'
import { renamed, sleep } from './worker-client.ts'
import { untilHealthy } from './worker-start.ts'

export interface TransitionsOptions {
  engine: ContainerEngine
  inventory: Inventory
  queue: StartQueue
  door: Pick<Door, 'cut'>
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
    const { engine, inventory, door } = this.#options
    if (container.state === 'stopped' && container.mark.stopped) return container
    const worker = inventory.workerOf(container)
    // It takes its leave from the pages; one that cannot is stopped all the same.
    if (container.state === 'running' && worker) await sleep(worker, 'stopped').catch(() => undefined)
    const mark = { ...container.mark, stopped: true }
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
    const { engine, inventory, queue, closing } = this.#options
    if (container.state === 'running') return container
    if (container.state === 'asleep') {
      const awake = await engine.resume(container.key)
      return inventory.change({ ...awake, mark: container.mark, state: 'running' }, cause)
    }
    const mark = { ...container.mark, stopped: false }
    if (container.mark.stopped) await engine.mark(container.key, mark)
    return queue.run(closing, async () => {
      const resumed = await engine.resume(container.key)
      const answering = await untilHealthy(resumed, true, closing, this.#options)
      return inventory.change({ ...answering, mark, state: 'running' }, cause)
    })
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
