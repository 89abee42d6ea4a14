import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { decode, encode, type Packet } from 'dns-packet'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Zone } from '../../../src/core/dns/zone.ts'
import { Responder } from '../../../src/roles/dns/responder.ts'
import { dig } from './dig.ts'
import { fillZone, startDns, type TestDns, zone } from './running.ts'

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const names = ['a1', 'box', '8080-box', 'big', 'nope', 'x.wild', 'www', 'child', 'tree'].map(
  (name) => `${name}.${zone}`,
)

/** Proper queries, then damage: flipped bytes, cuts, additions, wild counts, pointers and label lengths. */
function mutated(random: () => number): Buffer {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  const packet: Packet = {
    type: 'query',
    id: Math.floor(random() * 65_536),
    questions: [{ type: pick(['A', 'AAAA', 'TXT', 'SOA', 'NS']), name: pick([...names, zone, 'example.com', '']) }],
  }
  if (random() < 0.5) {
    const options = random() < 0.3 ? [{ code: 12 as const, length: Math.floor(random() * 40) }] : []
    packet.additionals = [
      { type: 'OPT', name: '.', udpPayloadSize: Math.floor(random() * 65_536), extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: random() < 0.5, options }, // biome-ignore format: one record
    ]
  }
  let bytes: Buffer = encode(packet)
  for (let rounds = Math.floor(random() * 4); rounds > 0; rounds--) {
    const at = Math.floor(random() * bytes.length)
    const kind = Math.floor(random() * 6)
    if (kind === 0) bytes[at] = Math.floor(random() * 256)
    else if (kind === 1) bytes = bytes.subarray(0, at)
    else if (kind === 2) bytes = Buffer.concat([bytes, Buffer.from([Math.floor(random() * 256)])])
    else if (kind === 3 && bytes.length >= 12)
      bytes.writeUInt16BE(pick([0, 1, 2, 65_535]), 4 + 2 * Math.floor(random() * 4))
    else if (kind === 4 && at + 2 <= bytes.length) bytes.writeUInt16BE(0xc000 | Math.floor(random() * 40), at)
    else if (kind === 5) bytes[at] = pick([0, 63, 64, 128, 192, 255])
    if (bytes.length === 0) break
  }
  return Buffer.from(bytes)
}

/** Whether dns-packet can read it, and id and question are those of the message. */
function isReplyTo(reply: Buffer, message: Buffer, limit: number): boolean {
  const decoded = decode(reply)
  let end = 12
  if (decoded.questions?.length) {
    while (message[end]) end += 1 + (message[end] ?? 0)
    end += 5
  }
  const sameQuestion = reply.subarray(12, end).equals(message.subarray(12, end))
  return decoded.type === 'response' && decoded.id === message.readUInt16BE(0) && sameQuestion && reply.length <= limit
}

describe('garbage', { timeout: 30_000 }, () => {
  let dns: TestDns
  beforeAll(async () => {
    dns = await startDns()
    await fillZone(dns)
  })
  afterAll(() => dns.close())

  it('of 20,000 kinds gets a well-formed reply or none, and breaks nothing', () => {
    const errors: unknown[] = []
    const log = pino({ level: 'error' }, { write: (line: string) => errors.push(line) })
    const model = new Zone({
      domain: zone,
      minimum: 5,
      nameServers: [{ name: `ns1.${zone}`, addresses: ['10.0.0.1'] }],
    })
    model.update({
      serial: 1,
      changes: [{ name: 'a1', type: 'A', rrset: { name: 'a1', type: 'A', ttl: 5, records: ['10.0.0.1'] } }],
    })
    const responder = new Responder(model, log)
    const random = seeded(20261122)
    let replies = 0
    const wrong: string[] = []
    for (let count = 0; count < 20_000; count++) {
      const message = mutated(random)
      const given = Buffer.from(message)
      const reply = responder.respond(message, count % 2 ? 'udp' : 'tcp')
      const mayBeAnswered = given.length >= 12 && ((given[2] ?? 0) & 0x80) === 0
      const isRight =
        message.equals(given) &&
        (reply ? mayBeAnswered && isReplyTo(reply, given, count % 2 ? 1232 : 65_535) : !mayBeAnswered)
      if (!isRight) wrong.push(`${given.toString('hex')} -> ${reply?.toString('hex')}`)
      if (reply) replies++
    }
    expect(wrong).toEqual([])
    expect(replies).toBeGreaterThan(5000)
    expect(errors).toEqual([])
  })

  it('by UDP leaves the server answering', async () => {
    const socket = createSocket('udp4')
    const random = seeded(7)
    for (let count = 0; count < 3000; count++) {
      socket.send(mutated(random), dns.port, '127.0.0.1')
      if (count % 50 === 49) await new Promise((resolve) => setImmediate(resolve))
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.close()
    expect((await dig(dns.port, `a1.${zone}`, 'A')).answer).toHaveLength(1)
  })

  it('by TCP leaves the server answering', async () => {
    const random = seeded(11)
    for (let count = 0; count < 40; count++) {
      const socket = connect(dns.port, '127.0.0.1')
      socket.on('error', () => {})
      const parts = Array.from({ length: 30 }, () => {
        const message = mutated(random)
        const length = Buffer.from([message.length >> 8, message.length & 255])
        return Buffer.concat([length, message])
      })
      const noise = Buffer.from(Array.from({ length: 50 }, () => Math.floor(random() * 256)))
      socket.end(Buffer.concat([...parts, noise]))
      socket.resume()
      await once(socket, 'close')
    }
    expect((await dig(dns.port, `a1.${zone}`, 'A', '+tcp')).answer).toHaveLength(1)
  })
})
