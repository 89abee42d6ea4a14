import { compareFeedIds, type FeedEvent } from '../../core/fleet-feed.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import {
  afterAttempt,
  type WebhookMessage,
  type WebhookOutcome,
  type WebhookProgress,
  webhookMessage,
} from '../../core/webhook.ts'
import type { Logger } from '../../drivers/log.ts'
import type { WebhookTarget } from '../../drivers/webhook-sender.ts'
import type { FeedWatch } from './feed-watch.ts'

/** One master at a time delivers to an address. It says so this often; another takes over when it has not for TTL. */
const LEASE_TTL_MS = 15_000
const LEASE_EVERY_MS = 5_000
const PAGE = 100
/** A store that is away, and an address that may have been enabled again, are looked at this often. */
const LOOK_AGAIN_MS = 2_000

export type WebhookStore = Pick<FleetStore, 'feed' | 'feedEnd' | 'bookmark' | 'setBookmark' | 'lease' | 'endLease'>

export interface WebhookParts {
  store: WebhookStore
  feedWatch: Pick<FeedWatch, 'grown'>
  send(url: string, message: WebhookMessage, now: number, signal: AbortSignal): Promise<WebhookOutcome>
  /** Tells how an attempt went, for the metrics. */
  observe(outcome: 'delivered' | 'failed' | 'gone' | 'given_up'): void
  log: Logger
  /** Milliseconds since the epoch. */
  now: () => number
  /** Waits so many milliseconds, or until the signal. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 to 1. */
  random: () => number
  /** Of this master, among others. */
  holder: string
}

/** The progress of an address; undefined if nothing was ever delivered there. */
export async function readProgress(
  store: Pick<FleetStore, 'bookmark'>,
  { id }: WebhookTarget,
): Promise<WebhookProgress | undefined> {
  const text = await store.bookmark(bookmarkOf(id))
  return text === undefined ? undefined : (JSON.parse(text) as WebhookProgress)
}

export function writeProgress(
  store: Pick<FleetStore, 'setBookmark'>,
  { id }: WebhookTarget,
  progress: WebhookProgress,
): Promise<void> {
  return store.setBookmark(bookmarkOf(id), JSON.stringify(progress))
}

/**
 * Brings the fleet's feed to one address: every event at least once and in its order. How far it has come is kept in
 * the store after each event, so a crash repeats the last one and loses none; what the feed no longer keeps is lost,
 * and said in the log. A new address begins with what happens from now on.
 */
export class WebhookDelivery {
  readonly target: WebhookTarget
  readonly #parts: WebhookParts
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined
  /** Outlives a store that was emptied. */
  #progress: WebhookProgress | undefined

  constructor(target: WebhookTarget, parts: WebhookParts) {
    this.target = target
    this.#parts = parts
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { store, holder } = this.#parts
    const { signal } = this.#stopped
    while (!signal.aborted) {
      if (await this.#takeLease()) {
        const lost = new AbortController()
        const renewing = this.#renew(lost)
        await this.#deliver(AbortSignal.any([signal, lost.signal]))
        lost.abort()
        await renewing
      } else await this.#parts.pause(LEASE_EVERY_MS, signal)
    }
    await store.endLease(this.#leaseName, holder).catch(() => {})
  }

  get #leaseName(): string {
    return `webhook/${this.target.id}`
  }

  async #takeLease(): Promise<boolean> {
    const { store, holder } = this.#parts
    return (await store.lease(this.#leaseName, holder, LEASE_TTL_MS).catch(() => undefined)) !== undefined
  }

  /** Aborts `lost` once the lease may be another's. */
  async #renew(lost: AbortController): Promise<void> {
    const signal = AbortSignal.any([this.#stopped.signal, lost.signal])
    for (let renewedAt = this.#parts.now(); !signal.aborted; ) {
      await this.#parts.pause(LEASE_EVERY_MS, signal)
      const askedAt = this.#parts.now()
      if (await this.#takeLease()) renewedAt = askedAt
      else if (askedAt - renewedAt >= LEASE_TTL_MS - LEASE_EVERY_MS) lost.abort()
    }
  }

  async #deliver(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#deliverPage(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#parts.log.warn({ webhook: this.target.shown, err: error }, 'webhook: cannot go on; tried again soon')
        await this.#parts.pause(LOOK_AGAIN_MS, signal)
      }
    }
  }

  async #deliverPage(signal: AbortSignal): Promise<void> {
    const { store, feedWatch, log, now } = this.#parts
    const { after, disabledAt, failing } = await this.#current()
    if (disabledAt !== undefined) return this.#parts.pause(LOOK_AGAIN_MS, signal)
    const early = (failing?.nextAt ?? 0) - now()
    // Not slept through: somebody may want it to be tried at once.
    if (early > 0) return this.#parts.pause(Math.min(early, LOOK_AGAIN_MS), signal)
    const { events, missed } = await store.feed(after, PAGE)
    if (missed) log.error({ webhook: this.target.shown }, 'webhook: events were cut off before they were delivered')
    if (events.length === 0) return feedWatch.grown(after, signal)
    for (const event of events) if (signal.aborted || !(await this.#deliverOne(event, signal))) return
  }

  /**
   * Where to go on. Another master may have come further, or somebody enabled it again: the store knows. What was
   * delivered while the store was away, or before it was emptied, is known here only.
   */
  async #current(): Promise<WebhookProgress> {
    const { store } = this.#parts
    const kept = await readProgress(store, this.target)
    const own = this.#progress
    const isAhead = own !== undefined && (!kept || compareFeedIds(own.after, kept.after) > 0)
    const progress = (isAhead ? own : kept) ?? { after: await store.feedEnd() }
    this.#progress = progress
    if (progress !== kept) await writeProgress(store, this.target, progress)
    return progress
  }

  /** One attempt; true when the next event's turn has come. */
  async #deliverOne(event: FeedEvent, signal: AbortSignal): Promise<boolean> {
    const { store, log, now, random, observe, send } = this.#parts
    const before = this.#progress ?? { after: '0' }
    const result = await send(this.target.url, webhookMessage(event), now(), signal)
    const { progress, givenUp } = afterAttempt(before, event.id, result, now(), random())
    this.#progress = progress
    observe(givenUp ? 'given_up' : result.outcome)
    const facts = { webhook: this.target.shown, event: event.id, ...progress.failing }
    if (givenUp) log.error(facts, 'webhook: an event was refused for a day and is given up')
    else if (result.outcome === 'gone') log.error(facts, 'webhook: it answered 410 and gets nothing more')
    else if (progress.failing?.attempts === 1)
      log.warn(facts, 'webhook: not delivered; tried again, less and less often')
    else if (before.failing && !progress.failing) log.info(facts, 'webhook: delivers again')
    await writeProgress(store, this.target, progress)
    return progress.after === event.id
  }
}

function bookmarkOf(id: string): string {
  return `webhook/${id}`
}
