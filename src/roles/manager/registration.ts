import { errorTable, OmegaError } from '../../core/errors.ts'
import { BEAT_EVERY_MS, type HostLoad, type NewHost } from '../../core/host.ts'
import type { Beat, Registered } from '../../core/wire/manager.ts'
import { call } from '../../drivers/http-client.ts'
import type { Logger } from '../../drivers/log.ts'
import { StateReports } from './state-reports.ts'

export interface RegistrationOptions {
  masterUrl: string
  joinToken: string
  /** Where the host keeps the key it got, for its next start: its join token may be good only once. */
  key: { read(): Promise<string | undefined>; write(key: string): Promise<void> }
  log: Logger
  beatEveryMs?: number
  /** Told of the zone when the master takes the host in. */
  onDomain: (domain: string) => void
  /** How the host is now. */
  load: () => HostLoad
}

const RETRY_FIRST_MS = 100
const RETRY_LAST_MS = 5_000
/** An answer and a write to the disk, on a machine that has just booted; or one more attempt. */
const KEY_WITHIN_MS = 3_000

/**
 * Joins the fleet and stays in it: registers with the master, for as long as it takes, then beats. A master that does
 * not know the host (any more) is registered with again. The key it gives is the same every time, so calls signed with it
 * go on being understood while the master is away.
 */
export class Registration {
  readonly #options: RegistrationOptions
  readonly #stop = new AbortController()
  #loop: Promise<void> | undefined
  #hostKey: string | undefined
  readonly #waiting = new Set<() => void>()
  #hurry: (() => void) | undefined
  #heardAt = performance.now()
  /** What became of the sandboxes; told with the next beat, which comes at once. */
  readonly reports = new StateReports(() => this.hurry())

  constructor(options: RegistrationOptions) {
    this.#options = options
  }

  /** The key of the master's calls to this host; undefined until the first registration. */
  get hostKey(): string | undefined {
    return this.#hostKey
  }

  /**
   * The same, waited for a moment: the master knows of this host, and may ask something of it, before its answer with the
   * key is here.
   */
  async keyInSight(withinMs = KEY_WITHIN_MS): Promise<string | undefined> {
    if (this.#hostKey === undefined) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer)
          this.#waiting.delete(done)
          resolve()
        }
        const timer = setTimeout(done, withinMs)
        this.#waiting.add(done)
      })
    }
    return this.#hostKey
  }

  #know(key: string | undefined): void {
    this.#hostKey = key
    if (key !== undefined) for (const done of this.#waiting) done()
  }

  /** Milliseconds since a master answered, or since the start. */
  get silentMs(): number {
    return performance.now() - this.#heardAt
  }

  /** There is news: the next beat comes at once. */
  hurry(): void {
    this.#hurry?.()
  }

  /** Begins, in the background. */
  begin(host: NewHost): void {
    this.#loop ??= this.#run(host)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #run(host: NewHost): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (await this.#register(host)) await this.#beat(host)
    }
  }

  async #register(host: NewHost): Promise<boolean> {
    const { masterUrl, joinToken, key, log } = this.#options
    let last = ''
    if (this.#hostKey === undefined) this.#know(await key.read())
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        // Of another fleet secret than before its own key is worth nothing, and the token may be.
        const token = attempt % 2 === 0 ? (this.#hostKey ?? joinToken) : joinToken
        const answer = await this.#call<Partial<Registered>>(`${masterUrl}/v1/hosts`, token, host)
        if (typeof answer?.hostKey !== 'string' || answer.hostKey.length < 20) {
          throw new OmegaError('BAD_GATEWAY', `${masterUrl} answered the registration without a key. Is it the master?`)
        }
        if (answer.hostKey !== this.#hostKey) await key.write(answer.hostKey)
        this.#know(answer.hostKey)
        this.#heardAt = performance.now()
        if (typeof answer.domain === 'string') this.#options.onDomain(answer.domain)
        log.info({ address: host.address, capacity: host.capacity }, 'registered with the master')
        return true
      } catch (error) {
        if (this.#stop.signal.aborted) return false
        const reason = asText(error)
        // Once for each reason: it may be away for hours.
        if (reason !== last) log.warn({ reason, masterUrl }, 'not registered yet; trying again until it works')
        last = reason
        const wait = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt, 10))
        // A fleet of managers must not come back in step.
        await this.#sleep(wait * (0.75 + Math.random() / 2))
      }
    }
    return false
  }

  /** Beats until the master says that it does not know this host, or until the end. */
  async #beat(host: NewHost): Promise<void> {
    const { masterUrl, joinToken, log, beatEveryMs = BEAT_EVERY_MS } = this.#options
    let heard = true
    while (!this.#stop.signal.aborted) {
      // What changed is told at once, but not again and again to a master that does not listen.
      if (!heard || this.reports.next().length === 0) await this.#sleep(beatEveryMs, heard)
      if (this.#stop.signal.aborted) return
      try {
        const changes = this.reports.next()
        const url = `${masterUrl}/v1/hosts/${encodeURIComponent(host.address)}/beat`
        const body: Beat = { load: this.#options.load(), ...(changes.length > 0 && { changes }) }
        await this.#call(url, this.#hostKey ?? joinToken, body)
        this.reports.heard(changes)
        this.#heardAt = performance.now()
        if (!heard) log.info('the master is back')
        heard = true
      } catch (error) {
        if (error instanceof OmegaError && errorTable[error.code].status === 404) {
          log.warn('the master does not know this host; registering again')
          return
        }
        if (heard) log.warn({ reason: asText(error) }, 'the master does not take the beat; sandboxes go on')
        heard = false
      }
    }
  }

  #call<T>(url: string, token: string, body: unknown): Promise<T> {
    return call<T>(url, { method: 'POST', token, body, timeoutMs: 5_000, signal: this.#stop.signal })
  }

  /** `interruptible`: news end it early. */
  #sleep(ms: number, interruptible = false): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#hurry = undefined
        clearTimeout(timer)
        this.#stop.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      if (interruptible) this.#hurry = done
      this.#stop.signal.addEventListener('abort', done, { once: true })
    })
  }
}

function asText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
