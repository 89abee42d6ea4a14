import { OmegaError } from '../errors.ts'
import { quote } from '../names.ts'
import type { RecordType } from '../wire/dns.ts'
import { parseIpv4, parseIpv6 } from './address.ts'
import { parseAbsoluteName } from './domain-name.ts'
import type { RecordData } from './record.ts'

/**
 * Reads a record's presentation form, as it stands in a zone file (RFC 1035, 5.1; RFC 3596, 2782, 8659). INVALID_REQUEST
 * says what the form of its type is.
 */
export function parseRecord(type: RecordType, text: string): RecordData {
  const data = readers[type](tokensOf(text) ?? [])
  if (data) return data
  throw new OmegaError('INVALID_REQUEST', `${quote(text)} is not ${type} data. ${forms[type]}`)
}

/** Writes a record's canonical presentation form. */
export function formatRecord(data: RecordData): string {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return data.address
    case 'CNAME':
    case 'NS':
      return `${data.target}.`
    case 'TXT':
      return data.strings.map(formatString).join(' ')
    case 'MX':
      return `${data.preference} ${data.exchange}.`
    case 'CAA':
      return `${data.flags} ${data.tag} ${formatString(data.value)}`
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}.`
    case 'SOA':
      return `${data.primary}. ${data.mailbox}. ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`
  }
}

const absolute = 'Names are absolute and end with a dot.'
const forms: Record<RecordType, string> = {
  A: 'It is an IPv4 address, such as 192.0.2.1.',
  AAAA: 'It is an IPv6 address, such as 2001:db8::1.',
  CNAME: `It is one name, such as target.example. ${absolute}`,
  NS: `It is one name, such as ns1.example. ${absolute}`,
  TXT: 'It is one or more strings of at most 255 bytes each, such as "first" "second"; quote what has spaces.',
  MX: `It is a preference from 0 to 65535 and a name, such as 10 mail.example. ${absolute}`,
  CAA: 'It is flags from 0 to 255, a tag and a value, such as 0 issue "letsencrypt.org".',
  SRV: `It is priority, weight, port (each 0 to 65535) and a name, such as 0 5 443 target.example. ${absolute}`,
}

type Reader = (tokens: readonly string[]) => RecordData | undefined

const readers: Record<RecordType, Reader> = {
  A: ([text = '', ...more]) => {
    const address = parseIpv4(text)
    return address && more.length === 0 ? { type: 'A', address } : undefined
  },
  AAAA: ([text = '', ...more]) => {
    const address = parseIpv6(text)
    return address && more.length === 0 ? { type: 'AAAA', address } : undefined
  },
  CNAME: ([text = '', ...more]) => {
    const target = parseAbsoluteName(text)
    return target && more.length === 0 ? { type: 'CNAME', target } : undefined
  },
  NS: ([text = '', ...more]) => {
    const target = parseAbsoluteName(text)
    return target && more.length === 0 ? { type: 'NS', target } : undefined
  },
  TXT: (tokens) => {
    const proper = tokens.length > 0 && tokens.every((token) => token.length <= 255)
    return proper ? { type: 'TXT', strings: [...tokens] } : undefined
  },
  MX: ([first = '', second = '', ...more]) => {
    const preference = parseNumber(first, 65_535)
    const exchange = parseAbsoluteName(second)
    if (preference === undefined || exchange === undefined || more.length > 0) return undefined
    return { type: 'MX', preference, exchange }
  },
  CAA: ([first = '', tag = '', value, ...more]) => {
    const flags = parseNumber(first, 255)
    if (flags === undefined || !/^[a-z0-9]{1,15}$/i.test(tag) || more.length > 0) return undefined
    if (value === undefined || !/^[\x20-\x7e]*$/.test(value)) return undefined
    return { type: 'CAA', flags, tag: tag.toLowerCase(), value }
  },
  SRV: ([first = '', second = '', third = '', fourth = '', ...more]) => {
    const [priority, weight, port] = [first, second, third].map((text) => parseNumber(text, 65_535))
    const target = parseAbsoluteName(fourth)
    if (priority === undefined || weight === undefined || port === undefined) return undefined
    return target !== undefined && more.length === 0 ? { type: 'SRV', priority, weight, port, target } : undefined
  },
}

function parseNumber(text: string, most: number): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= most ? Number(text) : undefined
}

/** Words and quoted strings, unescaped into bytes, one a character; undefined if a quote is left open. */
function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = []
  let rest = text.trim()
  while (rest !== '') {
    const match = /^(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]+)(?=\s|$))\s*/s.exec(rest)
    const token = unescapeBytes(match?.[1] ?? match?.[2] ?? '')
    if (!match || token === undefined) return undefined
    tokens.push(token)
    rest = rest.slice(match[0].length)
  }
  return tokens
}

/** `\DDD` is a byte and `\X` is X; other characters become their UTF-8 bytes. Undefined for a bad escape. */
function unescapeBytes(text: string): string | undefined {
  let proper = true
  const bytes = text.replace(/\\(\d{3})|\\(.?)|[^\x20-\x7e]+/gsu, (found, decimal?: string, char?: string) => {
    if (decimal !== undefined) {
      proper &&= Number(decimal) <= 255
      return String.fromCharCode(Number(decimal) & 255)
    }
    if (char !== undefined) {
      proper &&= /^[\x21-\x7e ]$/.test(char) && !/\d/.test(char)
      return char
    }
    const utf8 = encodeUtf8(found)
    proper &&= utf8 !== undefined
    return utf8 ?? ''
  })
  return proper ? bytes : undefined
}

/** The UTF-8 bytes of a text, one a character; undefined for half a surrogate pair. */
function encodeUtf8(text: string): string | undefined {
  try {
    return encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  } catch {
    return undefined
  }
}

function formatString(bytes: string): string {
  const escaped = bytes.replace(/["\\]|[^\x20-\x7e]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
  )
  return `"${escaped}"`
}
