import type { SandboxEvent } from './sandbox-event.ts'

/** The fleet's feed keeps its newest events: at least this many. */
export const FEED_KEPT = 10_000
/** They are cut off in pieces, as Redis cuts a stream off: never more than this many are kept. */
export const FEED_KEPT_AT_MOST = FEED_KEPT + 100

/** A line of some sandbox's story, as all of the fleet's lines in their order. */
export interface FeedEvent extends SandboxEvent {
  /** `MS-SEQ`: milliseconds since the epoch and a count. Never given twice, and greater than all before it. */
  id: string
  sandboxId: string
  /** The sandbox's name when it happened; empty if it had no place. */
  name: string
}

export interface FeedPage {
  events: FeedEvent[]
  /** What was asked for is older than what is kept: events after it may have been cut off. */
  missed: boolean
}

/**
 * The fleet's feed: what is recorded of any sandbox, in one order, bounded. And bookmarks: how far a reader of the feed
 * has come, kept as long as the fleet.
 */
export interface FleetFeed {
  /** Events after this id, oldest first, at most `limit`. `0` is before all of them. */
  feed(afterId: string, limit: number): Promise<FeedPage>
  /** The id of the newest event, `0` when there is none. */
  feedEnd(): Promise<string>
  /** What was kept under this name; undefined if nothing. */
  bookmark(name: string): Promise<string | undefined>
  setBookmark(name: string, text: string): Promise<void>
}

/** What an id looks like; one that lacks its count is before all events of its millisecond. */
export const FEED_ID = '^\\d{1,15}(-\\d{1,15})?$'

/** Below 0 if `a` is before `b`. */
export function compareFeedIds(a: string, b: string): number {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number)
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number)
  return aMs - bMs || aSeq - bSeq
}

/** The feed in memory: what Redis does with a stream. */
export class FeedLog {
  #events: FeedEvent[] = []

  append(now: number, sandbox: { id: string; name: string }, event: SandboxEvent): void {
    const [lastMs = -1, lastSeq = -1] = this.#events.at(-1)?.id.split('-').map(Number) ?? []
    const id = lastMs >= now ? `${lastMs}-${lastSeq + 1}` : `${now}-0`
    // A copy, as a store on disk or in Redis gives it back.
    this.#events.push(copyOf({ id, sandboxId: sandbox.id, name: sandbox.name, ...event }))
    if (this.#events.length > FEED_KEPT_AT_MOST) this.#events.splice(0, this.#events.length - FEED_KEPT)
  }

  after(afterId: string, limit: number): FeedPage {
    const oldest = this.#events[0]?.id
    const missed = oldest !== undefined && wasCutOff(afterId, oldest)
    const from = this.#firstAfter(afterId)
    return { events: copyOf(this.#events.slice(from, from + limit)), missed }
  }

  get end(): string {
    return this.#events.at(-1)?.id ?? '0'
  }

  kept(): FeedEvent[] {
    return copyOf(this.#events)
  }

  restore(events: FeedEvent[]): void {
    this.#events = copyOf(events)
  }

  #firstAfter(id: string): number {
    let [from, to] = [0, this.#events.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (compareFeedIds(this.#events[middle]?.id ?? '', id) <= 0) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** Whether events between `afterId` and the oldest that is kept may be gone. `0` asks for no more than there is. */
export function wasCutOff(afterId: string, oldest: string): boolean {
  return compareFeedIds(afterId, '0') > 0 && compareFeedIds(afterId, oldest) < 0
}

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
