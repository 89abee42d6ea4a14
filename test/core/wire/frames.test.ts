import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame, type Frame, Tag } from '../../../src/core/wire/frames.ts'

const channel = fc.integer({ min: 0, max: 65_535 })
const payload = fc.uint8Array({ maxLength: 100 })
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ tag: fc.constant(Tag.control), payload }),
  fc.record({ tag: fc.constantFrom(Tag.input, Tag.output), channel, payload }),
  fc.record({ tag: fc.constant(Tag.painted), channel, bytes: fc.integer({ min: 0, max: 0xffffffff }) }),
)

describe('frames', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(frame, (sent) => {
        expect(decodeFrame(encodeFrame(sent))).toEqual(sent)
      }),
    )
  })

  it('are as PROTOCOL.md draws them', () => {
    expect([...encodeFrame({ tag: Tag.input, channel: 258, payload: Uint8Array.of(65) })]).toEqual([1, 1, 2, 65])
    expect([...encodeFrame({ tag: Tag.painted, channel: 1, bytes: 256 })]).toEqual([3, 0, 1, 0, 0, 1, 0])
  })

  it('are never made of garbage, and garbage throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const decoded = decodeFrame(bytes)
        if (decoded) expect([...encodeFrame(decoded)]).toEqual([...bytes])
      }),
    )
    for (const wrong of [[], [1], [2, 0], [3, 0, 1, 0, 0, 1], [3, 0, 1, 0, 0, 1, 0, 0], [4, 0, 0], [255]]) {
      expect(decodeFrame(Uint8Array.from(wrong))).toBeUndefined()
    }
  })
})
