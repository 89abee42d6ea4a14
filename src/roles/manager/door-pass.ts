import type { HostName } from '../../core/host-name.ts'
import { bearerOf, sameSecret } from '../../drivers/credentials.ts'
import type { SandboxSecret } from '../../drivers/sandbox-secrets.ts'
import { entryAudience, readTicket, sessionAudience, sessionsIn } from '../../drivers/session-ticket.ts'
import { type DoorRequest, first, isNavigation, isUpgrade, pathOf, queryOf } from './door-request.ts'

/**
 * Whether a request wakes a sandbox that sleeps.
 *
 *     yes      somebody who may use it wants it
 *     notNow   they may, but a program asks on its own: a page that reconnects, a hot-reload client, a poll
 *     link     they come by a link shared with others, which only the worker knows: it has to be woken to be asked
 *     unknown  nobody knows who asks
 */
export function mayWake(
  request: DoorRequest,
  host: HostName,
  secret: SandboxSecret | undefined,
  now: number,
): 'yes' | 'notNow' | 'link' | 'unknown' {
  if (!secret) return 'unknown'
  const { token } = secret
  const bearer = bearerOf(first(request, 'authorization'))
  if (bearer !== undefined) return sameSecret(bearer, token) ? 'yes' : 'unknown'
  if (pathOf(request) === '/_omega/enter' && request.method === 'GET') {
    const query = queryOf(request)
    const ticket = query.get('token')
    if (ticket !== null && readTicket(token, entryAudience(host.previewOf), ticket, now)) return 'yes'
    if (/^sh_[0-9a-f]{16}\.[\w-]{20,}$/.test(query.get('share') ?? '')) return 'link'
  }
  const audience = sessionAudience(host.name)
  const known = sessionsIn(first(request, 'cookie')).some((value) => readTicket(token, audience, value, now))
  if (!known) return 'unknown'
  if (isUpgrade(request)) {
    const wants = host.previewOf === undefined && queryOf(request).get('wake') === '1'
    return wants ? 'yes' : 'notNow'
  }
  return isNavigation(request) ? 'yes' : 'notNow'
}
