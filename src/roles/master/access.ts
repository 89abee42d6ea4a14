import { isIP } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OmegaError } from '../../core/errors.ts'
import { quote } from '../../core/names.ts'
import { bearerOf, checkTicket, mintTicket, sameSecret } from '../../drivers/credentials.ts'

const COOKIE = 'omega-dashboard'
const SESSION_MS = 30 * 24 * 3_600_000
const LINK_MS = 24 * 3_600_000

/** Who may do what at the master as an operator: by token or by session. */
export class Access {
  readonly #apiToken: string
  readonly #hostNames: Set<string>

  constructor(apiToken: string, hostNames: readonly string[]) {
    this.#apiToken = apiToken
    this.#hostNames = new Set(['localhost', ...hostNames.map((name) => name.toLowerCase())])
  }

  /**
   * Refuses names the master is not known by, so that no web site can reach it by making its own name point here (DNS
   * rebinding). An address cannot be rebound and is let through.
   */
  checkHost(request: FastifyRequest): void {
    const { host } = request.headers
    const name = (host ?? '')
      .replace(/:\d+$/, '')
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
      .toLowerCase()
    const hosts = request.raw.rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === 'host')
    if (hosts.length === 1 && (isIP(name) !== 0 || this.#hostNames.has(name))) return
    throw new OmegaError(
      'WRONG_HOST',
      `The master is not known as ${quote(host ?? '')}. It answers to ${[...this.#hostNames].join(', ')} and to its addresses; --public-url adds a name.`,
    )
  }

  /** Lets an operator through: by bearer token, or by the dashboard's session cookie from the dashboard's own origin. */
  checkOperator(request: FastifyRequest): void {
    const bearer = bearerOf(request.headers.authorization)
    if (bearer !== undefined) {
      if (sameSecret(bearer, this.#apiToken)) return
      throw new OmegaError('UNAUTHENTICATED', 'The bearer token is wrong. `omega login URL` asks for the right one.')
    }
    if (!this.hasSession(request)) {
      throw new OmegaError(
        'UNAUTHENTICATED',
        'There is no token. Send `Authorization: Bearer TOKEN`, or sign in on the dashboard.',
      )
    }
    this.checkOrigin(request)
  }

  /** Refuses those without any token; whose it is, each route finds out. */
  checkBearer(request: FastifyRequest): void {
    if (bearerOf(request.headers.authorization) !== undefined) return
    throw new OmegaError('UNAUTHENTICATED', 'The join token is missing. It is derived from the fleet secret.')
  }

  hasSession(request: FastifyRequest): boolean {
    const pairs = (request.headers.cookie ?? '').split(/;\s*/)
    return pairs.some((pair) => {
      const [name, value] = pair.split('=')
      return name === COOKIE && checkTicket(this.#apiToken, 'session', value ?? '', Date.now()) !== undefined
    })
  }

  /** A browser's request that changes something must come from a page of this very origin. */
  checkOrigin(request: FastifyRequest): void {
    const { origin, host } = request.headers
    const safe = ['GET', 'HEAD', 'OPTIONS'].includes(request.method)
    if (origin === undefined ? safe : origin === `http://${host}` || origin === `https://${host}`) return
    throw new OmegaError(
      'FORBIDDEN',
      `A page of ${quote(origin ?? 'no origin')} may not do this. Use the dashboard, or a bearer token.`,
    )
  }

  /** True if the text is the API token or a sign-in link's ticket. */
  isSignIn(text: string): boolean {
    return sameSecret(text, this.#apiToken) || checkTicket(this.#apiToken, 'sign-in', text, Date.now()) !== undefined
  }

  /** What a sign-in link carries; good for a day. */
  signInTicket(): string {
    return mintTicket(this.#apiToken, 'sign-in', Date.now() + LINK_MS)
  }

  openSession(reply: FastifyReply): void {
    const value = mintTicket(this.#apiToken, 'session', Date.now() + SESSION_MS)
    reply.header('set-cookie', `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${SESSION_MS / 1000}`)
  }

  closeSession(reply: FastifyReply): void {
    reply.header('set-cookie', `${COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`)
  }
}
