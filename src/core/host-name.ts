// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what it is about
import { OmegaError } from './errors.ts'
import { parsePreviewLabel, quote } from './names.ts'
import type { Claim } from './wire/worker.ts'

/** A name this worker answers to: the IDE's, or the preview of a port. */
export interface HostName {
  /** The port previewed, undefined for the IDE itself. */
  previewOf: number | undefined
  /** Lower case, without a port. */
  name: string
  /** As browsers write it in an origin: with the port unless it is the scheme's own. */
  authority: string
}

type Names = Pick<Claim, 'subdomain' | 'domain' | 'port'>

/**
 * What a Host header (RFC 9110 7.2) means here. Exactly SUBDOMAIN.DOMAIN or PORT-SUBDOMAIN.DOMAIN, with the sandbox's
 * public port or the scheme's own: any other name is somebody's attempt to reach us by a name of theirs (DNS rebinding),
 * or a mistake, and gives WRONG_HOST. Case does not matter; a trailing dot is refused.
 */
export function parseHost(header: string, names: Names): HostName {
  const match = /^([a-z0-9.-]{1,253})(?::(\d{1,5}))?$/.exec(header.toLowerCase())
  const name = match?.[1] ?? ''
  const port = match?.[2]
  const suffix = `.${names.domain.toLowerCase()}`
  const label = name.endsWith(suffix) ? name.slice(0, -suffix.length) : ''
  const preview = parsePreviewLabel(label)
  const ours = label === names.subdomain || preview?.subdomain === names.subdomain
  const portIsOurs = port === undefined || [names.port, 80, 443].includes(Number(port))
  if (!ours || !portIsOurs) {
    throw new OmegaError(
      'WRONG_HOST',
      `${quote(header)} is not served here; this is ${names.subdomain}${suffix}:${names.port}.`,
    )
  }
  const ownPort = port === undefined || port === '80' || port === '443'
  return { previewOf: preview?.port, name, authority: ownPort ? name : `${name}:${names.port}` }
}

/** The authority of another name of this sandbox, reached the same way as `host`. */
export function siblingOf(host: HostName, names: Names, previewOf: number | undefined): string {
  const label = previewOf === undefined ? names.subdomain : `${previewOf}-${names.subdomain}`
  const port = host.authority.slice(host.name.length)
  return `${label}.${names.domain}${port}`
}

/** Whether an Origin header (RFC 6454) is exactly this host's own. */
export function isOwnOrigin(origin: string, host: HostName): boolean {
  return origin === `http://${host.authority}` || origin === `https://${host.authority}`
}

/** A place on the same host to go to: a path, never another host's address in a path's clothes. */
export function isLocalPath(path: string): boolean {
  return /^\/(?![/\\])[^\\\x00-\x20\x7f]*$/.test(path) && path.length <= 4096
}
