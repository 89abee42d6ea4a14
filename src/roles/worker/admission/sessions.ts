import { OmegaError } from '../../../core/errors.ts'
import type { HostName } from '../../../core/host-name.ts'
import type { PreviewUse } from '../../../core/wire/preview-link.ts'
import type { Claim } from '../../../core/wire/worker.ts'
import { bearerOf, sameSecret } from '../../../drivers/credentials.ts'
import {
  entryAudience,
  mintFor,
  readTicket,
  SESSION_COOKIE,
  sessionAudience,
  sessionsIn,
  type TicketBearer,
} from '../../../drivers/session-ticket.ts'
import type { Share, Shares } from './shares.ts'
import { rankOf, type Visitor } from './visitor.ts'

const SESSION_MS = 30 * 24 * 60 * 60 * 1000
/** A preview link is followed at once by the page that asked for it; a phone has to be found first. */
const PREVIEW_TICKET_MS: Record<PreviewUse, number> = { frame: 60_000, tab: 60_000, phone: 10 * 60_000 }

/** Sessions, and what says that a preview is in a frame of ours (watched-frame.ts). */
const isOurCookie = (pair: string) => /^\s*(?:__Host-)?omega-(?:session|frame)\s*(?:=|$)/.test(pair)

interface Headers {
  authorization?: string | undefined
  cookie?: string | undefined
}

/**
 * Who is let in: the holder of the sandbox's token, or a browser with the cookie it got for a ticket or a shared link.
 *
 * Tickets and cookies are signed with the sandbox's token for one audience. Those of a link's guests name their access
 * and the link (`look.sh_....TICKET`), which are part of the audience; they are good only while the link is.
 */
export class Sessions {
  readonly #now: () => number
  readonly #shares: Pick<Shares, 'of' | 'alive'>
  /** Tickets used, with their end: a ticket that is over is refused by its date. */
  readonly #used = new Map<string, number>()

  constructor(now: () => number, shares: Pick<Shares, 'of' | 'alive'>) {
    this.#now = now
    this.#shares = shares
  }

  /** Who sends a request with these headers, or undefined when that is not known. */
  recognise(headers: Headers, claim: Claim, host: HostName): Visitor | undefined {
    if (isBearer(headers.authorization, claim)) return { by: 'bearer', access: 'edit' }
    // A sibling may set a cookie of this name for the whole domain (cookie tossing): only a genuine one counts, a false
    // one beside it locks nobody out, and a weaker one takes nothing away.
    const visitors = this.#sessionsOf(headers, claim, host).flatMap(({ as }) => (this.#isAlive(as) ? [as] : []))
    return visitors.reduce<Visitor | undefined>(
      (best, next) => (best && rankOf(best) >= rankOf(next) ? best : next),
      undefined,
    )
  }

  /** Whether the browser came by a link that has ended. */
  cameByEndedShare(headers: Headers, claim: Claim, host: HostName): boolean {
    return this.#sessionsOf(headers, claim, host).some(({ as }) => !this.#isAlive(as))
  }

  /**
   * Takes a ticket in payment, once, and gives the Set-Cookie header of a session on this host. `known` is who it is
   * already: then a ticket that is not good does no harm, and gives undefined.
   */
  enter(ticket: string, known: Visitor | undefined, claim: Claim, host: HostName, secure: boolean): string | undefined {
    const now = this.#now()
    const good = readTicket(claim.token, entryAudience(host.previewOf), ticket, now)
    for (const [nonce, expires] of this.#used) if (expires <= now) this.#used.delete(nonce)
    if (!good || this.#used.has(good.nonce) || !this.#isAlive(visitorOf(good.as))) {
      if (known) return undefined
      throw new OmegaError(
        'UNAUTHENTICATED',
        'This link was used already, is over or was made for something else. Open the sandbox again from the dashboard, or with `omega sandbox open`.',
      )
    }
    this.#used.set(good.nonce, good.expires)
    return this.#cookie(visitorOf(good.as), claim, host, secure)
  }

  /**
   * The Set-Cookie header for a browser that follows a shared link; undefined when what it has is as good. `known` is
   * who it is already.
   */
  enterByShare(
    token: string,
    known: Visitor | undefined,
    claim: Claim,
    host: HostName,
    secure: boolean,
  ): string | undefined {
    const share = this.#shares.of(token)
    const isForHere = host.previewOf === undefined ? share?.access !== 'preview' : share?.port === host.previewOf
    if (!share || !isForHere) {
      throw new OmegaError(
        'UNAUTHENTICATED',
        'This link is not complete, is over or was revoked. Ask whoever gave it to you for a new one.',
      )
    }
    const visitor: Visitor = { by: 'cookie', access: share.access, share: share.id }
    if (known && !this.#isBetter(visitor, share, known)) return undefined
    return this.#cookie(visitor, claim, host, secure)
  }

  /** A ticket for the preview of a port; whose is a guest's opens it as long as their link lasts. */
  previewTicket(claim: Claim, port: number, visitor: Visitor, use: PreviewUse): string {
    return mintFor(claim.token, entryAudience(port), visitor, this.#now() + PREVIEW_TICKET_MS[use])
  }

  /** Set-Cookie headers that take a session away. */
  forget(secure: boolean): string[] {
    const none = `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`
    return secure ? [none, `__Host-${none}; Secure`] : [none]
  }

  #cookie(visitor: Visitor, claim: Claim, host: HostName, secure: boolean): string {
    const value = mintFor(claim.token, sessionAudience(host.name), visitor, this.#now() + SESSION_MS)
    const attributes = `Path=/; Max-Age=${SESSION_MS / 1000}; HttpOnly; SameSite=Lax`
    return secure
      ? `__Host-${SESSION_COOKIE}=${value}; ${attributes}; Secure`
      : `${SESSION_COOKIE}=${value}; ${attributes}`
  }

  #isBetter(visitor: Visitor, share: Share, known: Visitor): boolean {
    const [rank, knownRank] = [rankOf(visitor), rankOf(known)]
    if (rank !== knownRank) return rank > knownRank
    const before = known.share === undefined ? undefined : this.#shares.alive(known.share)
    const end = (expiresAt: number) => expiresAt || Number.POSITIVE_INFINITY
    return before === undefined || end(share.expiresAt) > end(before.expiresAt)
  }

  /** The genuine sessions among the cookies, alive or not. */
  #sessionsOf(headers: Headers, claim: Claim, host: HostName): { as: Visitor }[] {
    const audience = sessionAudience(host.name)
    return sessionsIn(headers.cookie).flatMap((value) => {
      const good = readTicket(claim.token, audience, value, this.#now())
      return good ? { as: visitorOf(good.as) } : []
    })
  }

  #isAlive({ share, access }: Visitor): boolean {
    return share === undefined || this.#shares.alive(share)?.access === access
  }
}

function visitorOf(bearer: TicketBearer): Visitor {
  return { by: 'cookie', ...bearer }
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
