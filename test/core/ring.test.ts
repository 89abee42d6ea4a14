import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ring } from '../../src/core/ring.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (ring: Ring) => new TextDecoder('utf-8', { fatal: true }).decode(ring.contents())

describe('the ring', () => {
  it('keeps everything until it is full', () => {
    const ring = new Ring(10)
    ring.push(bytes('abc'))
    ring.push(bytes('defghij'))
    expect(text(ring)).toBe('abcdefghij')
    expect(ring.total).toBe(10)
  })

  it('begins behind a newline or at an escape sequence once bytes were lost', () => {
    const ring = new Ring(10)
    ring.push(bytes('1234\n67890abc'))
    expect(text(ring)).toBe('67890abc')
    ring.push(bytes('x\x1b[31m'))
    expect(text(ring)).toBe('\x1b[31m')
  })

  it('never begins inside a character', () => {
    const ring = new Ring(9)
    ring.push(bytes('€€€€€'))
    expect(text(ring)).toBe('€€€')
    ring.push(bytes('a'))
    expect(text(ring)).toBe('€€a')
  })

  it('is always the end of the stream, no longer than its capacity', () => {
    const chunk = fc.uint8Array({ maxLength: 40 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(chunk, { maxLength: 12 }), (capacity, chunks) => {
        const ring = new Ring(capacity)
        for (const piece of chunks) ring.push(piece)
        const all = Buffer.concat(chunks)
        const kept = Buffer.from(ring.contents())
        expect(kept.length).toBeLessThanOrEqual(capacity)
        expect(all.subarray(all.length - kept.length).equals(kept)).toBe(true)
        if (all.length <= capacity) expect(kept.length).toBe(all.length)
      }),
    )
  })
})
