import { type Static, Type } from 'typebox'
import { FEED_ID } from '../fleet-feed.ts'

/**
 * `GET /v1/events`: what happens to all sandboxes, in one order.
 *
 * As server-sent events each has its `id`, no `event` field and a FeedEventView as its data; an event `gap` says that
 * events before the next one were cut off. A client that comes back with `Last-Event-ID` gets what it missed.
 */
export const FeedEventView = Type.Object({
  id: Type.String({ description: 'Grows from event to event; begins with milliseconds since the epoch.' }),
  at: Type.String({ format: 'date-time' }),
  sandbox: Type.String({ description: "The sandbox's id." }),
  name: Type.String({ description: "The sandbox's name at that time; empty if it had no place." }),
  event: Type.String({ description: 'What happened: `placed`, `running`, `asleep`, `deleted`, ...' }),
  data: Type.Record(Type.String(), Type.Unknown()),
})
export type FeedEventView = Static<typeof FeedEventView>

export const FeedPageView = Type.Object({
  events: Type.Array(FeedEventView),
  after: Type.String({ description: 'Where the next page begins.' }),
  more: Type.Boolean({ description: 'There may be more right now.' }),
  missed: Type.Boolean({ description: 'Events before the first one were cut off: the feed keeps about 10,000.' }),
})
export type FeedPageView = Static<typeof FeedPageView>

const after = Type.String({
  pattern: FEED_ID,
  description:
    "An event's id, or milliseconds since the epoch; 0 for all that is kept. A stream begins now without it.",
})

export const FeedQuery = Type.Object(
  {
    after: Type.Optional(after),
    sandbox: Type.Optional(Type.String({ maxLength: 63, description: 'Id, subdomain or name: only its events.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000, description: 'Of one page.' })),
  },
  { additionalProperties: false },
)
export const FeedHeaders = Type.Object({
  accept: Type.Optional(Type.String()),
  'last-event-id': Type.Optional(after),
})
