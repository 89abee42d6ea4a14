import { expect, it } from 'vitest'
import { CAPACITY, simulateFleet } from '../support/fleet-simulation.ts'

/** What the places to be kept free need. */
const kept = { hosts: 4, launches: 4, sandboxes: 0 }
const wave = { seed: 7, seconds: 7_200, peak: 4_000, headroom: 200, maxHosts: 200 }

it('a wave: never above a limit, few wait, hosts follow, and only those to be kept are left', () => {
  const { peakSandboxes, peakHosts, waits, created, left, lost } = simulateFleet(wave)
  expect(peakSandboxes).toBeGreaterThan(3_000)
  expect(peakHosts).toBeGreaterThan(60)
  // Hosts that were launched were needed: for the peak, the places kept free, and what came and went meanwhile.
  expect(peakHosts).toBeLessThan(((peakSandboxes + wave.headroom) / CAPACITY) * 1.1 + 5)
  expect(waits.length / created).toBeLessThan(0.05)
  expect(left).toEqual(kept)
  expect(lost).toBeGreaterThan(0)
}, 120_000)

it('a cap holds, and those who wait are served when others go', () => {
  const { peakHosts, waits, created, left } = simulateFleet({ ...wave, maxHosts: 40 })
  expect(peakHosts).toBe(40)
  expect(waits.length / created).toBeGreaterThan(0.2)
  expect(left).toEqual(kept)
}, 120_000)

it('the same seed is the same course, another one is not', () => {
  const short = { ...wave, seconds: 1_500, peak: 2_000 }
  const [first, again, other] = [simulateFleet(short), simulateFleet(short), simulateFleet({ ...short, seed: 2 })]
  expect(again).toEqual(first)
  expect(other.trace).not.toBe(first.trace)
})
