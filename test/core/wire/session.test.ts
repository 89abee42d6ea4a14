import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/core/manual-clock.ts'
import { decodeMessage, type Frame, isNumbered, Tag } from '../../../src/core/wire/frames.ts'
import { SessionEnd } from '../../../src/core/wire/session.ts'

const frame = (value: number): Frame => ({ tag: Tag.data, channel: 1, payload: Uint8Array.of(value & 255) })
const valueIn = (delivered: Frame) => (delivered.tag === Tag.data ? (delivered.payload[0] ?? -1) : -1)

/** Two ends and whatever connects them; messages wait in `ways` until they are let through. */
class Pair {
  readonly clock = new ManualClock()
  readonly got: [number[], number[]] = [[], []]
  readonly ends: [SessionEnd, SessionEnd]
  ways: [Uint8Array[], Uint8Array[]] = [[], []]

  constructor() {
    const end = (side: 0 | 1) =>
      new SessionEnd({ clock: this.clock, deliver: (delivered) => this.got[side].push(valueIn(delivered)) })
    this.ends = [end(0), end(1)]
    this.connect()
  }

  /** A new connection; what was on its way on the old one is lost. */
  connect(): void {
    const received = [this.ends[0].received, this.ends[1].received] as const
    for (const end of this.ends) end.suspend()
    const ways: [Uint8Array[], Uint8Array[]] = [[], []]
    this.ways = ways
    expect(this.ends[0].resume((message) => ways[0].push(message), received[1])).toBe(true)
    expect(this.ends[1].resume((message) => ways[1].push(message), received[0])).toBe(true)
  }

  /** Lets the next message through that side `from` has sent. */
  pass(from: 0 | 1): boolean {
    const bytes = this.ways[from].shift()
    const message = bytes && decodeMessage(bytes)
    const to = this.ends[from === 0 ? 1 : 0]
    if (!bytes || !message) return false
    if (isNumbered(message)) expect(to.receive(message, bytes.length)).toBe(true)
    else if (message.tag === Tag.ack) expect(to.acknowledge(message.received)).toBe(true)
    return true
  }

  passAll(): void {
    while (this.pass(0) || this.pass(1)) {
      // Until nothing is on its way.
    }
  }
}

describe('a session', () => {
  it('delivers everything once and in order, whatever is cut', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ send: fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1> }) },
      { weight: 6, arbitrary: fc.record({ pass: fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1> }) },
      { weight: 1, arbitrary: fc.constant('cut' as const) },
      { weight: 1, arbitrary: fc.constant('away' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const pair = new Pair()
        const sent: [number[], number[]] = [[], []]
        for (const one of steps) {
          if (one === 'cut') pair.connect()
          else if (one === 'away') {
            for (const end of pair.ends) end.suspend()
            pair.ways = [[], []]
          } else if ('send' in one) {
            const value = sent[one.send].length & 255
            sent[one.send].push(value)
            pair.ends[one.send].send(frame(value))
          } else pair.pass(one.pass)
          for (const side of [0, 1] as const) {
            expect(pair.got[side]).toEqual(sent[side === 0 ? 1 : 0].slice(0, pair.got[side].length))
          }
        }
        pair.connect()
        pair.passAll()
        expect(pair.got).toEqual([sent[1], sent[0]])
      }),
      { numRuns: 1_000 },
    )
  })

  it('acknowledges soon, and then keeps nothing', async () => {
    const pair = new Pair()
    for (let value = 0; value < 10; value++) pair.ends[0].send(frame(value))
    pair.passAll()
    expect(pair.ends[0].unacknowledged).toBe(10)
    await pair.clock.pass(100)
    pair.passAll()
    expect([pair.ends[0].unacknowledged, pair.ends[0].unacknowledgedBytes]).toEqual([0, 0])
  })

  it('acknowledges a stream without waiting', () => {
    const pair = new Pair()
    for (let value = 0; value < 1000; value++) {
      pair.ends[0].send(frame(value))
      pair.passAll()
    }
    expect(pair.ends[0].unacknowledged).toBeLessThan(64)
  })

  it('passes over what it has, and refuses what cannot be: a gap, an acknowledgement of what was never sent, a stranger', () => {
    const pair = new Pair()
    expect(pair.ends[1].receive({ ...frame(1), number: 2 }, 8)).toBe(false)
    expect(pair.ends[0].acknowledge(1)).toBe(false)
    pair.ends[0].send(frame(1))
    pair.passAll()
    expect(pair.ends[1].receive({ ...frame(9), number: 1 }, 8)).toBe(true)
    expect(pair.got[1]).toEqual([1])
    expect(pair.ends[0].acknowledge(1)).toBe(true)
    expect(pair.ends[0].resume(() => undefined, 0)).toBe(false)
    expect(pair.ends[0].resume(() => undefined, 2)).toBe(false)
    expect(pair.ends[0].resume(() => undefined, 1)).toBe(true)
  })

  it('tells when the other end has something', () => {
    let told = 0
    const clock = new ManualClock()
    const end = new SessionEnd({ clock, deliver: () => undefined, acknowledged: () => told++ })
    end.send(frame(1))
    end.acknowledge(1)
    end.acknowledge(1)
    expect(told).toBe(1)
  })
})
