import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'
import { imageOf } from '../src/core/template.ts'
import { WireClient } from '../test/support/worker.ts'
import { ask, bearerOf, hostOf, Installation } from './support/installation.ts'
import { median, type Row, rounds, timed } from './support/measure.ts'

export const title = "a sandbox's life: wake, stop, start, fork, restore, and what those cost that nobody uses"

const TEMPLATE = 'react'
const ROUNDS = rounds(10)
/** Idle ones whose memory and processor time are added up. */
const IDLE = rounds(10)
const REST_MS = 20_000
const MIB = 2 ** 20
const HOST_MIB = 16 * 1024

type Sandbox = Awaited<ReturnType<Installation['create']>>

export async function run(): Promise<Row[]> {
  const omega = await Installation.start(IDLE + 3)
  const docker = new Docker()
  try {
    return [...(await changes(omega, docker)), ...(await idle(omega, docker))]
  } finally {
    await omega.close()
  }
}

/** Each change until the sandbox's worker answers a request by its door again, against the engine's own call alone. */
async function changes(omega: Installation, docker: Docker): Promise<Row[]> {
  const sandbox = await omega.create(TEMPLATE)
  const seen = new Map<string, number[]>()
  const note = (what: string, ms: number) => seen.set(what, [...(seen.get(what) ?? []), ms])
  const take = async (what: string, work: () => Promise<unknown>) => note(what, await timed(work))
  await omega.post(sandbox, 'snapshots', { name: 'bench' })
  for (let round = 0; round < ROUNDS; round++) {
    const id = await containerOf(omega, docker, sandbox)
    const container = docker.getContainer(id)
    await take('pause', () => container.pause())
    await take('unpause', () => container.unpause())
    await take('freeze', () => omega.freeze(sandbox))
    await take('wake', () => answer(sandbox))
    await take('stop', () => omega.post(sandbox, 'stop'))
    await take('start', async () => {
      await omega.post(sandbox, 'start')
      await answer(sandbox)
    })
    await bare(docker, take)
    let fork: Sandbox | undefined
    await take('fork', async () => {
      fork = (await omega.post(sandbox, 'fork')) as Sandbox
      await answer(fork)
    })
    if (fork) await omega.delete(fork)
    await take('restore', async () => {
      await omega.post(sandbox, 'snapshots/bench/restore')
      await answer(sandbox)
    })
  }
  await omega.delete(sandbox)
  const of = (what: string) => median(seen.get(what) ?? [])
  return [
    { what: 'freeze', measured: of('freeze'), baseline: of('pause'), unit: 'ms' },
    { what: 'wake by a request to the door, answered', measured: of('wake'), baseline: of('unpause'), unit: 'ms' },
    { what: 'stop', measured: of('stop'), baseline: of('engine stop'), unit: 'ms' },
    { what: 'start, answered', measured: of('start'), baseline: of('engine start'), unit: 'ms' },
    {
      what: 'fork (react, with node_modules), answered',
      measured: of('fork'),
      unit: 'ms',
      budget: { atMost: 1_500, of: 'amount' },
    },
    { what: 'restore of a snapshot, answered', measured: of('restore'), unit: 'ms' },
  ]
}

/** Stop and start of the same image, with nobody around it. */
async function bare(
  docker: Docker,
  take: (what: string, work: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const container = await docker.createContainer({ Image: imageOf(TEMPLATE), HostConfig: { Init: true } })
  try {
    await container.start()
    await sleep(2_000)
    await take('engine stop', () => container.stop({ t: 5 }))
    await take('engine start', () => container.start())
  } finally {
    await container.remove({ force: true, v: true })
  }
}

async function answer(sandbox: Sandbox): Promise<void> {
  const { status } = await ask(sandbox.port, hostOf(sandbox), '/', bearerOf(sandbox))
  if (status !== 200) throw new Error(`The sandbox answered ${status}.`)
}

async function containerOf(omega: Installation, docker: Docker, { id }: Sandbox): Promise<string> {
  const all = await docker.listContainers({ all: true, filters: { label: [`omega.fleet=${omega.fleet}`] } })
  const found = all.find(({ Names }) => Names[0]?.includes(id))
  if (!found) throw new Error(`${id} has no container.`)
  return found.Id
}

/** Used once, then left: with their dev servers running, and frozen. */
async function idle(omega: Installation, docker: Docker): Promise<Row[]> {
  const containers: Docker.Container[] = []
  for (let count = 0; count < IDLE; count++) {
    const sandbox = await omega.create(TEMPLATE)
    const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
    await client.opened
    await client.request('hello', {})
    client.end()
    await answer(sandbox)
    containers.push(docker.getContainer(await containerOf(omega, docker, sandbox)))
  }
  await sleep(REST_MS)
  const awake = await share(containers)
  const memory = await memoryOf(containers)
  await Promise.all(containers.map((container) => container.pause()))
  const asleep = await share(containers)
  await Promise.all(containers.map((container) => container.unpause()))
  return [
    { what: 'idle react sandbox: processor time, awake', measured: awake, unit: '% of one' },
    { what: '  asleep', measured: asleep, unit: '% of one', budget: { atMost: 0.01, of: 'amount' } },
    { what: '  memory of all its processes (PSS)', measured: memory / MIB, unit: 'MiB' },
    { what: '  so many fit in 16 GiB', measured: Math.floor(HOST_MIB / (memory / MIB)), unit: '' },
  ]
}

/** Processor time of each in ten seconds, as a percentage of one processor. */
async function share(containers: Docker.Container[]): Promise<number> {
  const used = async () => {
    const all = await Promise.all(containers.map((container) => container.stats({ stream: false, 'one-shot': true })))
    return all.reduce((sum, { cpu_stats }) => sum + cpu_stats.cpu_usage.total_usage, 0)
  }
  const [before, began] = [await used(), performance.now()]
  await sleep(10_000)
  return (((await used()) - before) / 1e6 / (performance.now() - began) / containers.length) * 100
}

/** Bytes of each, what several share divided among them. */
async function memoryOf(containers: Docker.Container[]): Promise<number> {
  let kibibytes = 0
  for (const container of containers) {
    const { Processes } = (await container.top({ ps_args: '-o pid' })) as { Processes: string[][] }
    for (const [pid] of Processes) {
      const [, size] = /^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
      kibibytes += Number(size ?? 0)
    }
  }
  return (kibibytes * 1024) / containers.length
}
