import type { EngineContainer } from '../../core/container.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Started } from './worker-start.ts'

export interface WarmPoolOptions {
  /** Containers kept ready of each template that is in use; 0 for none. */
  size: number
  /** Templates that are made ready before anybody asked for one, when there is nothing else to go by. */
  first: readonly string[]
  /** How many containers the host may hold beside those that are sandboxes' now. */
  room(): number
  /** Whether a start would hold nobody up. */
  idle(): boolean
  /**
   * Quiet time after one was taken, milliseconds, before the next one is made: a start takes the processors that its page
   * and its app want just then, and a browser on this machine drops what it is loading when a network interface comes.
   */
  restMs: number
  /** Makes one whose worker answers, when it is its turn. */
  start(template: string, domain: string): Promise<Started>
  remove(container: EngineContainer): Promise<void>
  now(): number
  log: Logger
}

/** A template nobody asked for this long is not kept ready any more. */
const IN_USE_MS = 60 * 60_000
/** Demand is looked at over this long: that many creates will probably come again. */
const DEMAND_MS = 60_000
/** However many are asked for, more than this is not kept ready of one template. */
const MOST = 8
/** After a start that failed: the engine or the image has a trouble that another start does not mend. */
const PAUSE_MS = 30_000

/** Where they are taken all the time, the rest ends after so many of its own length. */
const MOST_RESTS = 3

interface Use {
  template: string
  domain: string
  /** When one was asked for, newest last. */
  asked: number[]
}

/**
 * Started containers that are nobody's yet, so that a sandbox only has to be written on one of them. Refilled one at a
 * time, when no one waits for a start.
 */
export class WarmPool {
  readonly #options: WarmPoolOptions
  readonly #ready: EngineContainer[] = []
  readonly #uses = new Map<string, Use>()
  #filling: Promise<void> | undefined
  #pausedUntil = 0
  #takenAt = Number.NEGATIVE_INFINITY
  /** When the first one was taken since the pool was full. */
  #owedSince: number | undefined
  #resting: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: WarmPoolOptions) {
    this.#options = options
  }

  /** The zone is known: the first containers can be made. */
  begin(domain: string): void {
    for (const template of this.#options.first) {
      const id = `${template} ${domain}`
      if (!this.#uses.has(id)) this.#uses.set(id, { template, domain, asked: [this.#options.now()] })
    }
    this.refill()
  }

  /** One that answers, or undefined; and a note that there is demand. */
  take(template: string, domain: string): EngineContainer | undefined {
    const id = `${template} ${domain}`
    const use = this.#uses.get(id) ?? { template, domain, asked: [] }
    this.#takenAt = this.#options.now()
    this.#owedSince ??= this.#takenAt
    use.asked.push(this.#takenAt)
    if (use.asked.length > MOST) use.asked.shift()
    this.#uses.set(id, use)
    const index = this.#ready.findIndex((each) => each.template === template && each.domain === domain)
    return index < 0 ? undefined : this.#ready.splice(index, 1)[0]
  }

  /** One an earlier manager made, or nobody took after all. False when it is not wanted. */
  adopt(container: EngineContainer): boolean {
    const { template, domain } = container
    const id = `${template} ${domain}`
    // That there is one says that its template was in use.
    if (!this.#uses.has(id)) this.#uses.set(id, { template, domain, asked: [this.#options.now()] })
    const isFull =
      this.#wanted(template, domain) <= this.#count(container) || this.#ready.length >= this.#options.room()
    if (this.#closed || isFull) return false
    this.#ready.push(container)
    return true
  }

  has(key: string): boolean {
    return this.#ready.some((container) => container.key === key)
  }

  /** The engine does not have it any more, or it ended. */
  drop(key: string): void {
    const index = this.#ready.findIndex((container) => container.key === key)
    if (index >= 0) this.#ready.splice(index, 1)
  }

  get size(): number {
    return this.#ready.length
  }

  /** Removes what there is no room for; resolves when there is. */
  async makeRoom(): Promise<void> {
    // One that is being made takes room as well.
    while (this.#filling && this.#ready.length >= this.#options.room()) await this.#filling
    const tooMany = this.#ready.splice(0, Math.max(0, this.#ready.length - Math.max(0, this.#options.room())))
    await Promise.all(tooMany.map((container) => this.#options.remove(container)))
  }

  /** Begins to make what is missing; calls while it does so change nothing. */
  refill(): void {
    if (this.#closed || this.#options.size === 0 || this.#filling) return
    clearTimeout(this.#resting)
    const restMs = this.#restMs()
    if (restMs > 0) {
      this.#resting = setTimeout(() => this.refill(), restMs).unref()
      return
    }
    this.#filling = this.#fill().finally(() => {
      this.#filling = undefined
      if (this.#restMs() > 0) this.refill()
    })
  }

  #restMs(): number {
    const { restMs, now } = this.#options
    const until = Math.min(this.#takenAt + restMs, (this.#owedSince ?? Number.NEGATIVE_INFINITY) + MOST_RESTS * restMs)
    return until - now()
  }

  async #fill(): Promise<void> {
    const { start, idle, room, now, log } = this.#options
    for (;;) {
      const missing = this.#missing()
      if (!missing) this.#owedSince = undefined
      if (this.#closed || !missing || !idle() || now() < this.#pausedUntil || this.#restMs() > 0) return
      try {
        const { container } = await start(missing.template, missing.domain)
        if (this.#closed || this.#ready.length >= room()) await this.#options.remove(container)
        else if (!this.has(container.key)) this.#ready.push(container)
      } catch (error) {
        if (this.#closed) return
        this.#pausedUntil = now() + PAUSE_MS
        log.warn({ template: missing.template, err: error }, 'no container could be made ready; tried again later')
      }
    }
  }

  #missing(): Use | undefined {
    const { now, room } = this.#options
    for (const [id, { asked }] of this.#uses) if (now() - (asked.at(-1) ?? 0) > IN_USE_MS) this.#uses.delete(id)
    if (this.#ready.length >= room()) return undefined
    const uses = [...this.#uses.values()].sort((a, b) => (b.asked.at(-1) ?? 0) - (a.asked.at(-1) ?? 0))
    return uses.find((use) => this.#count(use) < this.#wanted(use.template, use.domain))
  }

  #wanted(template: string, domain: string): number {
    const { size, now } = this.#options
    const use = this.#uses.get(`${template} ${domain}`)
    if (!use || size === 0) return 0
    const lately = use.asked.filter((at) => now() - at < DEMAND_MS).length
    return Math.min(Math.max(size, lately), Math.max(size, MOST))
  }

  #count({ template, domain }: Pick<EngineContainer, 'template' | 'domain'>): number {
    return this.#ready.filter((each) => each.template === template && each.domain === domain).length
  }

  /** Makes no more; what is ready stays where it is for the next manager. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#resting)
    await this.#filling
  }

  /** Makes no more, and removes what is ready. */
  async drain(): Promise<void> {
    await this.close()
    await Promise.all(this.#ready.splice(0).map((container) => this.#options.remove(container)))
  }
}
