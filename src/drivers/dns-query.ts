import type { Question } from '../core/dns/answer.ts'

/** EDNS(0) of a query (RFC 6891): what its OPT record says that matters to an answer. */
export interface Edns {
  /** Bytes of a UDP message the asker takes; at least 512. */
  size: number
  version: number
  /** DNSSEC OK, to be given back as it came (RFC 3225). */
  dnssecOk: boolean
}

export interface Query {
  id: number
  opcode: number
  recursionDesired: boolean
  /** There is none in a message whose question could not be read. */
  question?: Question
  /** Where the question ends; its bytes from 12 on are given back as they are (RFC 4343, draft 0x20). */
  questionEnd: number
  edns?: Edns
  /** The header could be read and the rest not. */
  malformed: boolean
}

const headerSize = 12
const opt = 41

/**
 * Reads a query. Undefined for what must not be answered: no whole header, or a response (RFC 1035, 4.1.1), which two
 * servers would send back and forth for ever. The decoder of dns-packet is not used here since it loses bytes of names.
 */
export function parseQuery(message: Buffer): Query | undefined {
  if (message.length < headerSize || ((message[2] ?? 0) & 0x80) !== 0) return undefined
  const query: Query = {
    id: message.readUInt16BE(0),
    opcode: ((message[2] ?? 0) >> 3) & 15,
    recursionDesired: ((message[2] ?? 0) & 1) === 1,
    questionEnd: headerSize,
    malformed: true,
  }
  if (message.readUInt16BE(4) !== 1) return query
  const name = readName(message)
  if (!name || name.end + 4 > message.length) return query
  query.questionEnd = name.end + 4
  query.question = {
    name: name.text,
    type: message.readUInt16BE(name.end),
    class: message.readUInt16BE(name.end + 2),
  }
  query.malformed = !readRecords(message, query)
  return query
}

/** Bytes of a name as characters: lower case, and an escape for whatever no stored name has (see domain-name.ts). */
const characters: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte)
  return /[a-zA-Z0-9_*-]/.test(char) ? char.toLowerCase() : `\\${String(byte).padStart(3, '0')}`
})
/** The same as bytes; 0 where it takes an escape. */
const plain = Uint8Array.from(characters, (char) => (char.length === 1 ? char.charCodeAt(0) : 0))
const dot = 0x2e
/** A name while it is read: one string made at the end costs far less than one grown by every byte. */
const scratch = Buffer.alloc(256)

/** The question's name, which is never compressed: there is nothing before it to point to. */
function readName(message: Buffer): { text: string; end: number } | undefined {
  let isPlain = true
  let at = headerSize
  for (;;) {
    const length = message[at]
    if (length === undefined || length > 63 || at - headerSize > 254) return undefined
    if (length === 0) break
    const end = at + 1 + length
    if (end >= message.length || end - headerSize > 254) return undefined
    // A dot in the place of the label's length; the first one is left out below.
    scratch[at - headerSize] = dot
    for (at++; at < end; at++) {
      const byte = plain[message[at] ?? 0] ?? 0
      if (byte === 0) isPlain = false
      scratch[at - headerSize] = byte
    }
  }
  const text = isPlain ? scratch.toString('latin1', 1, Math.max(1, at - headerSize)) : readEscaped(message)
  return { text, end: at + 1 }
}

/** The same for a name with bytes that need an escape; its labels are known to be within the message. */
function readEscaped(message: Buffer): string {
  const labels: string[] = []
  for (let at = headerSize, length = message[at] ?? 0; length > 0; at += 1 + length, length = message[at] ?? 0) {
    labels.push(Array.from(message.subarray(at + 1, at + 1 + length), (byte) => characters[byte]).join(''))
  }
  return labels.join('.')
}

/** Walks over all records behind the question and reads the OPT. False if they do not fill the message exactly. */
function readRecords(message: Buffer, query: Query): boolean {
  const additionalFrom = message.readUInt16BE(6) + message.readUInt16BE(8)
  const count = additionalFrom + message.readUInt16BE(10)
  let at = query.questionEnd
  for (let index = 0; index < count; index++) {
    const start = at
    at = skipName(message, at)
    if (at === -1 || at + 10 > message.length) return false
    const end = at + 10 + message.readUInt16BE(at + 8)
    if (end > message.length) return false
    if (message.readUInt16BE(at) === opt) {
      const isProper = index >= additionalFrom && !query.edns && at === start + 1
      if (!isProper || !areOptions(message, at + 10, end)) return false
      query.edns = {
        size: Math.max(512, message.readUInt16BE(at + 2)),
        version: message[at + 5] ?? 0,
        dnssecOk: ((message[at + 6] ?? 0) & 0x80) !== 0,
      }
    }
    at = end
  }
  return at === message.length
}

/** Where the name at `at` ends; -1 if it is not one. A pointer ends it and must lead backwards (RFC 1035, 4.1.4). */
function skipName(message: Buffer, at: number): number {
  const start = at
  for (;;) {
    const length = message[at]
    if (length === undefined) return -1
    if (length === 0) return at + 1
    if (length >= 0xc0) {
      if (at + 2 > message.length) return -1
      const target = message.readUInt16BE(at) & 0x3fff
      return target >= headerSize && target < start ? at + 2 : -1
    }
    if (length > 63) return -1
    at += 1 + length
    if (at - start > 254) return -1
  }
}

/** Whether the options of an OPT fill it; what they say is nothing to us (RFC 6891, 6.1.2: unknown ones are ignored). */
function areOptions(message: Buffer, from: number, end: number): boolean {
  let at = from
  while (at + 4 <= end) at += 4 + message.readUInt16BE(at + 2)
  return at === end
}
