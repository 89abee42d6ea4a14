import { setTimeout as sleep } from 'node:timers/promises'
import { OmegaError } from '../../core/errors.ts'
import type { FeedEvent } from '../../core/fleet-feed.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import { type FeedEventView, FeedHeaders, FeedPageView, FeedQuery } from '../../core/wire/events.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import { EventStream } from './event-stream.ts'
import type { FeedWatch } from './feed-watch.ts'
import type { Lifecycle } from './lifecycle.ts'

/** What is read of the store at once. */
const PAGE = 500
/** A store that is away is asked again so often. */
const STORE_RETRY_MS = 1_000

export interface EventParts {
  store: FleetStore
  lifecycle: Pick<Lifecycle, 'find'>
  feedWatch: FeedWatch
}

/** `GET /v1/events`: the fleet's feed, as a stream or as pages. */
export function registerEventRoutes(app: WebApp, { store, lifecycle, feedWatch }: EventParts): void {
  /** The id to filter by. One that is gone has its id only. */
  const idOf = async (text: string | undefined): Promise<string | undefined> => {
    if (text === undefined) return undefined
    try {
      return (await lifecycle.find(text)).id
    } catch (error) {
      const isId = /^sb_[0-9a-z]{26}$/.test(text)
      if (isId && error instanceof OmegaError && error.code === 'SANDBOX_NOT_FOUND') return text
      throw error
    }
  }

  app.get(
    '/v1/events',
    {
      schema: {
        summary: 'What happens to all sandboxes',
        description:
          'A stream of server-sent events, each with its `id`; `Last-Event-ID` or `after` says where to go on, and an event `gap` that some were cut off. The newest 10,000 events are kept. With `Accept: application/json` the answer is one page of them.',
        tags: ['events'],
        querystring: FeedQuery,
        headers: FeedHeaders,
        response: { 200: FeedPageView },
      },
    },
    async (request, reply) => {
      const { sandbox, limit = 1000 } = request.query
      const after = request.headers['last-event-id'] ?? request.query.after
      const only = await idOf(sandbox)
      const accept = request.headers.accept ?? ''
      if (accept.includes('application/json') && !accept.includes('text/event-stream')) {
        return page(after ?? '0', limit, only)
      }
      // Before the answer begins, so that a store that is away is a problem document.
      const from = after ?? (await store.feedEnd())
      await stream(new EventStream(reply), from, only)
      return reply
    },
  )

  async function page(from: string, limit: number, only: string | undefined): Promise<FeedPageView> {
    const events: FeedEventView[] = []
    let after = from
    let missed = false
    for (;;) {
      const found = await store.feed(after, PAGE)
      missed ||= found.missed
      for (const event of found.events) {
        if (events.length === limit) return { events, after, more: true, missed }
        after = event.id
        if (only === undefined || event.sandboxId === only) events.push(feedEventView(event))
      }
      if (found.events.length < PAGE) return { events, after, more: false, missed }
    }
  }

  async function stream(out: EventStream, from: string, only: string | undefined): Promise<void> {
    const { gone } = out
    for (let after = from; !gone.aborted; ) {
      try {
        const { events, missed } = await store.feed(after, PAGE)
        if (missed) out.send({ event: 'gap', data: { after } })
        for (const event of events) {
          after = event.id
          if (only === undefined || event.sandboxId === only) out.send({ id: event.id, data: feedEventView(event) })
        }
        await out.drained()
        if (events.length === 0) await feedWatch.grown(after, gone)
      } catch (error) {
        if (!(error instanceof OmegaError && error.code === 'STORE_UNAVAILABLE')) {
          out.end()
          throw error
        }
        // Whoever follows keeps the place; there is nothing to tell but later.
        await sleep(STORE_RETRY_MS, undefined, { signal: gone }).catch(() => {})
      }
    }
  }
}

function feedEventView({ id, at, sandboxId, name, event, data }: FeedEvent): FeedEventView {
  return { id, at: new Date(at).toISOString(), sandbox: sandboxId, name, event, data }
}
