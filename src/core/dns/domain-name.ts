import { OmegaError } from '../errors.ts'
import { quote } from '../names.ts'

/**
 * Domain names inside omega are absolute, in lower case and without the last dot: `a.omega.test`. A label that holds
 * anything but letters, digits, hyphens, underscores and asterisks is written with `\DDD` escapes (RFC 1035, 5.1), so
 * that it equals no name that can be stored. Names relative to a zone call its apex `@`.
 */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/** Characters of a name in text form; its wire form then takes at most 255 bytes (RFC 1035, 2.3.4). */
const longest = 253

/** What is above a name: `omega.test` of `a.omega.test`, the empty name of `test`. */
export function parentOf(name: string): string {
  const dot = name.indexOf('.')
  return dot === -1 ? '' : name.slice(dot + 1)
}

/** Whether a name is the other one or below it. */
export function isWithin(name: string, ancestor: string): boolean {
  return name === ancestor || (name.endsWith(ancestor) && name[name.length - ancestor.length - 1] === '.')
}

/** The absolute name of a name relative to the zone. */
export function absoluteName(relative: string, zone: string): string {
  return relative === '@' ? zone : `${relative}.${zone}`
}

/** The name relative to the zone it is in. */
export function relativeName(absolute: string, zone: string): string {
  return absolute === zone ? '@' : absolute.slice(0, -zone.length - 1)
}

/**
 * Checks the name of a record: `@`, a name relative to the zone, or an absolute name with its last dot that is in the
 * zone. Gives it relative and in lower case; INVALID_NAME otherwise.
 */
export function checkOwner(name: string, zone: string): string {
  let relative = name.toLowerCase()
  if (relative === '@') return relative
  if (relative.endsWith('.')) {
    const absolute = relative.slice(0, -1)
    if (!isWithin(absolute, zone)) {
      throw new OmegaError(
        'INVALID_NAME',
        `The name ${quote(name)} is outside the zone ${zone}. Write a name relative to the zone, or one that ends in .${zone}.`,
      )
    }
    relative = relativeName(absolute, zone)
    if (relative === '@') return relative
  }
  const [first = '', ...rest] = relative.split('.')
  const proper = (first === '*' || label.test(first)) && rest.every((part) => label.test(part))
  if (!proper || relative.length + 1 + zone.length > longest) {
    throw new OmegaError(
      'INVALID_NAME',
      `The name ${quote(name)} cannot have records. A name is @ or labels of letters, digits, hyphens and underscores, joined by dots, the first of which may be *; each has at most 63 characters and the whole at most ${longest}.`,
    )
  }
  return relative
}

/** Checks an absolute name in presentation form, with its last dot; gives it in lower case without. Undefined if bad. */
export function parseAbsoluteName(text: string): string | undefined {
  if (!text.endsWith('.') || text.length > longest + 1) return undefined
  const name = text.slice(0, -1).toLowerCase()
  return name.split('.').every((part) => label.test(part)) ? name : undefined
}
