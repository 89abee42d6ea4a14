import { createHash, createHmac } from 'node:crypto'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import type { WebhookMessage, WebhookOutcome } from '../core/webhook.ts'
import { derive } from './credentials.ts'

/** Receivers answer first and work later; who takes longer than this is tried again. */
const ANSWER_WITHIN_MS = 20_000

/** An address that an operator has given. It may lead anywhere, also to private addresses: that is the operator's word. */
export interface WebhookTarget {
  /** Short, made from the URL, harmless to show. */
  id: string
  url: string
  /** The URL without its query, where receivers keep secrets. */
  shown: string
}

/** From `--webhook`: URLs, comma separated. Throws INVALID_REQUEST. */
export function webhookTargets(text: string): WebhookTarget[] {
  const urls = text.split(',').map((part) => part.trim())
  return [...new Set(urls.filter((url) => url !== ''))].map((given) => {
    const url = URL.canParse(given) ? new URL(given) : undefined
    if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
      throw new OmegaError(
        'INVALID_REQUEST',
        `--webhook has ${quote(given)}. Allowed is http://... or https://... without user and password, several with commas (a comma inside is written %2C).`,
      )
    }
    const id = createHash('sha256').update(url.href).digest('base64url').slice(0, 16)
    return { id, url: url.href, shown: `${url.origin}${url.pathname}` }
  })
}

/** The fleet's key for webhooks, as receivers' libraries take it: `whsec_` and base64. */
export function webhookSecret(fleetSecret: string): string {
  return `whsec_${keyOf(fleetSecret).toString('base64')}`
}

/** Of the header `webhook-signature`. `timestamp` is seconds since the epoch. */
export function signature(key: Buffer, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** Sends messages as Standard Webhooks 1.0.0 says (standardwebhooks.com): signed, not following redirects. */
export class WebhookSender {
  readonly #key: Buffer
  readonly #agent: string

  constructor(fleetSecret: string, version: string) {
    this.#key = keyOf(fleetSecret)
    this.#agent = `omega/${version}`
  }

  /** One attempt; `now` is milliseconds since the epoch. Rejects only when `signal` is aborted. */
  async send(url: string, { id, body }: WebhookMessage, now: number, signal: AbortSignal): Promise<WebhookOutcome> {
    const timestamp = String(Math.floor(now / 1000))
    const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': this.#agent,
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': signature(this.#key, id, timestamp, body),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([deadline, signal]),
      })
      await response.body?.cancel()
      return outcomeOf(response, now)
    } catch (error) {
      signal.throwIfAborted()
      const seconds = ANSWER_WITHIN_MS / 1000
      return { outcome: 'failed', reason: deadline.aborted ? `no answer within ${seconds} s` : reasonOf(error) }
    }
  }
}

function outcomeOf({ status, ok, headers }: Response, now: number): WebhookOutcome {
  if (ok) return { outcome: 'delivered' }
  if (status === 410) return { outcome: 'gone' }
  const retryAfterMs = retryAfter(headers.get('retry-after'), now)
  return { outcome: 'failed', reason: `it answered ${status}`, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from now. */
function retryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return ms >= 0 ? ms : undefined
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string }
  return cause?.code ?? cause?.message ?? message ?? String(error)
}

function keyOf(fleetSecret: string): Buffer {
  return Buffer.from(derive(fleetSecret, 'webhook'), 'base64url')
}
