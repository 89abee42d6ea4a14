import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Every credential of a fleet is derived from one secret, so that any master knows all of them and none is stored.
 * HMAC-SHA-256 with a purpose as its message; base64url.
 */
export type Purpose =
  | ('api' | 'join' | 'images' | 'dns' | 'settings' | 'webhook')
  | (`host/${string}` | `sandbox/${string}` | `claim/${string}` | `launch/${string}`)

export function derive(secret: string, purpose: Purpose): string {
  return createHmac('sha256', secret).update(`omega/1/${purpose}`).digest('base64url')
}

/** Compares without telling by its time where the difference is. */
export function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}

/** What may be told of a secret to somebody who shall only recognise it: its SHA-256, base64url. */
export function hashToken(token: string): string {
  return createHash('sha256').update(`omega/1/claim/${token}`).digest('base64url')
}

/** The token of `Authorization: Bearer TOKEN` (RFC 6750), or undefined. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1]
}

/**
 * A ticket lets one browser in, once: `EXPIRES.NONCE.MAC`, where `audience` says to what (`ide`, `preview/5173`,
 * `session`). `EXPIRES` is in milliseconds since the epoch. Whether it was used before is for its taker to know.
 */
export function mintTicket(token: string, audience: string, expires: number): string {
  const nonce = randomBytes(12).toString('base64url')
  return `${expires}.${nonce}.${macOf(token, audience, expires, nonce)}`
}

/** The ticket's nonce and end, or undefined if it is not genuine, not for this audience, or over at `now`. */
export function checkTicket(
  token: string,
  audience: string,
  ticket: string,
  now: number,
): { nonce: string; expires: number } | undefined {
  const match = /^(\d{1,15})\.([\w-]{16})\.([\w-]{43})$/.exec(ticket)
  if (!match?.[1] || !match[2] || !match[3]) return undefined
  const expires = Number(match[1])
  if (expires <= now) return undefined
  if (!sameSecret(match[3], macOf(token, audience, expires, match[2]))) return undefined
  return { nonce: match[2], expires }
}

/** The secret that a preview's frame and the IDE's page know each other by; `host` is the preview's name. */
export function frameKey(token: string, host: string): string {
  return createHmac('sha256', token).update(`frame/${host}`).digest('base64url')
}

function macOf(token: string, audience: string, expires: number, nonce: string): string {
  return createHmac('sha256', token).update(`ticket/${audience}/${expires}/${nonce}`).digest('base64url')
}
