import { isDeepStrictEqual } from 'node:util'
import type {
  ContainerOrigin,
  ContainerRequest,
  ContainerState,
  ContainerStatus,
  EngineContainer,
  Timings,
} from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { pickSnapshot, type Snapshot } from '../../core/snapshot.ts'
import { notHere, startingStatus, stopping } from './answers.ts'
import { Changes } from './changes.ts'
import { ContainerSource, type ContainerSourceOptions } from './container-source.ts'
import type { Door, DoorOwner } from './door.ts'
import { Endings } from './endings.ts'
import { Inventory, type InventoryOptions, type Owned } from './inventory.ts'
import { Moves } from './moves.ts'
import { Slots } from './slots.ts'
import { Snapshots } from './snapshots.ts'
import { Transitions } from './transitions.ts'
import type { ClaimedWorker, WorkerPlace } from './worker-client.ts'

export interface ContainersOptions extends Omit<ContainerSourceOptions, 'room' | 'closing'>, InventoryOptions {
  capacity: number
  /** How long one that ended by itself is left to the engine, milliseconds. */
  endedRestMs: number
  /** Throws HOST_FULL while the host has no room on its disk. */
  requireRoom?: () => void
  /** Told of every start that was finished: milliseconds by phase. */
  onStarted: (timings: Timings, origin: ContainerOrigin) => void
}

interface Start {
  request: ContainerRequest
  controller: AbortController
  result: Promise<ContainerStatus>
}

/**
 * The containers of this host: at most `capacity`, one per sandbox, every effect keyed by the sandbox's id.
 *
 * The engine holds the truth. What is remembered here is a view of it for counting and for the door, refreshed by
 * `tick`, and what is under way. Calls for one sandbox never overlap: equal starts share one, changes come one after the
 * other, a delete ends a start and waits for what runs.
 */
export class Containers {
  readonly #options: ContainersOptions
  readonly #door: Door
  readonly #inventory: Inventory
  readonly #source: ContainerSource
  readonly #transitions: Transitions
  readonly #snapshots: Snapshots
  readonly moves: Moves
  readonly #slots: Slots
  readonly #endings: Endings
  readonly #starting = new Map<string, Start>()
  readonly #removing = new Map<string, Promise<void>>()
  readonly #changing = new Changes()
  /** Aborted when this manager is being stopped. */
  readonly #closing = new AbortController()

  constructor(options: ContainersOptions, door: (containers: Containers) => Door) {
    this.#options = options
    this.#door = door(this)
    this.#inventory = new Inventory(options, this.#door)
    const [inventory, closing] = [this.#inventory, this.#closing.signal]
    this.#endings = new Endings(options.endedRestMs)
    this.#slots = new Slots({ ...options, owned: () => inventory.ids(), refresh: () => this.refresh() })
    this.#source = new ContainerSource({ ...options, room: () => this.#slots.free, closing }, this.#door)
    const parts = { ...options, inventory, door: this.#door, source: this.#source, closing }
    this.#snapshots = new Snapshots(parts)
    const { queue } = this.#source
    const renew = (stuck: Owned) => this.#snapshots.renew(stuck)
    this.#transitions = new Transitions({ ...parts, queue, endings: this.#endings, renew })
    const change = <T>(id: string, work: (container: Owned) => Promise<T>) => this.#change(id, work)
    const ensure = (...request: Parameters<Containers['ensure']>) => this.ensure(...request)
    this.moves = new Moves({ ...parts, transitions: this.#transitions, change, ensure })
  }

  /** The zone is known: containers can be made ready. */
  begin(domain: string): void {
    this.#source.pool.begin(domain)
  }

  /** Makes sure the sandbox has a container that is claimed. HOST_FULL beyond capacity, CONFLICT for another request. */
  ensure(request: ContainerRequest, source?: string, port?: number): Promise<ContainerStatus> {
    this.#closing.signal.throwIfAborted()
    const current = this.#starting.get(request.sandboxId)
    if (current && !current.controller.signal.aborted) {
      if (isDeepStrictEqual(current.request, request)) return current.result
      throw new OmegaError('CONFLICT', `${request.sandboxId} is being started by another request with other values.`)
    }
    const controller = new AbortController()
    const start: Start = { request, controller, result: this.#start(request, source, controller.signal, current, port) }
    this.#starting.set(request.sandboxId, start)
    const done = () => {
      if (this.#starting.get(request.sandboxId) === start) this.#starting.delete(request.sandboxId)
    }
    start.result.then(done, done)
    return start.result
  }

  /** Makes a container for the sandbox of the request with the files of another one, as they are now or were once. */
  async fork(sourceId: string, request: ContainerRequest, snapshot?: string): Promise<ContainerStatus> {
    const { key, template } = await this.#need(sourceId)
    if (template !== request.template) {
      throw new OmegaError('INVALID_REQUEST', `${sourceId} is of the template ${template}; so must its copy be.`)
    }
    if (snapshot === undefined) return this.ensure(request, key)
    return this.ensure(request, pickSnapshot(await this.#snapshots.of(sourceId), snapshot).id)
  }

  async #start(
    request: ContainerRequest,
    source: string | undefined,
    signal: AbortSignal,
    former: Start | undefined,
    port: number | undefined,
  ): Promise<ContainerStatus> {
    const { sandboxId, token, masterUrl } = request
    await Promise.allSettled([former?.result, this.#removing.get(sandboxId)])
    signal.throwIfAborted()
    const existing = this.#inventory.get(sandboxId)
    if (existing) return this.#inventory.statusOf(await this.#transitions.again(existing, request, signal))
    await this.#slots.admit(sandboxId)
    try {
      const asked = performance.now()
      const { container, timings, origin } = await this.#source.take(request, source, signal, port)
      timings.total = performance.now() - asked
      await this.#options.secrets.keep(sandboxId, { token, masterUrl })
      this.#inventory.note(sandboxId, container)
      this.#options.onStarted(timings, origin)
      return { ...this.#inventory.statusOf(container), state: 'running', timings, origin }
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      this.#slots.leave(sandboxId)
      this.#source.pool.refill()
    }
  }

  /** Removes the container and its files, whatever it was doing. Nothing there is no error. */
  remove(sandboxId: string): Promise<void> {
    const earlier = this.#removing.get(sandboxId)
    const start = this.#starting.get(sandboxId)
    if (earlier && (!start || start.controller.signal.aborted)) return earlier
    start?.controller.abort(
      new OmegaError('CONFLICT', `${sandboxId} was deleted while it was being started. It is gone.`),
    )
    const result = this.#remove(sandboxId, [earlier, start?.result, this.#changing.last(sandboxId)])
    this.#removing.set(sandboxId, result)
    const done = () => {
      if (this.#removing.get(sandboxId) === result) this.#removing.delete(sandboxId)
    }
    result.then(done, done)
    return result
  }

  async #remove(sandboxId: string, underWay: readonly (Promise<unknown> | undefined)[]): Promise<void> {
    await Promise.allSettled(underWay)
    const { engine, secrets } = this.#options
    // Gone is gone only when the engine says so: our view may be old.
    if (!this.#inventory.get(sandboxId)) await this.refresh()
    const found = this.#inventory.get(sandboxId)
    // As long as the container is there, a delete that was cut off is one that will be repeated.
    await this.#snapshots.removeAll(sandboxId)
    if (found) {
      await this.#door.shut(found.mark.port)
      await engine.remove(found.key)
    }
    await secrets.forget(sandboxId)
    this.#inventory.note(sandboxId, undefined)
    // A look that went on meanwhile may have opened it again.
    if (found) await this.#door.shut(found.mark.port)
    this.#source.pool.refill()
  }

  /** The same as `Transitions` and `Snapshots` say, one after the other for each sandbox. */
  stop(sandboxId: string, cause = 'asked'): Promise<ContainerStatus> {
    return this.#become(sandboxId, (container) => this.#transitions.stop(container, cause))
  }

  freeze(sandboxId: string, cause = 'asked'): Promise<ContainerStatus> {
    return this.#become(sandboxId, (container) => this.#transitions.freeze(container, cause))
  }

  wake(sandboxId: string, cause = 'asked'): Promise<ContainerStatus> {
    return this.#become(sandboxId, (container) => this.#transitions.wake(container, cause))
  }

  rename(sandboxId: string, name: string): Promise<ContainerStatus> {
    return this.#become(sandboxId, (container) => this.#transitions.remark(container, { name }))
  }

  restore(sandboxId: string, snapshot: string): Promise<ContainerStatus> {
    return this.#become(sandboxId, (container) => this.#snapshots.restore(container, snapshot))
  }

  takeSnapshot(sandboxId: string, name: string | undefined): Promise<Snapshot> {
    return this.#change(sandboxId, (container) => this.#snapshots.take(container, name))
  }

  removeSnapshot(sandboxId: string, snapshot: string): Promise<void> {
    return this.#change(sandboxId, () => this.#snapshots.remove(sandboxId, snapshot))
  }

  async snapshotsOf(sandboxId: string): Promise<Snapshot[]> {
    await this.#need(sandboxId)
    return this.#snapshots.of(sandboxId)
  }

  #become(sandboxId: string, work: (container: Owned) => Promise<Owned>): Promise<ContainerStatus> {
    return this.#change(sandboxId, async (container) => this.#inventory.statusOf(await work(container)))
  }

  /** Runs a change of one sandbox after those before it. */
  #change<T>(sandboxId: string, work: (container: Owned) => Promise<T>): Promise<T> {
    return this.#changing.run(sandboxId, this.#starting.get(sandboxId)?.result, async () => {
      this.#closing.signal.throwIfAborted()
      if (this.#removing.has(sandboxId)) throw notHere(sandboxId)
      return work(await this.#need(sandboxId))
    })
  }

  async list(): Promise<ContainerStatus[]> {
    await this.refresh()
    const statuses = this.#inventory.all().map((container) => this.#inventory.statusOf(container))
    const unlisted = [...this.#starting.values()].filter(({ request }) => !this.#inventory.get(request.sandboxId))
    return [...statuses, ...unlisted.map(({ request }) => startingStatus(request))]
  }

  /** SANDBOX_NOT_FOUND if it is neither there nor being started. */
  async find(sandboxId: string): Promise<ContainerStatus> {
    const start = this.#starting.get(sandboxId)
    if (start && !this.#inventory.get(sandboxId)) return startingStatus(start.request)
    const { key, mark } = await this.#need(sandboxId)
    const shown = await this.#options.engine.inspect(key)
    if (shown) return this.#inventory.statusOf({ ...shown, mark: shown.mark ?? mark })
    throw notHere(sandboxId)
  }

  /** What it wrote, as text. */
  async logs(sandboxId: string, tail: number): Promise<string> {
    return this.#options.engine.logs((await this.#need(sandboxId)).key, tail)
  }

  async #need(sandboxId: string): Promise<Owned> {
    if (!this.#inventory.get(sandboxId)) await this.refresh()
    const found = this.#inventory.get(sandboxId)
    if (found) return found
    throw notHere(sandboxId)
  }

  /** Wakes the sandbox for the door: resolves with where its worker answers. */
  async wakeFor(sandboxId: string, cause: string): Promise<WorkerPlace> {
    await this.wake(sandboxId, cause)
    const at = this.#inventory.get(sandboxId)?.at
    if (at) return at
    throw new OmegaError('BAD_GATEWAY', 'The sandbox could not be woken. Try again in a moment.')
  }

  /** Asks the engine what there is. */
  refresh(): Promise<EngineContainer[]> {
    return this.#inventory.refresh(this.#isBusy)
  }

  ownerOf(port: number): DoorOwner | undefined {
    return this.#inventory.ownerOf(port)
  }

  workerOf(container: Owned): ClaimedWorker | undefined {
    return this.#inventory.workerOf(container)
  }

  /** The sandboxes that are there, as of the last look. */
  owned(): Owned[] {
    return this.#inventory.all()
  }

  /** How many there are by state, as of the last look. */
  count(): Record<ContainerState | 'warm', number> {
    const count = { ...this.#inventory.count(), warm: this.#source.pool.size }
    for (const id of this.#starting.keys()) if (!this.#inventory.get(id)) count.starting++
    return count
  }

  /** Adopts what is there, starts what ended, stops what is to be, removes what nobody took. Called at the start and every so often. */
  async tick(): Promise<void> {
    const all = await this.refresh()
    const { log } = this.#options
    const works = this.#endings
      .astray(this.#inventory.all())
      .filter(({ mark }) => !this.#isBusy(mark.sandboxId))
      .map(async ({ mark: { sandboxId, port, stopped } }) => {
        log.info({ sandboxId, port }, stopped ? 'stopping what the engine started again' : 'starting what ended')
        await (stopped ? this.stop(sandboxId, 'stopped before') : this.wake(sandboxId, 'ended'))
      })
    works.push(this.#snapshots.settle(all, this.#isBusy), this.#source.settle(all), this.#options.engine.sweep())
    for (const result of await Promise.allSettled(works)) {
      if (result.status === 'rejected') log.error({ err: result.reason }, 'a container could not be put right')
    }
  }

  readonly #isBusy = (sandboxId: string) =>
    this.#starting.has(sandboxId) || this.#removing.has(sandboxId) || this.#changing.has(sandboxId)

  /** Ends what is being started (it is undone) and waits for what is being removed. Running containers go on. */
  async close(): Promise<void> {
    this.#closing.abort(stopping())
    for (const { controller } of this.#starting.values()) controller.abort(stopping())
    await Promise.allSettled([
      ...[...this.#starting.values()].map(({ result }) => result),
      ...this.#removing.values(),
      ...this.#changing.all(),
      this.#source.pool.close(),
    ])
    await this.#door.close()
  }

  /** Stops all containers of this host, keeping their files; those that are nobody's go. */
  async stopAll(): Promise<void> {
    await this.close()
    await this.#source.pool.drain()
    const { engine, log } = this.#options
    const running = (await engine.list()).filter(({ state, mark }) => state !== 'stopped' && mark !== undefined)
    const results = await Promise.allSettled(running.map(({ key }) => engine.stop(key)))
    for (const result of results) if (result.status === 'rejected') log.error({ err: result.reason }, 'did not stop')
  }
}
