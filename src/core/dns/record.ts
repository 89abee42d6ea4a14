import type { RecordType } from '../wire/dns.ts'

/** What a record of a type says. Names are absolute (see domain-name.ts); text is a string of bytes, one a character. */
export type RecordData =
  | { type: 'A' | 'AAAA'; address: string }
  | { type: 'CNAME' | 'NS'; target: string }
  | { type: 'TXT'; strings: string[] }
  | { type: 'MX'; preference: number; exchange: string }
  | { type: 'CAA'; flags: number; tag: string; value: string }
  | { type: 'SRV'; priority: number; weight: number; port: number; target: string }
  | Soa

/** Start of authority (RFC 1035, 3.3.13). Times in seconds. */
export interface Soa {
  type: 'SOA'
  primary: string
  mailbox: string
  serial: number
  refresh: number
  retry: number
  expire: number
  minimum: number
}

export type ZoneType = RecordType | 'SOA'

/** The records of one type at one name; they are answered together or not at all (RFC 2181, 5). */
export interface RecordSet {
  /** Absolute; the queried name where a wildcard or a preview name was asked for. */
  name: string
  type: ZoneType
  /** Seconds. */
  ttl: number
  data: readonly RecordData[]
}

/** The numbers of the types omega keeps (IANA, "DNS parameters"). */
export const typeNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
} as const satisfies Record<ZoneType, number>

/** Numbers in a question that mean more than a type. */
export const questionTypes = { DS: 43, IXFR: 251, AXFR: 252, ANY: 255 } as const

const names = new Map<number, ZoneType>(Object.entries(typeNumbers).map(([name, number]) => [number, name as ZoneType]))

/** The type with this number, or undefined if omega keeps no such records. */
export function typeOf(number: number): ZoneType | undefined {
  return names.get(number)
}

/** Response codes (RFC 1035, 4.1.1; RFC 2136, 2.2; RFC 6891, 9). */
export const rcodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  NOTAUTH: 9,
  BADVERS: 16,
} as const
export type RcodeName = keyof typeof rcodes
