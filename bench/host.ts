import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetView } from '../src/core/wire/fleet.ts'
import { CloudFleet, pageOf } from '../test/support/cloud-fleet.ts'
import { createSandbox, omega } from '../test/support/omega.ts'
import { median, type Row, rounds } from './support/measure.ts'

export const title = 'a create in a full fleet: a machine is launched for it (a local EC2, which takes no time itself)'

const ROUNDS = rounds(5)
const PHASES = ['ordered', 'installing Docker', 'loading images', 'starting omega', 'joined'] as const

/**
 * From the request until the sandbox on the new host answers, by what the launch says of itself. The machine is a network
 * namespace with a Docker Engine of its own; what AWS takes to make one and to boot a kernel comes on top.
 */
export async function run(): Promise<Row[]> {
  const options = { name: `bhost${process.pid}`, block: '10.213.11', capacity: 1, maxHosts: ROUNDS + 1 }
  const fleet = await CloudFleet.start({ ...options, more: ['--max-launches', '1000', '--host-idle', '1h'] })
  const all: number[] = []
  const phases = new Map<string, number[]>()
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now()
      const seen = new Map<string, number>()
      const watching = new AbortController()
      const watch = watchLaunch(fleet, seen, watching.signal)
      const sandbox = await createSandbox(fleet.data.env, '--template', 'static', '--name', `round-${round}`)
      while ((await pageOf(sandbox)) !== 200) await sleep(20)
      const done = performance.now()
      watching.abort()
      await watch
      all.push(done - begun)
      let last = begun
      for (const phase of PHASES) {
        const at = seen.get(phase)
        if (at === undefined) continue
        phases.set(phase, [...(phases.get(phase) ?? []), at - last])
        last = at
      }
      phases.set('usable', [...(phases.get('usable') ?? []), done - last])
    }
  } finally {
    await fleet.close()
  }
  const until = [...PHASES, 'usable'].flatMap((phase) => {
    const samples = phases.get(phase)
    return samples ? [{ what: `  until ${phase}`, measured: median(samples), unit: 'ms' }] : []
  })
  return [{ what: 'create in a full fleet, until its page answers, p50', measured: median(all), unit: 'ms' }, ...until]
}

/** When the newest launch was first seen in each phase. */
async function watchLaunch(fleet: CloudFleet, seen: Map<string, number>, signal: AbortSignal): Promise<void> {
  const { code, stdout } = await omega(['fleet', 'status', '--json'], fleet.data.env)
  const known = new Set(code === 0 ? (JSON.parse(stdout) as FleetView).launches.map(({ id }) => id) : [])
  while (!signal.aborted) {
    const { launches } = await fleet.ask<FleetView>('/v1/fleet')
    const launch = launches.find(({ id }) => !known.has(id))
    if (launch) {
      const phase = launch.state === 'booting' && launch.step !== '' ? launch.step : launch.state
      if (!seen.has(phase)) seen.set(phase, performance.now())
    }
    await sleep(25)
  }
}
