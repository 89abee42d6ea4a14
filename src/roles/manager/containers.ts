import { isDeepStrictEqual } from 'node:util'
import type {
  ContainerEngine,
  ContainerRequest,
  ContainerStatus,
  EngineContainer,
  Limits,
} from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import type { Logger } from '../../drivers/log.ts'
import type { PortRange } from '../../drivers/port-range.ts'
import { startContainer, untilHealthy } from './container-start.ts'
import { StartQueue } from './start-queue.ts'

export interface ContainersOptions {
  engine: ContainerEngine
  ports: PortRange
  capacity: number
  limits: Limits
  log: Logger
  /** Starts that run at once. */
  concurrency: number
  /** How long a started worker may take to answer. */
  healthyWithinMs: number
  /** How long an unclaimed container may lie there before it is swept away: its master may still ask for it again. */
  leftoverGraceMs: number
  /** Told of every start that was finished: milliseconds by phase. */
  onStarted: (timings: Record<string, number>) => void
}

interface Start {
  request: ContainerRequest
  controller: AbortController
  result: Promise<ContainerStatus>
}

/**
 * The containers of this host: at most `capacity`, one per sandbox, every effect keyed by the sandbox's id.
 *
 * The engine holds the truth. What is remembered here is a view of it for counting, refreshed by `tick`, and what is
 * under way. Calls for one sandbox never overlap: equal starts share one, a delete ends a start and waits for it.
 */
export class Containers {
  readonly #options: ContainersOptions
  readonly #queue: StartQueue
  readonly #starting = new Map<string, Start>()
  readonly #removing = new Map<string, Promise<void>>()
  /** Sandboxes let in whose container the engine may not list yet. */
  readonly #admitted = new Set<string>()
  #known = new Map<string, EngineContainer>()
  /** What changed while the engine was being asked for its list, one for each such question. */
  readonly #changes = new Set<Map<string, EngineContainer | undefined>>()
  /** Aborted when this manager is being stopped. */
  readonly #closing = new AbortController()
  /** When an unclaimed container was first seen lying around, milliseconds of the monotonic clock. */
  readonly #leftovers = new Map<string, number>()

  constructor(options: ContainersOptions) {
    this.#options = options
    this.#queue = new StartQueue(options.concurrency)
  }

  /** Makes sure the sandbox's container runs and is claimed. HOST_FULL beyond capacity, CONFLICT for another request. */
  ensure(request: ContainerRequest): Promise<ContainerStatus> {
    this.#closing.signal.throwIfAborted()
    const current = this.#starting.get(request.sandboxId)
    if (current && !current.controller.signal.aborted) {
      if (isDeepStrictEqual(current.request, request)) return current.result
      throw new OmegaError('CONFLICT', `${request.sandboxId} is being started by another request with other values.`)
    }
    const controller = new AbortController()
    const start: Start = { request, controller, result: this.#start(request, controller.signal, current) }
    this.#starting.set(request.sandboxId, start)
    const done = () => {
      if (this.#starting.get(request.sandboxId) === start) this.#starting.delete(request.sandboxId)
    }
    start.result.then(done, done)
    return start.result
  }

  async #start(request: ContainerRequest, signal: AbortSignal, former: Start | undefined): Promise<ContainerStatus> {
    const { sandboxId } = request
    const removal = this.#removing.get(sandboxId)
    await Promise.allSettled([former?.result, removal])
    signal.throwIfAborted()
    await this.#admit(sandboxId)
    try {
      const asked = performance.now()
      const { status, container } = await this.#queue.run(signal, async () => {
        const queued = performance.now() - asked
        const started = await startContainer(request, signal, this.#options)
        started.status.timings = { queue: queued, ...started.status.timings, total: performance.now() - asked }
        return started
      })
      this.#note(sandboxId, container)
      this.#options.onStarted(status.timings ?? {})
      return status
    } catch (error) {
      this.#note(sandboxId, await this.#options.engine.inspect(sandboxId).catch(() => this.#known.get(sandboxId)))
      throw error
    } finally {
      this.#admitted.delete(sandboxId)
    }
  }

  /** Takes one of the host's slots, or throws HOST_FULL. The choice itself is one synchronous step. */
  async #admit(sandboxId: string): Promise<void> {
    const { capacity } = this.#options
    const others = () => {
      const all = new Set([...this.#known.keys(), ...this.#admitted])
      all.delete(sandboxId)
      return all.size
    }
    // Something may have been removed behind our back: ask the engine before saying no.
    if (others() >= capacity) await this.refresh()
    if (others() >= capacity) {
      throw new OmegaError(
        'HOST_FULL',
        `This host holds ${others()} sandboxes of ${capacity} it may hold. Delete one, or place it on another host.`,
        { capacity },
      )
    }
    this.#admitted.add(sandboxId)
  }

  /** Removes the container and its files, whatever it was doing. Nothing there is no error. */
  remove(sandboxId: string): Promise<void> {
    const earlier = this.#removing.get(sandboxId)
    const start = this.#starting.get(sandboxId)
    if (earlier && (!start || start.controller.signal.aborted)) return earlier
    start?.controller.abort(
      new OmegaError('CONFLICT', `${sandboxId} was deleted while it was being started. It is gone.`),
    )
    const result = this.#remove(sandboxId, [earlier, start?.result])
    this.#removing.set(sandboxId, result)
    const done = () => {
      if (this.#removing.get(sandboxId) === result) this.#removing.delete(sandboxId)
    }
    result.then(done, done)
    return result
  }

  async #remove(sandboxId: string, underWay: readonly (Promise<unknown> | undefined)[]): Promise<void> {
    await Promise.allSettled(underWay)
    await this.#options.engine.remove(sandboxId)
    this.#note(sandboxId, undefined)
  }

  #note(sandboxId: string, container: EngineContainer | undefined): void {
    const former = this.#known.get(sandboxId)
    if (former && !container) this.#options.ports.release(former.port)
    if (container) this.#known.set(sandboxId, container)
    else this.#known.delete(sandboxId)
    for (const changes of this.#changes) changes.set(sandboxId, container)
  }

  async list(): Promise<ContainerStatus[]> {
    await this.refresh()
    const statuses = [...this.#known.values()].map((container) => this.#statusOf(container))
    const unlisted = [...this.#starting.values()].filter(({ request }) => !this.#known.has(request.sandboxId))
    return [...statuses, ...unlisted.map(({ request }) => startingStatus(request))]
  }

  /** SANDBOX_NOT_FOUND if it is neither there nor being started. */
  async find(sandboxId: string): Promise<ContainerStatus> {
    const container = await this.#options.engine.inspect(sandboxId)
    if (container) return this.#statusOf(container)
    const start = this.#starting.get(sandboxId)
    if (start) return startingStatus(start.request)
    throw new OmegaError('SANDBOX_NOT_FOUND', `No container of ${sandboxId} is on this host.`)
  }

  #statusOf({ sandboxId, subdomain, template, port, state, claimed }: EngineContainer): ContainerStatus {
    const starting = this.#starting.has(sandboxId) || (!claimed && state === 'running')
    return { sandboxId, subdomain, template, port, state: starting ? 'starting' : state }
  }

  /** How many there are by state, as of the last look. */
  count(): Record<ContainerStatus['state'], number> {
    const count = { starting: 0, running: 0, stopped: 0 }
    for (const container of this.#known.values()) count[this.#statusOf(container).state]++
    for (const id of this.#starting.keys()) if (!this.#known.has(id)) count.starting++
    return count
  }

  /** Looks at what the engine has. What we changed while it was looking counts more than what it saw. */
  async refresh(): Promise<void> {
    const changes = new Map<string, EngineContainer | undefined>()
    this.#changes.add(changes)
    try {
      const known = new Map((await this.#options.engine.list()).map((container) => [container.sandboxId, container]))
      for (const [id, container] of changes) {
        if (container) known.set(id, container)
        else known.delete(id)
      }
      for (const [id, { port }] of this.#known) if (!known.has(id)) this.#options.ports.release(port)
      for (const { port } of known.values()) this.#options.ports.hold(port)
      this.#known = known
    } finally {
      this.#changes.delete(changes)
    }
  }

  /** Adopts what is there, starts what stopped, removes what nobody finished. Called at the start and every so often. */
  async tick(): Promise<void> {
    await this.refresh()
    const { log, leftoverGraceMs } = this.#options
    const idle = [...this.#known.values()].filter(
      ({ sandboxId }) => !this.#starting.has(sandboxId) && !this.#removing.has(sandboxId),
    )
    for (const id of this.#leftovers.keys()) if (!this.#known.has(id)) this.#leftovers.delete(id)
    const works = idle.map(async (container) => {
      const { sandboxId, claimed, state } = container
      if (claimed) {
        this.#leftovers.delete(sandboxId)
        if (state === 'stopped') await this.#resume(container)
        return
      }
      const now = performance.now()
      const since = this.#leftovers.get(sandboxId) ?? now
      this.#leftovers.set(sandboxId, since)
      if (now - since < leftoverGraceMs) return
      log.warn({ sandboxId }, 'removing a container that was started but never claimed')
      await this.remove(sandboxId)
    })
    for (const result of await Promise.allSettled(works)) {
      if (result.status === 'rejected') log.error({ err: result.reason }, 'a container could not be put right')
    }
  }

  async #resume({ sandboxId, port }: EngineContainer): Promise<void> {
    const { signal } = this.#closing
    const { engine, log } = this.#options
    await this.#queue.run(signal, async () => {
      // It may be on its way out by the time it is its turn.
      if (this.#removing.has(sandboxId) || signal.aborted) return
      log.info({ sandboxId, port }, 'starting a sandbox that was stopped')
      await engine.resume(sandboxId)
      const worker = { ...engine.reach({ sandboxId, port }), host: 'localhost' }
      await untilHealthy(sandboxId, worker, true, signal, this.#options)
    })
  }

  /** Ends what is being started (it is undone) and waits for what is being removed. Running containers go on. */
  async close(): Promise<void> {
    this.#closing.abort(stopping())
    for (const { controller } of this.#starting.values()) controller.abort(stopping())
    await Promise.allSettled([...[...this.#starting.values()].map(({ result }) => result), ...this.#removing.values()])
  }

  /** Stops all containers of this host, keeping their files. */
  async stopAll(): Promise<void> {
    await this.close()
    const { engine, log } = this.#options
    const running = (await engine.list()).filter(({ state }) => state !== 'stopped')
    const results = await Promise.allSettled(running.map(({ sandboxId }) => engine.stop(sandboxId)))
    for (const result of results) if (result.status === 'rejected') log.error({ err: result.reason }, 'did not stop')
  }
}

function startingStatus({ sandboxId, subdomain, template }: ContainerRequest): ContainerStatus {
  return { sandboxId, subdomain, template, state: 'starting', port: 0 }
}

function stopping(): OmegaError {
  return new OmegaError('NOT_READY', 'This manager is being stopped. Try again, or place it on another host.')
}
