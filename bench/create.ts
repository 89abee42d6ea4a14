import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'
import { networkOf } from '../src/core/sandbox-network.ts'
import { imageOf } from '../src/core/template.ts'
import { WireClient } from '../test/support/worker.ts'
import { ask, bearerOf, hostOf, Installation, openPage, type SandboxEvent } from './support/installation.ts'
import { median, quantile, type Row, timed } from './support/measure.ts'

export const title = 'creating a sandbox against bare docker create, start and the first answer of the same image'

const ROUNDS = 11
const BURST = 20
/** What a create goes through, as its events tell it. */
const phases = ['queue', 'create', 'start', 'healthy', 'mark'] as const
type Times = Record<string, number>
/** For bare containers; each once, since the engine takes its time to free one. */
let nextPort = 26_000

export async function run(): Promise<Row[]> {
  const omega = await Installation.start()
  const docker = new Docker()
  try {
    const rows: Row[] = []
    const network = networkOf(omega.fleet).name
    for (const template of ['static', 'react']) {
      const image = imageOf(template)
      const [ours, theirs, walled]: [Times[], Times[], Times[]] = [[], [], []]
      // The first of each warms caches and is not counted.
      for (let round = 0; round <= ROUNDS; round++) {
        const one = [await create(omega, template), await bare(docker, image), await bare(docker, image, network)]
        if (round > 0) for (const [index, samples] of [ours, theirs, walled].entries()) samples.push(one[index] ?? {})
      }
      rows.push(...compare(template, ours, theirs, walled))
    }
    rows.push(...(await burst(omega, docker)))
    return rows
  } finally {
    await omega.close()
  }
}

/** `walled`: bare containers in a network of the kind sandboxes are in, which costs the engine more than its default. */
function compare(template: string, ours: Times[], theirs: Times[], walled: Times[]): Row[] {
  const of = (samples: Times[], phase: string) => median(samples.map((times) => times[phase] ?? Number.NaN))
  const row = (what: string, phase: string, baseline?: number): Row => ({
    what: `  ${what}`,
    measured: of(ours, phase),
    ...(baseline === undefined ? {} : { baseline }),
    unit: 'ms',
  })
  return [
    {
      what: `cold create (${template}): page, WebSocket and name answer`,
      measured: of(ours, 'total'),
      baseline: of(theirs, 'total'),
      unit: 'ms',
      budget: { atMost: 1.25 },
    },
    row("against a bare container in the sandboxes' network", 'total', of(walled, 'total')),
    row('docker create', 'create', of(theirs, 'create')),
    row('docker start', 'start', of(theirs, 'start')),
    row("docker start, against a bare one in the sandboxes' network", 'start', of(walled, 'start')),
    row('started until healthy', 'healthy', of(theirs, 'healthy')),
    row('claim', 'claim'),
    row('mark (rename), at the same time', 'mark'),
    row('place, call the manager, look for the container, publish', 'rest'),
    row('page, WebSocket hello and name, all three', 'use'),
  ]
}

/** One sandbox from the request until it can be used; by phase, in milliseconds. It is gone afterwards. */
async function create(omega: Installation, template: string): Promise<Times> {
  const begun = performance.now()
  const sandbox = await omega.create(template)
  const answered = performance.now()
  const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
  try {
    const hello = client.opened.then(() => client.request('hello', {}))
    const [, , isNamed] = await Promise.all([openPage(sandbox), hello, omega.resolves(sandbox)])
    const usable = performance.now()
    if (!isNamed) throw new Error('The name did not resolve when the create was answered.')
    const times = timesOf(await omega.events(sandbox))
    const known = phases.reduce((sum, phase) => sum + (times[phase] ?? 0), 0)
    // What the phases leave out: the request, placing, the manager's questions to the engine, the store and the name.
    return { ...times, rest: answered - begun - known, use: usable - answered, total: usable - begun }
  } finally {
    client.end()
    await omega.delete(sandbox)
  }
}

function timesOf(events: SandboxEvent[]): Times {
  const data = (name: string) => (events.find(({ event }) => event === name)?.data ?? {}) as Times
  return { ...data('container'), ...data('running') }
}

/** The same image with nothing of ours around it, in the engine's default network or the one named. */
async function bare(docker: Docker, image: string, network = 'default'): Promise<Times> {
  const port = nextPort++
  const begun = performance.now()
  const container = await docker.createContainer({
    Image: image,
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      NetworkMode: network,
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] },
    },
  })
  try {
    const created = performance.now()
    await container.start()
    const started = performance.now()
    await untilHealthy(port)
    const healthy = performance.now()
    return { create: created - begun, start: started - created, healthy: healthy - started, total: healthy - begun }
  } finally {
    await container.remove({ force: true, v: true })
  }
}

async function untilHealthy(port: number): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(5)) {
    const answer = await ask(port, `127.0.0.1:${port}`, '/healthz').catch(() => undefined)
    if (answer?.status === 200) return
  }
  throw new Error('A bare container did not answer within a minute.')
}

/** Many at once: how long each waits, and how long the engine takes for as many when it gets them all at once. */
async function burst(omega: Installation, docker: Docker): Promise<Row[]> {
  const each = (work: () => Promise<unknown>) => Promise.all(Array.from({ length: BURST }, () => timed(work)))
  const image = imageOf('static')
  const containers: Docker.Container[] = []
  const one = async () => {
    const HostPort = `${nextPort++}`
    const container = await docker.createContainer({
      Image: image,
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: { PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort }] } },
    })
    containers.push(container)
    await container.start()
    await untilHealthy(Number(HostPort))
  }
  let theirs: number[]
  try {
    theirs = await each(one)
  } finally {
    await Promise.all(containers.map((container) => container.remove({ force: true, v: true })))
  }
  const made: Awaited<ReturnType<typeof omega.create>>[] = []
  const ours = await each(async () => made.push(await omega.create('static')))
  for (const sandbox of made) await omega.delete(sandbox)
  return [
    { what: `burst of ${BURST} creates, p50`, measured: median(ours), baseline: median(theirs), unit: 'ms' },
    {
      what: `burst of ${BURST} creates, the last`,
      measured: quantile(ours, 1),
      baseline: quantile(theirs, 1),
      unit: 'ms',
    },
  ]
}
