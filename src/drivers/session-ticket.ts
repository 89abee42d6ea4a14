import { checkTicket, mintTicket } from './credentials.ts'

/** What a browser may do, and the shared link by which it came, if it did. */
export interface TicketBearer {
  access: 'edit' | 'look' | 'preview'
  share?: string
}

export const SESSION_COOKIE = 'omega-session'

/** Cookies of our name that are looked at: a flood of false ones costs no more than this. */
const MAX_COOKIES = 16

/** Whether `name=value` of a Cookie header is a session's. */
export const isSession = (pair: string) => /^\s*(?:__Host-)?omega-session\s*(?:=|$)/.test(pair)

/** What an entry ticket lets in to: the IDE, or the preview of a port. */
export function entryAudience(previewOf: number | undefined): string {
  return previewOf === undefined ? 'ide' : `preview/${previewOf}`
}

/** What a session's cookie is good for: one host name. */
export function sessionAudience(hostName: string): string {
  return `session/${hostName}`
}

/** Values of the session cookies in a Cookie header (RFC 6265), genuine or not. */
export function sessionsIn(cookie: string | undefined): string[] {
  const ours = (cookie ?? '').split(';').filter(isSession)
  return ours.slice(0, MAX_COOKIES).map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
}

/** A ticket signed with the sandbox's token that says, of a guest, what they may do and by which link. */
export function mintFor(token: string, audience: string, { access, share }: TicketBearer, expires: number): string {
  if (share === undefined) return mintTicket(token, audience, expires)
  return `${access}.${share}.${mintTicket(token, `${audience}/${access}/${share}`, expires)}`
}

/** Undefined unless it is genuine, for this audience, and not over. Whether its link is alive is for others to know. */
export function readTicket(
  token: string,
  audience: string,
  text: string,
  now: number,
): { as: TicketBearer; nonce: string; expires: number } | undefined {
  const [, access, share, rest] = /^(edit|look|preview)\.(sh_[0-9a-f]{16})\.(.+)$/.exec(text) ?? []
  if (access === undefined || share === undefined || rest === undefined) {
    const good = checkTicket(token, audience, text, now)
    return good && { as: { access: 'edit' }, ...good }
  }
  const good = checkTicket(token, `${audience}/${access}/${share}`, rest, now)
  return good && { as: { access: access as TicketBearer['access'], share }, ...good }
}
