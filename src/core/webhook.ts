import type { FeedEvent } from './fleet-feed.ts'

/** The first retry comes after about this long, each next one after three times as long, up to the last. */
const FIRST_RETRY_MS = 5_000
const LAST_RETRY_MS = 4 * 3_600_000
/** An event that was refused for so long is given up, so that those behind it get through. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000

/** What is sent: the event as Standard Webhooks wants it. */
export interface WebhookMessage {
  /** Of the event: the same whenever it is sent, so that a receiver knows a repeat. */
  id: string
  /** JSON: {type, timestamp, data}. */
  body: string
}

/** How far an address has got, as its bookmark keeps it. */
export interface WebhookProgress {
  /** Id of the last event that was delivered (or given up). */
  after: string
  /** The event after it, if it was refused. Times are milliseconds since the epoch. */
  failing?: { attempts: number; since: number; nextAt: number; reason: string }
  /** When the receiver said that it wants no more (410), milliseconds since the epoch. */
  disabledAt?: number
}

export type WebhookOutcome =
  | { outcome: 'delivered' }
  /** The receiver wants no more, ever. */
  | { outcome: 'gone' }
  /** To be tried again, not before `retryAfterMs` if the receiver said so. */
  | { outcome: 'failed'; reason: string; retryAfterMs?: number }

export function webhookMessage({ id, at, sandboxId, name, event, data }: FeedEvent): WebhookMessage {
  const timestamp = new Date(at).toISOString()
  const body = { type: `sandbox.${event}`, timestamp, data: { ...data, sandbox: { id: sandboxId, name } } }
  return { id: `evt_${id}`, body: JSON.stringify(body) }
}

/** How long to wait after so many failed attempts: growing, and never the same for all. `random` is from 0 to 1. */
export function retryDelay(attempts: number, random: number): number {
  const most = Math.min(FIRST_RETRY_MS * 3 ** (attempts - 1), LAST_RETRY_MS)
  return Math.round(most * (0.5 + random / 2))
}

/** Where an address stands after an event was tried. `givenUp`: the event is passed over for good. */
export function afterAttempt(
  progress: WebhookProgress,
  eventId: string,
  result: WebhookOutcome,
  now: number,
  random: number,
): { progress: WebhookProgress; givenUp: boolean } {
  const { after, failing } = progress
  if (result.outcome === 'delivered') return { progress: { after: eventId }, givenUp: false }
  if (result.outcome === 'gone') return { progress: { after, disabledAt: now }, givenUp: false }
  const since = failing?.since ?? now
  if (now - since >= GIVE_UP_AFTER_MS) return { progress: { after: eventId }, givenUp: true }
  const attempts = (failing?.attempts ?? 0) + 1
  const wait = Math.max(retryDelay(attempts, random), Math.min(result.retryAfterMs ?? 0, LAST_RETRY_MS))
  return {
    progress: { after, failing: { attempts, since, nextAt: now + wait, reason: result.reason } },
    givenUp: false,
  }
}
