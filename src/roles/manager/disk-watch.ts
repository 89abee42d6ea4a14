import { type ContainerDisk, type DiskRoom, isAlmostFull, isShort, sizeText } from '../../core/container-disk.ts'
import { OmegaError } from '../../core/errors.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Containers } from './containers.ts'
import type { Owned } from './inventory.ts'

export interface DiskWatchOptions {
  /** Undefined where the runtime has no layers to look at. */
  disk: ContainerDisk | undefined
  containers: Pick<Containers, 'owned' | 'stop'>
  /** What one sandbox may write; 0 for no limit. */
  limitBytes: number
  /** Tells the sandbox's pages how full its disk is; `leftMs` if it is over its limit, and stopped then. */
  tell: (container: Owned, usedBytes: number, leftMs: number | undefined) => Promise<void>
  now: () => number
  log: Logger
}

/** Pages are told at this share of the limit. */
const WARN_SHARE = 0.8
/** A sandbox that is started again over its limit has this long to make room. */
const GRACE_MS = 10 * 60_000
/** And may write so much meanwhile, since removing things takes writing, too. */
const GRACE_BYTES = 256 * 2 ** 20
/** Where nobody counts what is written, a layer is looked at this often. */
const BLIND_LOOK_MS = 60_000
/** What the counters do not see (space that is reserved, programs that ended unseen) is found this late. */
const LONG_LOOK_MS = 5 * 60_000

interface Watch {
  usedBytes: number
  /** The container's counter at the last look, undefined if there is none. */
  written: number | undefined
  lookedAt: number
  warned: boolean
  /** It may have more than its limit until then. */
  graceUntil: number
  /** What stops it. */
  ceilingBytes: number
}

/**
 * Keeps one sandbox from filling the disk of all. Where the engine has quotas it only warns. Elsewhere the sandbox is
 * stopped at its limit: what writes ends, no file is lost, and when it is started again there is time to make room. To
 * freeze it would stop the writing as well, but then it could not be woken without the writer going on.
 */
export class DiskWatch {
  readonly #options: DiskWatchOptions
  readonly #watches = new Map<string, Watch>()
  /** Every sandbox's counter at the last turn. */
  #counters = new Map<string, number>()
  #room: DiskRoom | undefined
  /** Free bytes when all layers were last known. */
  #settledFree: number | undefined

  constructor(options: DiskWatchOptions) {
    this.#options = options
  }

  /** What is said of it to who asks whether the manager is ready. */
  get status(): { limit: 'quota' | 'watched' | 'none'; freeBytes?: number; short: boolean } {
    const { disk, limitBytes } = this.#options
    const free = this.#room && { freeBytes: this.#room.freeBytes }
    return { limit: disk && limitBytes > 0 ? disk.limit : 'none', ...free, short: this.#isShort }
  }

  /** As of the last turn; undefined before it, and where there is no disk to look at. */
  get room(): DiskRoom | undefined {
    return this.#room
  }

  get #isShort(): boolean {
    return this.#room !== undefined && isShort(this.#room)
  }

  /** Throws HOST_FULL while the host's disk is almost full. */
  requireRoom(): void {
    if (!this.#room || !this.#isShort) return
    throw new OmegaError(
      'HOST_FULL',
      `The disk of this host has ${sizeText(this.#room.freeBytes)} of ${sizeText(this.#room.totalBytes)} left, which is kept for the sandboxes it has. Delete some, or make room on the host (docker system df shows what takes it).`,
    )
  }

  /** One look at the host and all its sandboxes. */
  async turn(): Promise<void> {
    const { disk, containers, log } = this.#options
    if (!disk) return
    const wasShort = this.#isShort
    this.#room = await disk.room()
    if (this.#isShort !== wasShort) {
      const fields = { freeBytes: this.#room?.freeBytes, totalBytes: this.#room?.totalBytes }
      if (wasShort) log.info(fields, 'the disk has room again: new sandboxes are taken')
      else log.error(fields, 'THE DISK IS ALMOST FULL: no new sandboxes are taken')
    }
    // What is stopped and started again is looked at anew; what is frozen does not write.
    const running = containers.owned().filter(({ state }) => state === 'running')
    const here = new Set(containers.owned().flatMap(({ key, state }) => (state === 'stopped' ? [] : [key])))
    for (const key of this.#watches.keys()) if (!here.has(key)) this.#watches.delete(key)
    const counters = new Map<string, number>()
    for (const { key } of running) {
      const written = await disk.written(key).catch(() => undefined)
      if (written !== undefined) counters.set(key, written)
    }
    if (this.#room && isAlmostFull(this.#room)) await this.#relieve(running, counters)
    this.#counters = counters
    await this.#lookAtAll(disk, running, counters)
  }

  /** One after the other: they share a disk. */
  async #lookAtAll(disk: ContainerDisk, running: readonly Owned[], counters: Map<string, number>): Promise<void> {
    const { limitBytes, log } = this.#options
    if (limitBytes === 0) return
    const free = this.#room?.freeBytes
    const shrank = free !== undefined && this.#settledFree !== undefined && this.#settledFree - free > limitBytes / 10
    if (shrank || this.#settledFree === undefined || (free ?? 0) > this.#settledFree) this.#settledFree = free
    for (const container of running) {
      const written = counters.get(container.key)
      if (!shrank && !this.#isDue(this.#watches.get(container.key), written)) continue
      const sandboxId = container.mark.sandboxId
      await this.#look(disk, container, written).catch((error) => log.warn({ err: error, sandboxId }, 'disk: no look'))
    }
  }

  /** Whether a layer may have come to where something is to be done: it holds no more than was there and was written. */
  #isDue(watch: Watch | undefined, written: number | undefined): boolean {
    const { limitBytes, now } = this.#options
    if (!watch) return true
    const age = now() - watch.lookedAt
    if (watch.graceUntil > 0 && now() >= watch.graceUntil) return true
    if (written === undefined || watch.written === undefined) return age >= BLIND_LOOK_MS
    const since = sinceLast(written, watch.written)
    const next = watch.usedBytes < limitBytes * WARN_SHARE ? limitBytes * WARN_SHARE : watch.ceilingBytes
    // Just below a mark one look for each few bytes would be many.
    const isNear = watch.usedBytes + since >= next && since >= limitBytes / 50
    return isNear || age >= LONG_LOOK_MS
  }

  async #look(disk: ContainerDisk, container: Owned, written: number | undefined): Promise<void> {
    const { limitBytes, containers, tell, now, log } = this.#options
    const { key, mark } = container
    const usedBytes = await disk.used(key)
    const former = this.#watches.get(key)
    const watch: Watch = former ?? {
      ...{ usedBytes, written, lookedAt: 0, warned: false, graceUntil: 0, ceilingBytes: limitBytes },
    }
    Object.assign(watch, { usedBytes, written, lookedAt: now() })
    this.#watches.set(key, watch)
    const facts = { sandboxId: mark.sandboxId, usedBytes, limitBytes }
    const isOver = usedBytes >= limitBytes && disk.limit === 'watched'
    if (!former && isOver) {
      watch.graceUntil = now() + GRACE_MS
      watch.ceilingBytes = usedBytes + Math.min(GRACE_BYTES, limitBytes / 10)
      log.warn(facts, 'a sandbox is over its disk limit; it has ten minutes to make room')
    } else if (!isOver || (watch.graceUntil > 0 && now() >= watch.graceUntil)) {
      watch.graceUntil = 0
      watch.ceilingBytes = limitBytes
    }
    if (usedBytes >= watch.ceilingBytes && disk.limit === 'watched') {
      log.warn(facts, 'stopping a sandbox: its disk is full')
      // Started again it has its grace.
      this.#watches.delete(key)
      await containers.stop(mark.sandboxId, 'disk')
      return
    }
    const isHigh = usedBytes >= limitBytes * WARN_SHARE
    const isNews = isHigh && !watch.warned
    watch.warned = isHigh
    if (!isNews) return
    log.info(facts, 'the disk of a sandbox fills up')
    await tell(container, usedBytes, watch.graceUntil > 0 ? watch.graceUntil - now() : undefined)
  }

  /** The host's disk is all but full: who wrote most since the last turn is stopped, one a turn. */
  async #relieve(running: readonly Owned[], counters: Map<string, number>): Promise<void> {
    const { containers, log } = this.#options
    const lately = ({ key }: Owned) => {
      const [now, before] = [counters.get(key), this.#counters.get(key)]
      return now === undefined || before === undefined ? 0 : sinceLast(now, before)
    }
    const [most] = running.filter((each) => lately(each) > 0).sort((a, b) => lately(b) - lately(a))
    if (!most) return
    const { sandboxId } = most.mark
    log.error({ sandboxId, bytes: lately(most) }, 'the disk is all but full: stopping the sandbox that writes most')
    this.#watches.delete(most.key)
    await containers.stop(sandboxId, 'host-disk')
  }
}

/** A container that was started again counts from nothing. */
function sinceLast(counter: number, before: number): number {
  return counter >= before ? counter - before : counter
}
