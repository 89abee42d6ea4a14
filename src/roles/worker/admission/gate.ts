import type { IncomingMessage } from 'node:http'
import { OmegaError } from '../../../core/errors.ts'
import { type HostName, isLocalPath, isOwnOrigin, parseHost, siblingOf } from '../../../core/host-name.ts'
import type { PreviewUse } from '../../../core/wire/preview-link.ts'
import type { Claim } from '../../../core/wire/worker.ts'
import { frameKey } from '../../../drivers/credentials.ts'
import { type Identity, notReady } from './identity.ts'
import type { Sessions } from './sessions.ts'
import type { Guest, Visitor } from './visitor.ts'
import { frameCookie } from './watched-frame.ts'

/** Asked by the manager, by address, before and after the claim; everything else needs a name and a credential. */
const open = new Set(['GET /healthz', 'HEAD /healthz', 'GET /readyz', 'HEAD /readyz', 'POST /_omega/claim'])

/** What people who may only look may ask for besides reading. */
const lookersMay = new Set(['POST /_omega/preview-link'])

/** What is to be done with a request. */
export type Admission =
  | { to: 'own'; visitor?: Visitor }
  | { to: 'preview'; host: HostName; port: number; visitor: Visitor }
  | { to: 'redirect'; location: string; cookies?: string[] }
  /** The browser's session has ended with the link it came by; that is said once. */
  | { to: 'ended'; cookies: string[] }

export interface GateOptions {
  identity: Identity
  sessions: Sessions
  /** Believe X-Forwarded-Proto: something trusted in front ends TLS and always sets it. */
  trustForwardedProto: boolean
}

/**
 * Decides about every request and upgrade by its head alone, before a byte of its body is read: is it for a name of
 * ours, who sends it, and from which page. Refusals are thrown as OmegaErrors.
 */
export class Gate {
  readonly #options: GateOptions
  readonly #guests = new WeakMap<IncomingMessage, Guest>()

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Whether the browser spoke TLS, as far as we are told by somebody we believe. */
  isSecure(request: IncomingMessage): boolean {
    return this.#options.trustForwardedProto && request.headers['x-forwarded-proto'] === 'https'
  }

  admit(request: IncomingMessage): Admission {
    const target = request.url ?? ''
    if (!target.startsWith('/')) {
      throw new OmegaError('INVALID_REQUEST', 'The request target must be a path, beginning with a slash.')
    }
    const path = pathOf(target)
    const isOpen = open.has(`${request.method} ${path}`)
    const { claim } = this.#options.identity
    const header = onlyHost(request)
    if (!claim) {
      if (isOpen) return { to: 'own' }
      throw notReady()
    }

    let host: HostName
    try {
      host = parseHost(header, claim)
    } catch (error) {
      if (isOpen) return { to: 'own' }
      throw error
    }
    if (path === '/_omega/enter') return this.#enter(request, claim, host)
    if (isOpen && host.previewOf === undefined) return { to: 'own' }

    const visitor = this.#options.sessions.recognise(request.headers, claim, host)
    if (!visitor) return this.#askForSession(request, claim, host)
    if (!isSafe(request)) checkOrigin(request, host, visitor.by)
    return host.previewOf === undefined
      ? this.#own(request, claim, host, guestOf(visitor))
      : { to: 'preview', host, port: host.previewOf, visitor }
  }

  /** Who sent a request that was let through to our own host. */
  guestOf(request: IncomingMessage): Guest {
    const guest = this.#guests.get(request)
    if (guest) return guest
    throw new OmegaError('UNAUTHENTICATED', 'It is not known who asks.')
  }

  /** A path of the IDE's own host; `/_omega/preview` is answered here, since it is about hosts and tickets only. */
  #own(request: IncomingMessage, claim: Claim, host: HostName, guest: Guest): Admission {
    const path = pathOf(request.url ?? '')
    if (guest.access === 'look' && !isReading(request) && !lookersMay.has(`${request.method} ${path}`)) {
      throw new OmegaError('FORBIDDEN', 'You may look at this sandbox, but change nothing in it.')
    }
    this.#guests.set(request, guest)
    if (path !== '/_omega/preview') return { to: 'own', visitor: guest }
    const query = queryOf(request)
    const port = Number(/^[1-9]\d{0,4}$/.exec(query.get('port') ?? '')?.[0])
    if (!(port <= 65_535)) throw new OmegaError('INVALID_REQUEST', 'The port must be a number from 1 to 65535.')
    const location = this.previewLink(request, claim, host, port, localPath(query.get('to')), guest, 'tab')
    return { to: 'redirect', location }
  }

  /** A link that opens a path of a port's preview in this browser, once and soon. */
  previewLink(
    request: IncomingMessage,
    claim: Claim,
    host: HostName,
    port: number,
    path: string,
    visitor: Visitor,
    use: PreviewUse,
  ): string {
    const token = this.#options.sessions.previewTicket(claim, port, visitor, use)
    const frame =
      use === 'frame' ? { frame: frameKey(claim.token, parseHost(siblingOf(host, claim, port), claim).name) } : {}
    return this.#enterLink(request, claim, host, port, { token, to: path, ...frame })
  }

  /** A link that lets in whoever follows it, to the IDE or to a port's preview. */
  shareLink(request: IncomingMessage, claim: Claim, port: number | undefined, share: string, path: string): string {
    const host = parseHost(request.headers.host ?? '', claim)
    return this.#enterLink(request, claim, host, port, { share, ...(path === '/' ? {} : { to: path }) })
  }

  #enterLink(
    request: IncomingMessage,
    claim: Claim,
    host: HostName,
    port: number | undefined,
    query: Record<string, string>,
  ): string {
    const authority = siblingOf(host, claim, port)
    return `${this.#schemeOf(request)}://${authority}/_omega/enter?${new URLSearchParams(query)}`
  }

  #enter(request: IncomingMessage, claim: Claim, host: HostName): Admission {
    if (request.method !== 'GET') throw new OmegaError('METHOD_NOT_ALLOWED', 'Only GET is allowed here.')
    const query = queryOf(request)
    const location = localPath(query.get('to'))
    const { sessions } = this.#options
    const known = sessions.recognise(request.headers, claim, host)
    const share = query.get('share')
    // Somebody who is in already, by the back button or a link kept: there is nothing left to pay for. A guest may
    // have been signed in since.
    const secure = this.isSecure(request)
    const frame = frameCookie(query.get('frame'), claim, host, secure)
    const cookies = frame === undefined ? [] : [frame]
    if (known && known.share === undefined) return { to: 'redirect', location, cookies }
    const cookie =
      share === null
        ? sessions.enter(query.get('token') ?? '', known, claim, host, secure)
        : sessions.enterByShare(share, known, claim, host, secure)
    return { to: 'redirect', location, cookies: cookie === undefined ? cookies : [cookie, ...cookies] }
  }

  /** A person who navigates is sent to where a session is to be had; a program is told. */
  #askForSession(request: IncomingMessage, claim: Claim, host: HostName): Admission {
    const { sessions } = this.#options
    const hasEnded = sessions.cameByEndedShare(request.headers, claim, host)
    if (!isNavigation(request)) {
      if (hasEnded) {
        throw new OmegaError('UNAUTHENTICATED', 'The link by which you came has ended. Ask for a new one.', {
          link: 'ended',
        })
      }
      throw new OmegaError(
        'UNAUTHENTICATED',
        'This sandbox is private. Send its token (Authorization: Bearer TOKEN), or open it from the dashboard.',
      )
    }
    if (hasEnded) return { to: 'ended', cookies: sessions.forget(this.isSecure(request)) }
    const to = new URLSearchParams({ to: request.url ?? '/' })
    if (host.previewOf === undefined) {
      return { to: 'redirect', location: `${claim.masterUrl}/open/${claim.subdomain}?${to}` }
    }
    to.set('port', String(host.previewOf))
    const ide = siblingOf(host, claim, undefined)
    return { to: 'redirect', location: `${this.#schemeOf(request)}://${ide}/_omega/preview?${to}` }
  }

  #schemeOf(request: IncomingMessage): 'http' | 'https' {
    return this.isSecure(request) ? 'https' : 'http'
  }
}

/** A browser's address bar or frame asks, and can show a page. */
export function isNavigation(request: IncomingMessage): boolean {
  return request.method === 'GET' && !request.headers.upgrade && /\btext\/html\b/.test(request.headers.accept ?? '')
}

/** The one Host header; Node keeps the first of several, so they are counted in the raw ones. */
function onlyHost(request: IncomingMessage): string {
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length === 1) return request.headers.host ?? ''
  throw new OmegaError('INVALID_REQUEST', `There are ${hosts.length} Host headers; there must be exactly one.`)
}

function isReading(request: IncomingMessage): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '')
}

/** An upgrade is a GET, but it opens a two-way channel that the same-origin policy does not guard. */
function isSafe(request: IncomingMessage): boolean {
  return isReading(request) && request.headers.upgrade === undefined
}

function checkOrigin(request: IncomingMessage, host: HostName, by: 'bearer' | 'cookie'): void {
  const { origin } = request.headers
  if (origin === undefined ? by === 'bearer' : isOwnOrigin(origin, host)) return
  throw new OmegaError(
    'FORBIDDEN',
    `A page of ${origin === undefined ? 'unknown origin' : 'another origin'} must not do this; only pages of ${host.authority} may.`,
  )
}

/** A session of a port is never one of the IDE's host; were it, it would open nothing there. */
function guestOf(visitor: Visitor): Guest {
  const { access } = visitor
  if (access !== 'preview') return { ...visitor, access }
  throw new OmegaError('FORBIDDEN', 'The link by which you came opens one port, and nothing of the sandbox itself.')
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? ''
}

function queryOf(request: IncomingMessage): URLSearchParams {
  const target = request.url ?? ''
  return new URLSearchParams(target.slice(pathOf(target).length))
}

function localPath(path: string | null): string {
  if (path === null) return '/'
  if (isLocalPath(path)) return path
  throw new OmegaError('INVALID_REQUEST', 'The place to go to must be a path of this host, beginning with one slash.')
}
