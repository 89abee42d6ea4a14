import { OmegaError } from './errors.ts'
import { printableJson } from './printable.ts'

/** Gives `size` random bytes; the core has no source of randomness of its own. */
export type RandomBytes = (size: number) => Uint8Array

/** Crockford's base 32 in lower case: no i, l, o, u, so that nothing is misread or spells a word. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Names that mean something to browsers, mail or certificate authorities and are never a sandbox's. */
const reserved = new Set(
  'www ns ns1 ns2 api mail mx smtp imap ftp wpad autodiscover localhost isatap master manager dns docs admin omega'.split(
    ' ',
  ),
)

const dnsLabel = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

function encode(bytes: Uint8Array, length: number): string {
  let text = ''
  for (let index = 0; index < length; index++) text += alphabet[(bytes[index] ?? 0) & 31]
  return text
}

/** A sandbox's id: `sb_` and 26 characters, 130 random bits. */
export function newSandboxId(random: RandomBytes): string {
  return `sb_${encode(random(26), 26)}`
}

/** A container's key: `ct_` and 20 characters, 100 random bits. */
export function newContainerKey(random: RandomBytes): string {
  return `ct_${encode(random(20), 20)}`
}

/** A launch's id: `ln_` and 20 characters, 100 random bits. */
export function newLaunchId(random: RandomBytes): string {
  return `ln_${encode(random(20), 20)}`
}

/** A snapshot's id: `sn_` and 20 characters, 100 random bits. */
export function newSnapshotId(random: RandomBytes): string {
  return `sn_${encode(random(20), 20)}`
}

export function isSnapshotId(text: string): boolean {
  return /^sn_[0-9a-z]{20}$/.test(text)
}

/**
 * A sandbox's subdomain: a letter and 13 characters, over 69 random bits, so that it can be neither guessed nor
 * met twice. It never starts with a digit: `8080-name` is the preview of a port of `name`.
 */
export function newSubdomain(random: RandomBytes): string {
  const bytes = random(14)
  const letters = alphabet.slice(10)
  return (letters[(bytes[13] ?? 0) % letters.length] ?? 'a') + encode(bytes, 13)
}

/** A readable first name for a sandbox nobody named: its template and a piece of its subdomain. */
export function defaultName(template: string, subdomain: string): string {
  return `${template}-${subdomain.slice(1, 7)}`
}

/** Checks a name chosen by a person: a DNS label (RFC 1035) that is not reserved; gives it back in lower case. */
export function checkName(name: string): string {
  const lower = name.toLowerCase()
  if (!dnsLabel.test(lower) || lower.startsWith('sb-') || lower.startsWith('xn--')) {
    throw new OmegaError(
      'INVALID_NAME',
      `The name ${quote(name)} cannot be used. A name is 1 to 63 letters a-z, digits and hyphens, begins with a letter and does not end with a hyphen. Choose another one.`,
    )
  }
  if (reserved.has(lower)) {
    throw new OmegaError('INVALID_NAME', `The name ${quote(name)} is reserved. Choose another one.`)
  }
  return lower
}

/** A person's text made safe to print: JSON escapes for control characters, at most 80 characters. */
export function quote(text: string): string {
  const quoted = printableJson(text)
  return quoted.length > 80 ? `${quoted.slice(0, 76)}..."` : quoted
}

/** `PORT-SUBDOMAIN`, the preview name of a port of a sandbox, taken apart; undefined for any other label. */
export function parsePreviewLabel(label: string): { port: number; subdomain: string } | undefined {
  const match = /^([1-9]\d{0,4})-([a-z][a-z0-9-]*)$/.exec(label)
  if (!match?.[1] || !match[2]) return undefined
  const port = Number(match[1])
  return port <= 65535 ? { port, subdomain: match[2] } : undefined
}
