import type { HostName } from '../../../core/host-name.ts'
import type { Claim } from '../../../core/wire/worker.ts'
import { frameKey, sameSecret } from '../../../drivers/credentials.ts'

/** Says that the IDE's page has this host in a frame, which it watches. Opens nothing. */
const COOKIE = 'omega-frame'
/** Cookies of that name that are looked at. */
const MAX_COOKIES = 8

/** The Set-Cookie header for a link that was made for a frame: it has the frame's key. Undefined for any other. */
export function frameCookie(key: string | null, claim: Claim, host: HostName, secure: boolean): string | undefined {
  if (key === null || host.previewOf === undefined || !sameSecret(key, frameKey(claim.token, host.name)))
    return undefined
  const attributes = 'Path=/; HttpOnly; SameSite=Lax'
  return secure ? `__Host-${COOKIE}=${key}; ${attributes}; Secure` : `${COOKIE}=${key}; ${attributes}`
}

/** Whether a Cookie header says that the IDE's page has this host in a frame. */
export function isWatched(cookie: string | undefined, claim: Claim, host: HostName): boolean {
  const ours = (cookie ?? '').split(';').filter((pair) => /^\s*(?:__Host-)?omega-frame\s*=/.test(pair))
  const key = frameKey(claim.token, host.name)
  return ours.slice(0, MAX_COOKIES).some((pair) => sameSecret(pair.slice(pair.indexOf('=') + 1).trim(), key))
}
