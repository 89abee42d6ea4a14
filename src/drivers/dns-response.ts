import type { Answer } from '../core/dns/answer.ts'
import { type RcodeName, type RecordSet, rcodes, typeNumbers } from '../core/dns/record.ts'
import type { Query } from './dns-query.ts'
import { encodeData } from './dns-record-data.ts'

/** Bytes of a UDP message omega sends at most and says it takes: no fragment on any usual path (DNS flag day 2020). */
export const udpSize = 1232

/** An answer in wire form, for all questions with the same name, whatever its case, and type. */
export interface EncodedAnswer {
  rcode: RcodeName
  authoritative: boolean
  counts: readonly [answers: number, authority: number, additional: number]
  /** Answer and authority section, then the additional one, whose sets may be left out. */
  sections: Buffer
  additional: Buffer
  needsGlue: boolean
}

/** Encodes an answer to a question of this name. Names in it point into the question, which begins at byte 12. */
export function encodeAnswer(answer: Answer, questionName: string): EncodedAnswer {
  const { rcode, authoritative, needsGlue } = answer
  const encode = (sets: readonly RecordSet[]) => sets.flatMap((set) => encodeSet(set, questionName))
  const [answers, authority, additional] = [answer.answers, answer.authority, answer.additional].map(encode)
  return {
    rcode,
    authoritative,
    needsGlue,
    counts: [answers?.length ?? 0, authority?.length ?? 0, additional?.length ?? 0],
    sections: Buffer.concat([...(answers ?? []), ...(authority ?? [])]),
    additional: Buffer.concat(additional ?? []),
  }
}

function encodeSet(set: RecordSet, questionName: string): Buffer[] {
  const owner = encodeOwner(set.name, questionName)
  return set.data.map((data) => {
    const rdata = encodeData(data)
    const fixed = Buffer.alloc(10)
    fixed.writeUInt16BE(typeNumbers[set.type], 0)
    fixed.writeUInt16BE(1, 2)
    fixed.writeUInt32BE(set.ttl, 4)
    fixed.writeUInt16BE(rdata.length, 8)
    return Buffer.concat([owner, fixed, rdata])
  })
}

/** A name whose longest end that is in the question's name is a pointer there (RFC 1035, 4.1.4). */
function encodeOwner(name: string, questionName: string): Buffer {
  const asked = wireOffsets(questionName)
  const bytes: number[] = []
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
    const offset = asked.get(rest)
    if (offset !== undefined) return Buffer.from([...bytes, 0xc0 | (offset >> 8), offset & 0xff])
    const label = rest.split('.', 1)[0] ?? ''
    bytes.push(label.length, ...Buffer.from(label, 'latin1'))
    if (!rest.includes('.')) break
  }
  return Buffer.from([...bytes, 0])
}

/** Where in the question each end of its name begins. An escape in the text is one byte on the wire. */
function wireOffsets(name: string): Map<string, number> {
  const offsets = new Map<string, number>()
  let at = 12
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
    offsets.set(rest, at)
    const label = rest.split('.', 1)[0] ?? ''
    at += 1 + label.length - 3 * (label.split('\\').length - 1)
    if (!rest.includes('.')) break
  }
  return offsets
}

/** A reply that holds no records: its code, and the question where it could be read. */
export function writeError(message: Buffer, query: Query, rcode: RcodeName): Buffer {
  const nothing = Buffer.alloc(0)
  const empty = { authoritative: false, counts: [0, 0, 0] as const, needsGlue: false }
  return write(message, query, { ...empty, rcode, sections: nothing, additional: nothing }, false)
}

/**
 * The reply to a query, of at most `limit` bytes: the additional section is left out when it does not fit, and where
 * the rest does not either, everything, with TC set, so that the asker comes back by TCP (RFC 2181, 9).
 */
export function writeAnswer(message: Buffer, query: Query, encoded: EncodedAnswer, limit: number): Buffer {
  const room = limit - query.questionEnd - (query.edns ? optSize : 0)
  const needed = encoded.sections.length
  if (needed + encoded.additional.length <= room) return write(message, query, encoded, false)
  const nothing = Buffer.alloc(0)
  const [answers, authority] = encoded.counts
  if (needed <= room && !encoded.needsGlue) {
    return write(message, query, { ...encoded, additional: nothing, counts: [answers, authority, 0] }, false)
  }
  return write(message, query, { ...encoded, sections: nothing, additional: nothing, counts: [0, 0, 0] }, true)
}

const optSize = 11

function write(message: Buffer, query: Query, encoded: EncodedAnswer, truncated: boolean): Buffer {
  const { questionEnd, edns } = query
  const { sections, additional, counts } = encoded
  const rcode = rcodes[encoded.rcode]
  const optAt = questionEnd + sections.length + additional.length
  const reply = Buffer.allocUnsafe(optAt + (edns ? optSize : 0))
  reply.writeUInt16BE(query.id, 0)
  reply[2] =
    0x80 |
    (query.opcode << 3) |
    (encoded.authoritative ? 4 : 0) |
    (truncated ? 2 : 0) |
    (query.recursionDesired ? 1 : 0)
  reply[3] = rcode & 15
  reply.writeUInt16BE(questionEnd > 12 ? 1 : 0, 4)
  reply.writeUInt16BE(counts[0], 6)
  reply.writeUInt16BE(counts[1], 8)
  reply.writeUInt16BE(counts[2] + (edns ? 1 : 0), 10)
  message.copy(reply, 12, 12, questionEnd)
  sections.copy(reply, questionEnd)
  additional.copy(reply, questionEnd + sections.length)
  if (edns) {
    reply[optAt] = 0
    reply.writeUInt16BE(41, optAt + 1)
    reply.writeUInt16BE(udpSize, optAt + 3)
    reply[optAt + 5] = rcode >> 4
    reply[optAt + 6] = 0
    reply.writeUInt16BE(edns.dnssecOk ? 0x8000 : 0, optAt + 7)
    reply.writeUInt16BE(0, optAt + 9)
  }
  return reply
}
