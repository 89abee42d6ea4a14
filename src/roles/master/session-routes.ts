import { Type } from 'typebox'
import { OmegaError } from '../../core/errors.ts'
import { mintTicket } from '../../drivers/credentials.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { Access } from './access.ts'
import type { Lifecycle } from './lifecycle.ts'
import { FRAGMENT, type SettingsAccess } from './settings-access.ts'
import { urlOf } from './views.ts'

/** Long enough to carry a link from a terminal to a browser; the link works once. */
const OPEN_LINK_MS = 10 * 60_000

export interface OpenLinkParts {
  lifecycle: Lifecycle
  domain: string
  settingsAccess: SettingsAccess
}

export interface SessionParts extends OpenLinkParts {
  access: Access
}

/**
 * A one-time link that signs a browser in to a sandbox's IDE and lands on `to`. Its fragment, which no server sees, lets
 * the page ask the master for the person's settings.
 */
export function openLink(
  { lifecycle, domain, settingsAccess }: OpenLinkParts,
  sandbox: { id: string; subdomain: string; port: number },
  to = '/',
): string {
  const token = mintTicket(lifecycle.tokenOf(sandbox), 'ide', Date.now() + OPEN_LINK_MS)
  const query = new URLSearchParams({ token, ...(to === '/' ? {} : { to }) })
  return `${urlOf(sandbox, domain)}_omega/enter?${query}#${FRAGMENT}=${settingsAccess.credential()}`
}

/** A path of this origin and nothing else: what may stand behind `next` and `to`. */
export function localPath(text: string | undefined): string {
  return text && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) ? text : '/'
}

/** Sign-in and the way from the dashboard into a sandbox. */
export function registerSessionRoutes(app: WebApp, parts: SessionParts): void {
  const { access, lifecycle } = parts
  app.get('/v1/session', { schema: { hide: true } }, (request) => {
    access.checkOperator(request)
    return { signedIn: true }
  })

  app.post(
    '/v1/session',
    { schema: { hide: true, body: Type.Object({ token: Type.String({ maxLength: 500 }) }) } },
    (request, reply) => {
      access.checkOrigin(request)
      if (!access.isSignIn(request.body.token.trim())) {
        throw new OmegaError('UNAUTHENTICATED', 'This token is wrong. `omega login --show` prints the right one.')
      }
      access.openSession(reply)
      return { signedIn: true }
    },
  )

  app.delete('/v1/session', { schema: { hide: true } }, (request, reply) => {
    access.checkOrigin(request)
    access.closeSession(reply)
    return reply.code(204).send()
  })

  /** The link `omega up` prints: the token is exchanged for a cookie and leaves the address bar at once. */
  app.get(
    '/signin',
    {
      schema: {
        hide: true,
        querystring: Type.Object({ token: Type.Optional(Type.String()), next: Type.Optional(Type.String()) }),
      },
    },
    (request, reply) => {
      const next = localPath(request.query.next)
      reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store')
      if (access.isSignIn(request.query.token ?? '')) access.openSession(reply)
      else if (!access.hasSession(request)) {
        return reply.redirect(`/?${new URLSearchParams({ expired: '1', ...(next === '/' ? {} : { next }) })}`, 303)
      }
      return reply.redirect(next, 303)
    },
  )

  /** Where a sandbox sends a browser it does not know: whoever is signed in here gets a ticket for it. */
  app.get(
    '/open/:sandbox',
    {
      schema: {
        hide: true,
        params: Type.Object({ sandbox: Type.String() }),
        querystring: Type.Object({ to: Type.Optional(Type.String()) }),
      },
    },
    async (request, reply) => {
      reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store')
      if (!access.hasSession(request)) {
        return reply.redirect(`/?${new URLSearchParams({ next: request.url })}`, 303)
      }
      const sandbox = await lifecycle.findRunning(request.params.sandbox, 'visit')
      return reply.redirect(openLink(parts, sandbox, localPath(request.query.to)), 303)
    },
  )
}
