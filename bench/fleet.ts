import { CAPACITY, simulateFleet } from '../test/support/fleet-simulation.ts'
import { median, quantile, type Row } from './support/measure.ts'

export const title = 'a wave of 50,000 sandboxes on 1,000 hosts, in simulated time: the rules of placement and scaling'

/** The same seed is the same course. */
const WAVE = { seed: 7, seconds: 14_400, peak: 56_000, headroom: 2_000, maxHosts: 1_200 }

export async function run(): Promise<Row[]> {
  const began = performance.now()
  const { created, peakSandboxes, peakHosts, waits, left } = simulateFleet(WAVE)
  const seconds = (performance.now() - began) / 1000
  const kept = Math.ceil(WAVE.headroom / CAPACITY)
  // One that died last may be on its way still.
  if (left.launches !== kept || left.sandboxes > 0)
    throw new Error(`${JSON.stringify(left)} is left, not ${kept} machines`)
  const sorted = waits.length > 0 ? waits : [0]
  return [
    { what: 'sandboxes at once, at most', measured: peakSandboxes, unit: '' },
    {
      what: '  hosts, against those that would just hold them',
      measured: peakHosts,
      baseline: Math.ceil(peakSandboxes / CAPACITY),
      unit: '',
    },
    { what: '  creates that waited', measured: (waits.length / created) * 100, unit: '% of all' },
    { what: '  how long, p50', measured: median(sorted), unit: 's' },
    { what: '  how long, p99', measured: quantile(sorted, 0.99), unit: 's' },
    { what: 'simulated time, against real time', measured: WAVE.seconds / seconds, unit: 'x' },
  ]
}
