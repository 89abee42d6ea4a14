import type { FastifyReply, FastifyRequest } from 'fastify'
import { OmegaError } from '../../core/errors.ts'
import { parsePreviewLabel, quote } from '../../core/names.ts'
import { bearerOf, checkTicket, mintTicket } from '../../drivers/credentials.ts'

/** In this version there is one person: whoever has the API token. */
export const OWNER = 'owner'

/** As long as the session that is opened with it. */
const CREDENTIAL_MS = 30 * 24 * 3_600_000

/** In the fragment of the links into a sandbox: a browser keeps it over redirects and sends it to nobody. */
export const FRAGMENT = 'omega-settings'

/**
 * Who may read and change whose settings from a sandbox's page. The page has no credential of the master's but this one,
 * `PERSON/TICKET`, which is good for nothing else: what runs in a sandbox can read it.
 */
export class SettingsAccess {
  readonly #key: string
  readonly #domain: string

  /** `key`: the fleet's for settings. `domain`: the zone the sandboxes are in. */
  constructor(key: string, domain: string) {
    this.#key = key
    this.#domain = domain.toLowerCase()
  }

  credential(person = OWNER): string {
    return `${person}/${mintTicket(this.#key, person, Date.now() + CREDENTIAL_MS)}`
  }

  /** Whose settings the request's credential opens; undefined when it is something else. */
  personOf(request: FastifyRequest): string | undefined {
    const match = /^([a-z0-9-]{1,40})\/([\w.-]+)$/.exec(bearerOf(request.headers.authorization) ?? '')
    if (!match?.[1] || !match[2]) return undefined
    if (checkTicket(this.#key, match[1], match[2], Date.now())) return match[1]
    throw new OmegaError(
      'UNAUTHENTICATED',
      'This settings credential is over. Open the sandbox from the dashboard again.',
    )
  }

  /** Lets a page of a sandbox of this zone read the answer. A preview's page is the app's, not ours. */
  allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
    reply.header('vary', 'origin')
    const { origin } = request.headers
    if (origin === undefined || !this.#isPage(origin)) return
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, PATCH',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '7200',
    })
  }

  /** A page that holds somebody's credential must be one of the zone's; a program sends no Origin. */
  checkOrigin(request: FastifyRequest): void {
    const { origin } = request.headers
    if (origin === undefined || this.#isPage(origin)) return
    throw new OmegaError(
      'FORBIDDEN',
      `A page of ${quote(origin)} may not do this: it is no sandbox of ${this.#domain}.`,
    )
  }

  #isPage(origin: string): boolean {
    const label = /^https?:\/\/([a-z0-9-]{1,63})\.([a-z0-9.-]+)(?::\d{1,5})?$/.exec(origin)
    return label?.[2] === this.#domain && parsePreviewLabel(label[1] ?? '') === undefined
  }
}
