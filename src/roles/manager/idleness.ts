import type { Logger } from '../../drivers/log.ts'
import type { Containers } from './containers.ts'
import type { Owned } from './inventory.ts'
import { activityOf, type ClaimedWorker, sleep, warn } from './worker-client.ts'

export interface IdlenessOptions {
  containers: Pick<Containers, 'owned' | 'workerOf' | 'freeze' | 'stop'>
  /** A sandbox that nobody and nothing uses for this long is frozen; 0 for never. */
  sleepAfterMs: number
  /** One that has been frozen for this long is stopped; 0 for never. */
  stopAfterMs: number
  /** Told that its people want one kept whose end was announced; again until it has more time. */
  onKept: (sandboxId: string, at: number) => void
  /** Share of the machine's memory that is free, 0 to 1. */
  freeMemory: () => number
  now: () => number
  log: Logger
}

/** Pages are told this long before, or a quarter of the whole time if that is less. */
const WARN_MS = 2 * 60_000
/** A sandbox whose life ends is told this long before. */
const LAST_WARNING_MS = 10 * 60_000
/** A master deletes what has come to its end at once; without one, it runs no longer than this. */
const OVERDUE_MS = 10 * 60_000
/** A worker that is not near its time is asked no more often. */
const ASK_EVERY_MS = 60_000
/** With less free memory than this, sandboxes that sleep are stopped, the longest asleep first: one a turn. */
const LOW_MEMORY = 0.08

interface Watch {
  /** When its worker is to be asked again. */
  askAt: number
  asleepSince: number | undefined
  /** What its pages were warned of, and are not warned of twice. */
  warned: 'asleep' | 'deleted' | undefined
  /** When they were warned of its end. */
  endToldAt: number
}

/**
 * Lets sandboxes sleep that nobody uses. Whether one is used is for its worker to say: what is open but not used does
 * not count, what works without anybody does.
 */
export class Idleness {
  readonly #options: IdlenessOptions
  readonly #watches = new Map<string, Watch>()

  constructor(options: IdlenessOptions) {
    this.#options = options
  }

  /** One look at all sandboxes. */
  async turn(): Promise<void> {
    const { containers, log } = this.#options
    const owned = containers.owned()
    const ids = new Set(owned.map(({ mark }) => mark.sandboxId))
    for (const id of this.#watches.keys()) if (!ids.has(id)) this.#watches.delete(id)
    const results = await Promise.allSettled([...owned.map((each) => this.#look(each)), this.#relieve(owned)])
    for (const result of results) {
      if (result.status === 'rejected') log.warn({ err: result.reason }, 'idleness: one sandbox could not be looked at')
    }
  }

  async #look(container: Owned): Promise<void> {
    const { now, stopAfterMs, containers, log } = this.#options
    const { mark, state } = container
    const { sandboxId, expiresAt } = mark
    if (state !== 'stopped' && expiresAt > 0 && now() - expiresAt > OVERDUE_MS) {
      log.info({ sandboxId }, 'stopping a sandbox whose time is over; no master deletes it')
      await containers.stop(sandboxId, 'ttl')
      return
    }
    const watch = this.#watches.get(sandboxId) ?? newWatch()
    this.#watches.set(sandboxId, watch)
    if (state === 'running') return this.#lookAtRunning(container, watch)
    watch.warned = undefined
    watch.askAt = 0
    if (state !== 'asleep') return
    watch.asleepSince ??= now()
    if (stopAfterMs > 0 && now() - watch.asleepSince >= stopAfterMs) {
      log.info({ sandboxId }, 'stopping a sandbox that has been asleep for long')
      await containers.stop(sandboxId, 'idle')
    }
  }

  async #lookAtRunning(container: Owned, watch: Watch): Promise<void> {
    const { now, sleepAfterMs, containers, log } = this.#options
    watch.asleepSince = undefined
    const { sandboxId, expiresAt } = container.mark
    const worker = containers.workerOf(container)
    if (!worker) return
    const left = expiresAt - now()
    if (expiresAt > 0 && left < LAST_WARNING_MS && left > 0) {
      if (watch.warned === 'deleted') await this.#askWhetherKept(sandboxId, worker, watch)
      else {
        watch.warned = 'deleted'
        watch.endToldAt = now()
        await warn(worker, left, 'deleted')
      }
    } else if (watch.warned === 'deleted') watch.warned = undefined
    if (sleepAfterMs === 0 || now() < watch.askAt) return
    const warnMs = Math.min(WARN_MS, sleepAfterMs / 4)
    const { idleMs, people } = await activityOf(worker)
    const untilWarning = sleepAfterMs - warnMs - idleMs
    watch.askAt = now() + Math.min(ASK_EVERY_MS, Math.max(untilWarning, warnMs / 4))
    if (untilWarning > 0) {
      if (watch.warned === 'asleep') watch.warned = undefined
      return
    }
    if (idleMs >= sleepAfterMs) {
      if (await sleep(worker, 'asleep', sleepAfterMs / 2)) {
        log.info({ sandboxId, idleMs }, 'freezing a sandbox that nobody uses')
        await containers.freeze(sandboxId, 'idle')
      }
    } else if (people > 0 && watch.warned === undefined) {
      watch.warned = 'asleep'
      await warn(worker, sleepAfterMs - idleMs, 'asleep')
    }
  }

  async #askWhetherKept(sandboxId: string, worker: ClaimedWorker, { endToldAt }: Watch): Promise<void> {
    const { keptAt = 0 } = await activityOf(worker)
    if (keptAt >= endToldAt) this.#options.onKept(sandboxId, keptAt)
  }

  /** Memory is short: the one that has been asleep for longest gives its own back. */
  async #relieve(owned: readonly Owned[]): Promise<void> {
    const { freeMemory, containers, log } = this.#options
    if (freeMemory() >= LOW_MEMORY) return
    const since = ({ mark }: Owned) => this.#watches.get(mark.sandboxId)?.asleepSince ?? Number.POSITIVE_INFINITY
    const [longest] = owned.filter(({ state }) => state === 'asleep').sort((a, b) => since(a) - since(b))
    if (!longest) return
    log.warn({ sandboxId: longest.mark.sandboxId }, 'memory is short: stopping the sandbox that slept longest')
    await containers.stop(longest.mark.sandboxId, 'memory')
  }
}

function newWatch(): Watch {
  return { askAt: 0, asleepSince: undefined, warned: undefined, endToldAt: 0 }
}
