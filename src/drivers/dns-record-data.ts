import { type Answer, encode } from 'dns-packet'
import type { RecordData } from '../core/dns/record.ts'

/** Of a message of dns-packet with one record at the root and nothing else: header, name, type, class, TTL, length. */
const dataStart = 12 + 1 + 10

/** A record's data in wire form, by dns-packet; names in it are not compressed, as resolvers must accept. */
export function encodeData(data: RecordData): Buffer {
  return encode({ type: 'response', answers: [toPacketAnswer(data)] }).subarray(dataStart)
}

function toPacketAnswer(data: RecordData): Answer {
  const rest = { name: '.', class: 'IN', ttl: 0 } as const
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return { ...rest, type: data.type, data: data.address }
    case 'CNAME':
    case 'NS':
      return { ...rest, type: data.type, data: data.target }
    case 'TXT':
      return { ...rest, type: 'TXT', data: data.strings.map((text) => Buffer.from(text, 'latin1')) }
    case 'MX':
      return { ...rest, type: 'MX', data: { preference: data.preference, exchange: data.exchange } }
    case 'CAA':
      // Any tag may be written (RFC 8659, 4.1); the types of dns-packet know three.
      return { ...rest, type: 'CAA', data: { flags: data.flags, tag: data.tag as 'issue', value: data.value } }
    case 'SRV': {
      const { priority, weight, port, target } = data
      return { ...rest, type: 'SRV', data: { priority, weight, port, target } }
    }
    case 'SOA': {
      const { primary: mname, mailbox: rname, serial, refresh, retry, expire, minimum } = data
      return { ...rest, type: 'SOA', data: { mname, rname, serial, refresh, retry, expire, minimum } }
    }
  }
}
