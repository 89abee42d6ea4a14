import { randomBytes } from 'node:crypto'
import type {
  ContainerEngine,
  ContainerMark,
  ContainerOrigin,
  ContainerRequest,
  EngineContainer,
  Limits,
  Timings,
} from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { newContainerKey } from '../../core/names.ts'
import type { Logger } from '../../drivers/log.ts'
import type { PortRange } from '../../drivers/port-range.ts'
import type { SandboxSecrets } from '../../drivers/sandbox-secrets.ts'
import type { Door } from './door.ts'
import type { Owned } from './inventory.ts'
import { StartQueue } from './start-queue.ts'
import { WarmPool } from './warm-pool.ts'
import { claim, isClaimed, rehearse, type WorkerPlace } from './worker-client.ts'
import { type Started, startWorker } from './worker-start.ts'

export interface ContainerSourceOptions {
  engine: ContainerEngine
  secrets: SandboxSecrets
  ports: PortRange
  limits: Limits
  log: Logger
  /** Starts that run at once. */
  concurrency: number
  /** How long a started worker may take to answer. */
  healthyWithinMs: number
  /** How long a container that nobody took may lie there before it is swept away. */
  leftoverGraceMs: number
  /** Containers kept ready of each template in use, and those made ready before anybody asks. */
  warm: { size: number; first: readonly string[]; restMs: number }
  /** How many containers the host may hold beside those that are sandboxes'. */
  room: () => number
  /** Ends all starts. */
  closing: AbortSignal
}

/** Ports tried for one sandbox. The range is large and random: a handful of misses means that something else is wrong. */
const PORT_ATTEMPTS = 20

/**
 * Where sandboxes' containers come from: one that is ready, one made of a template, or one made of another's files. Each
 * is nobody's at first; then the sandbox is written on it by its name, its worker claimed and its door opened.
 */
export class ContainerSource {
  readonly queue: StartQueue
  readonly pool: WarmPool
  readonly #options: ContainerSourceOptions
  readonly #door: Door
  /** Containers that are nobody's and in somebody's hands here. */
  readonly #inHand = new Set<string>()
  /** When a container that is nobody's was first seen lying around, milliseconds of the monotonic clock. */
  readonly #leftovers = new Map<string, number>()

  constructor(options: ContainerSourceOptions, door: Door) {
    this.#options = options
    this.#door = door
    this.queue = new StartQueue(options.concurrency)
    const { warm, room, closing, log } = options
    this.pool = new WarmPool({
      ...warm,
      room,
      idle: () => this.queue.idle,
      start: async (template, domain) => {
        const started = await this.queue.run(closing, () => this.#make(template, domain, undefined, closing))
        const { at } = started.container
        if (at) await rehearse(at, domain, closing)
        this.#inHand.delete(started.container.key)
        return started
      },
      remove: (container) => this.#discard(container),
      now: () => performance.now(),
      log,
    })
  }

  /** A container for the sandbox of the request; `source` is the key of the one whose files it gets. */
  async take(
    request: ContainerRequest,
    source: string | undefined,
    signal: AbortSignal,
    portWish?: number,
  ): Promise<{ container: Owned; timings: Timings; origin: ContainerOrigin }> {
    const { template, domain } = request
    const warm = source === undefined ? this.pool.take(template, domain) : undefined
    if (warm) {
      try {
        return { ...(await this.#occupy({ container: warm, timings: {} }, request, signal)), origin: 'pool' }
      } catch (error) {
        if (signal.aborted) throw error
        this.#options.log.warn(
          { key: warm.key, err: error },
          'a container that was ready could not be taken; making one',
        )
      }
    }
    await this.pool.makeRoom()
    const asked = performance.now()
    return this.queue.run(signal, async () => {
      const queued = performance.now() - asked
      const started = await this.#make(template, domain, source, signal)
      started.timings = { queue: queued, ...started.timings }
      const origin = source === undefined ? 'start' : 'copy'
      return { ...(await this.#occupy(started, request, signal, portWish)), origin }
    })
  }

  /**
   * A container with the files of a snapshot, or of the container of this key, in the place of the sandbox's own, which is removed by whoever asked. What
   * fails is undone: the sandbox has the one it had.
   */
  async replace(former: Owned, files: string, request: ContainerRequest, signal: AbortSignal): Promise<Owned> {
    const { engine } = this.#options
    return this.queue.run(signal, async () => {
      const { container } = await this.#make(former.template, former.domain, files, signal)
      const mark = { ...former.mark, stopped: false }
      try {
        await this.claim(container, placeOf(container), mark, request, signal)
        await engine.mark(former.key, { ...former.mark, replaced: true })
        await engine.mark(container.key, mark)
        return { ...container, state: 'running', mark }
      } catch (error) {
        await this.#discard(container)
        await engine.mark(former.key, former.mark)
        throw error
      } finally {
        this.#inHand.delete(container.key)
      }
    })
  }

  /** A container whose worker answers; it is in our hands (`#inHand`) until whoever asked lets it go. */
  async #make(template: string, domain: string, source: string | undefined, signal: AbortSignal): Promise<Started> {
    const key = newContainerKey(randomBytes)
    this.#inHand.add(key)
    try {
      return await startWorker(key, template, domain, source, signal, this.#options)
    } catch (error) {
      this.#inHand.delete(key)
      throw error
    }
  }

  /** Writes the sandbox on a container that is nobody's. What fails is undone, the container with it. */
  async #occupy(
    { container, timings }: Started,
    request: ContainerRequest,
    signal: AbortSignal,
    portWish?: number,
  ): Promise<{ container: Owned; timings: Timings }> {
    const { engine, ports } = this.#options
    const { key } = container
    this.#inHand.add(key)
    let port: number | undefined
    try {
      const at = placeOf(container)
      port = await this.#openPort(portWish)
      const { sandboxId, subdomain, name, expiresAt = 0 } = request
      const mark: ContainerMark = { sandboxId, subdomain, name, port, expiresAt, stopped: false }
      const time = async (phase: string, work: Promise<void>) => {
        const begun = performance.now()
        await work
        timings[phase] = performance.now() - begun
      }
      await Promise.all([
        time('mark', engine.mark(key, mark)),
        time('claim', this.claim(container, at, mark, request, signal)),
      ])
      // Deleted meanwhile: the delete waits for us.
      signal.throwIfAborted()
      return { container: { ...container, state: 'running', mark }, timings }
    } catch (error) {
      if (port !== undefined) {
        await this.#door.shut(port)
        ports.release(port)
      }
      await this.#discard(container)
      throw error
    } finally {
      this.#inHand.delete(key)
    }
  }

  /** Makes the worker of a container the sandbox's own. */
  async claim(
    { key }: EngineContainer,
    at: WorkerPlace,
    { name, port }: ContainerMark,
    request: ContainerRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const { expiresAt: _expiresAt, ...claimed } = request
    await claim(at, { ...claimed, name, port, key: this.#options.secrets.claimKey(key) }, signal)
  }

  async #openPort(wish?: number): Promise<number> {
    const { ports, log } = this.#options
    for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      const port = ports.take(attempt === 0 ? wish : undefined)
      if (await this.#door.open(port)) return port
      log.warn({ port }, 'the port is in use by another program; trying another one')
      // It rests now, as one that was freed does: others are tried first.
      ports.release(port)
    }
    throw new OmegaError(
      'CREATE_FAILED',
      `${PORT_ATTEMPTS} ports of this host's range were in use by other programs. Choose another --sandbox-ports.`,
    )
  }

  /** Removes a container that is nobody's; the next look does what this could not. */
  async #discard(container: EngineContainer): Promise<void> {
    const { engine, log } = this.#options
    await engine
      .remove(container.key)
      .catch((err) => log.error({ key: container.key, err }, 'a container could not be removed; tried again later'))
  }

  /** What is to become of the containers that are nobody's and in nobody's hands: the pool's, or removed after a while. */
  async settle(all: readonly EngineContainer[]): Promise<void> {
    for (const key of this.#leftovers.keys()) if (!all.some((each) => each.key === key)) this.#leftovers.delete(key)
    const free = all.filter(({ mark, key }) => mark === undefined && !this.#inHand.has(key))
    const results = await Promise.allSettled(free.map((container) => this.#settle(container)))
    const { log } = this.#options
    for (const result of results) {
      if (result.status === 'rejected') log.error({ err: result.reason }, 'a container could not be put right')
    }
    this.pool.refill()
  }

  async #settle(container: EngineContainer): Promise<void> {
    const { log, leftoverGraceMs } = this.#options
    const { key, state, at } = container
    if (this.pool.has(key)) {
      if (state === 'running') return
      this.pool.drop(key)
    } else if (
      state === 'running' &&
      at &&
      !(await isClaimed(at, this.#options.closing)) &&
      this.pool.adopt(container)
    ) {
      this.#leftovers.delete(key)
      return
    }
    const now = performance.now()
    const since = this.#leftovers.get(key) ?? now
    this.#leftovers.set(key, since)
    if (now - since < leftoverGraceMs) return
    log.warn({ key }, 'removing a container that nobody took')
    await this.#options.engine.remove(key)
  }
}

function placeOf({ at }: EngineContainer): WorkerPlace {
  if (at) return at
  throw new OmegaError('CREATE_FAILED', 'The container has no address. Look at the network of the engine.')
}
