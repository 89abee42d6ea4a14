import { compareFeedIds, type FleetFeed } from '../../core/fleet-feed.ts'

const LOOK_EVERY_MS = 200

/** Knows when the fleet's feed has grown, with one question to the store for all who wait, and none when nobody does. */
export class FeedWatch {
  readonly #feed: Pick<FleetFeed, 'feedEnd'>
  readonly #waiting = new Set<{ after: string; go: () => void }>()
  #timer: NodeJS.Timeout | undefined

  constructor(feed: Pick<FleetFeed, 'feedEnd'>) {
    this.#feed = feed
  }

  /** Resolves when there is an event after this one, or with the signal. A store that is away is waited for. */
  async grown(after: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((go) => {
      const end = () => {
        this.#waiting.delete(waiter)
        signal.removeEventListener('abort', end)
        go()
      }
      const waiter = { after, go: end }
      this.#waiting.add(waiter)
      signal.addEventListener('abort', end)
      this.#timer ??= setTimeout(() => void this.#look(), LOOK_EVERY_MS)
    })
  }

  async #look(): Promise<void> {
    const end = await this.#feed.feedEnd().catch(() => undefined)
    for (const { after, go } of [...this.#waiting]) {
      if (end !== undefined && compareFeedIds(end, after) > 0) go()
    }
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => void this.#look(), LOOK_EVERY_MS) : undefined
  }
}
