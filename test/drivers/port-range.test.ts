import { expect, it } from 'vitest'
import { PortRange } from '../../src/drivers/port-range.ts'

it('gives the port wished for if nobody has it and it is one of its own', () => {
  const range = new PortRange([20_000, 20_003])
  expect(range.take(20_002)).toBe(20_002)
  expect(range.take(20_002)).not.toBe(20_002)
  expect(range.take(30_000)).toBeLessThan(20_004)
  // One that rests goes to whom it is wished for: it is the same sandbox's.
  range.release(20_002)
  expect(range.take(20_002)).toBe(20_002)
})

it('gives every port once, those that rest last, and says when there are none', () => {
  const range = new PortRange([20_000, 20_002])
  const first = range.take()
  range.release(first)
  const next = [range.take(), range.take()]
  expect(next).not.toContain(first)
  expect(range.take()).toBe(first)
  expect(() => range.take()).toThrow(/All 3 ports/)
})
