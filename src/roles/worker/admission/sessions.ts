import { OmegaError } from '../../../core/errors.ts'
import type { Claim } from '../../../core/wire/worker.ts'
import { bearerOf, checkTicket, mintTicket, sameSecret } from '../../../drivers/credentials.ts'
import type { HostName } from './host-name.ts'

const COOKIE = 'omega-session'
const SESSION_MS = 30 * 24 * 60 * 60 * 1000
/** A preview link is followed at once by the page that asked for it. */
const PREVIEW_TICKET_MS = 60_000

/** Cookies of our name that are looked at: a flood of false ones costs no more than this. */
const MAX_COOKIES = 16

const isOurCookie = (pair: string) => /^\s*(?:__Host-)?omega-session\s*(?:=|$)/.test(pair)

/** Who is let in: the holder of the sandbox's token, or a browser with the cookie it got for a ticket. */
export class Sessions {
  readonly #now: () => number
  /** Tickets used, with their end: a ticket that is over is refused by its date. */
  readonly #used = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** How a request with these headers is known, or undefined when it is not. */
  recognise(
    headers: { authorization?: string | undefined; cookie?: string | undefined },
    claim: Claim,
    host: HostName,
  ): 'bearer' | 'cookie' | undefined {
    if (isBearer(headers.authorization, claim)) return 'bearer'
    const ours = (headers.cookie ?? '').split(';').filter(isOurCookie)
    // A sibling may set a cookie of this name for the whole domain (cookie tossing): only a genuine one counts, and a
    // false one beside it locks nobody out.
    const isGenuine = (pair: string) =>
      checkTicket(claim.token, `session/${host.name}`, pair.slice(pair.indexOf('=') + 1).trim(), this.#now()) !==
      undefined
    return ours.slice(0, MAX_COOKIES).some(isGenuine) ? 'cookie' : undefined
  }

  /** Takes a ticket in payment, once, and gives the Set-Cookie header of a session on this host. */
  enter(ticket: string, claim: Claim, host: HostName, secure: boolean): string {
    const now = this.#now()
    const good = checkTicket(claim.token, audienceOf(host.previewOf), ticket, now)
    for (const [nonce, expires] of this.#used) if (expires <= now) this.#used.delete(nonce)
    if (!good || this.#used.has(good.nonce)) {
      throw new OmegaError(
        'UNAUTHENTICATED',
        'This link was used already, is over or was made for something else. Open the sandbox again from the dashboard, or with `omega sandbox open`.',
      )
    }
    this.#used.set(good.nonce, good.expires)
    const value = mintTicket(claim.token, `session/${host.name}`, now + SESSION_MS)
    const attributes = `Path=/; Max-Age=${SESSION_MS / 1000}; HttpOnly; SameSite=Lax`
    return secure ? `__Host-${COOKIE}=${value}; ${attributes}; Secure` : `${COOKIE}=${value}; ${attributes}`
  }

  /** A ticket for the preview of a port. */
  previewTicket(claim: Claim, port: number): string {
    return mintTicket(claim.token, audienceOf(port), this.#now() + PREVIEW_TICKET_MS)
  }
}

function audienceOf(previewOf: number | undefined): string {
  return previewOf === undefined ? 'ide' : `preview/${previewOf}`
}

/** Whether an Authorization header holds the sandbox's own token. */
export function isBearer(authorization: string | undefined, claim: Claim): boolean {
  const bearer = bearerOf(authorization)
  return bearer !== undefined && sameSecret(bearer, claim.token)
}

/** A Cookie header without our session, or undefined when nothing is left. */
export function withoutSession(cookie: string): string | undefined {
  const rest = cookie.split(';').filter((pair) => !isOurCookie(pair))
  return rest.length === 0 ? undefined : rest.join(';').trim()
}

/** A Set-Cookie header of the app as it may reach the browser: not our name, and for its own host only. */
export function appCookie(setCookie: string): string | undefined {
  const [pair = '', ...attributes] = setCookie.split(';')
  // Without a name, as in `=omega-session=x`, the value is all that a browser sends: it would be our name again.
  if (isOurCookie(pair.replace(/^[\s=]+/, ''))) return undefined
  return [pair, ...attributes.filter((attribute) => !/^\s*domain\s*(?:=|$)/i.test(attribute))].join(';')
}
