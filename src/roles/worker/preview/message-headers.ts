import type { IncomingMessage } from 'node:http'
import { type HostName, siblingOf } from '../../../core/host-name.ts'
import type { Claim } from '../../../core/wire/worker.ts'
import { appCookie, isBearer, withoutSession } from '../admission/sessions.ts'

/** Of one connection only (RFC 9110 7.6.1); the next one has its own. */
const hopByHop = new Set(
  'connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect'.split(
    ' ',
  ),
)

/** Ours to say, whoever said it before. */
const forwarding = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
])

/** About what was changed or must be asked for whole when a script is put into a page. */
const conditions = new Set(['if-none-match', 'if-modified-since', 'if-range', 'range'])

export interface PreviewTarget {
  claim: Claim
  host: HostName
  /** 1 to 65535. */
  port: number
  scheme: 'http' | 'https'
}

export interface RequestChanges {
  /** Host, and Origin and Referer where they are the preview's own, say `localhost:PORT`. */
  asLocalhost: boolean
  /** The answer is going to be read here: whole and not compressed. */
  toRead: boolean
}

/** Name and value in turn, as the app gets them: without credentials of ours. */
export function requestHeaders(target: PreviewTarget, request: IncomingMessage, changes: RequestChanges): string[] {
  const { claim, host, scheme, port } = target
  const { asLocalhost, toRead } = changes
  const own = originOf(target)
  const kept = pairs(request, (name, value) => {
    if (forwarding.has(name) || name.startsWith('x-omega-')) return undefined
    if (name === 'authorization' && isBearer(value, claim)) return undefined
    if (name === 'cookie') return withoutSession(value)
    if (toRead && (conditions.has(name) || name === 'accept-encoding')) return undefined
    if (!asLocalhost) return value
    if (name === 'host') return `localhost:${port}`
    // Only our own: what comes from elsewhere must be seen to.
    if (name === 'origin' && value === own) return `http://localhost:${port}`
    if (name === 'referer' && value.startsWith(`${own}/`)) return `http://localhost:${port}${value.slice(own.length)}`
    return value
  })
  if (toRead) kept.push('Accept-Encoding', 'identity')
  // How the body is framed is kept, so that it is framed the same way again.
  if (request.headers['transfer-encoding'] !== undefined) kept.push('Transfer-Encoding', 'chunked')
  return [
    ...kept,
    ...['X-Forwarded-For', request.socket.remoteAddress ?? 'unknown'],
    ...['X-Forwarded-Host', host.authority],
    ...['X-Forwarded-Proto', scheme],
  ]
}

/** Name and value in turn, as the browser gets them. `map` may change or leave out more of them. */
export function responseHeaders(
  target: PreviewTarget,
  answer: IncomingMessage,
  map: (name: string, value: string) => string | undefined = (_name, value) => value,
): string[] {
  return pairs(answer, (name, value) => {
    // Browsers clear the cookies of the whole domain by it: the dashboard's and every other sandbox's.
    if (name === 'clear-site-data') return undefined
    if (name === 'set-cookie') return appCookie(value)
    if (name === 'location') return publicLocation(target, value)
    return map(name, value)
  })
}

/** What a browser would not take in the reason is left out. */
export function reasonOf({ statusMessage = '' }: IncomingMessage): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
  return /[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/.test(statusMessage) ? '' : statusMessage
}

/** The origin of the preview, as its pages have it. */
export function originOf({ host, scheme }: PreviewTarget): string {
  return `${scheme}://${host.authority}`
}

/** Where the IDE's page is that shows this preview. */
export function pageOriginOf({ host, scheme, claim }: PreviewTarget): string {
  return `${scheme}://${siblingOf(host, claim, undefined)}`
}

/** An app that thinks it is at localhost sends people to localhost: to the preview of that port, then. */
export function publicLocation({ host, claim, scheme, port }: PreviewTarget, location: string): string {
  const match = /^(https?):\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?(?=[/?#]|$)(.*)$/i.exec(location)
  if (!match) return location
  const to = Number(match[2] ?? (match[1]?.toLowerCase() === 'https' ? 443 : 80))
  const authority = to === port ? host.authority : siblingOf(host, claim, to)
  return `${scheme}://${authority}${match[3]}`
}

/** Name and value of each header that goes on, flat as in rawHeaders, so that their case and repetition stay. */
function pairs(message: IncomingMessage, map: (name: string, value: string) => string | undefined): string[] {
  const named = (message.headers.connection ?? '').toLowerCase().split(/[\s,]+/)
  const kept: string[] = []
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const [name = '', raw = ''] = message.rawHeaders.slice(index, index + 2)
    const lower = name.toLowerCase()
    const value = hopByHop.has(lower) || named.includes(lower) ? undefined : map(lower, raw)
    if (value !== undefined) kept.push(name, value)
  }
  return kept
}
