import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeMessage, type Message, Tag } from '../../../src/core/wire/frames.ts'

const channel = fc.integer({ min: 0, max: 65_535 })
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const payload = fc.uint8Array({ maxLength: 100 })
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ tag: fc.constant(Tag.control), number: u32, payload }),
  fc.record({ tag: fc.constant(Tag.data), number: u32, channel, payload }),
  fc.record({ tag: fc.constant(Tag.painted), number: u32, channel, bytes: u32 }),
  fc.record({ tag: fc.constantFrom(Tag.open, Tag.welcome), payload }),
  fc.record({ tag: fc.constant(Tag.ack), received: u32 }),
  fc.record({ tag: fc.constantFrom(Tag.ping, Tag.pong), payload: fc.uint8Array({ maxLength: 16 }) }),
)

describe('messages', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeMessage(encodeMessage(sent))).toEqual(sent)
      }),
    )
  })

  it('are as PROTOCOL.md draws them', () => {
    const bytesOf = (sent: Message) => [...encodeMessage(sent)]
    const payload = Uint8Array.of(65)
    expect(bytesOf({ tag: Tag.control, number: 7, payload })).toEqual([0, 0, 0, 0, 7, 65])
    expect(bytesOf({ tag: Tag.data, number: 258, channel: 3, payload })).toEqual([1, 0, 0, 1, 2, 0, 3, 65])
    expect(bytesOf({ tag: Tag.painted, number: 1, channel: 2, bytes: 256 })).toEqual([2, 0, 0, 0, 1, 0, 2, 0, 0, 1, 0])
    expect(bytesOf({ tag: Tag.open, payload })).toEqual([16, 65])
    expect(bytesOf({ tag: Tag.ack, received: 9 })).toEqual([18, 0, 0, 0, 9])
    expect(bytesOf({ tag: Tag.ping, payload })).toEqual([19, 65])
  })

  it('are never made of garbage, and garbage throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const decoded = decodeMessage(bytes)
        if (decoded) expect([...encodeMessage(decoded)]).toEqual([...bytes])
      }),
    )
    const wrong = [[], [0, 0], [1, 0, 0, 0, 1, 0], [2, 0, 0, 0, 1, 0, 1, 0, 0, 1], [3, 0, 0], [18, 1], [21], [255]]
    for (const bytes of wrong) expect(decodeMessage(Uint8Array.from(bytes))).toBeUndefined()
    expect(decodeMessage(new Uint8Array(18).fill(19))).toBeUndefined()
  })
})
