import { setTimeout as sleep } from 'node:timers/promises'
import Docker from 'dockerode'
import { imageOf } from '../src/core/template.ts'
import { WireClient } from '../test/support/worker.ts'
import { ask, bearerOf, hostOf, Installation, openPage } from './support/installation.ts'
import { median, quantile, type Row, rounds, timed } from './support/measure.ts'

export const title = 'creating a sandbox of a container that is ready, against bare docker start of the same image'

const TEMPLATE = 'react'
const WARM = 2
const ROUNDS = rounds(100)
const BURST = 50

type Sandbox = Awaited<ReturnType<Installation['create']>>

export async function run(): Promise<Row[]> {
  const omega = await Installation.start(BURST + 2 * WARM + 2, ['--warm', `${WARM}`])
  const docker = new Docker()
  try {
    const [answers, usable, starts]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < ROUNDS; round++) {
      await untilReady(docker, omega.fleet)
      let sandbox: Sandbox | undefined
      const asked = performance.now()
      answers.push(
        await timed(async () => {
          sandbox = await omega.create(TEMPLATE)
        }),
      )
      if (!sandbox) throw new Error('There is no sandbox.')
      await use(omega, sandbox)
      usable.push(performance.now() - asked)
      await omega.delete(sandbox)
      if (round % 5 === 0) starts.push(await bareStart(docker))
    }
    return [
      { ...row('warm create (react): page, WebSocket and name answer, p50', usable, 0.5), baseline: median(starts) },
      row('  p95', usable, 0.95),
      row('  p99', usable, 0.99),
      { ...row('  the request alone, p50', answers, 0.5), budget: { atMost: 25, of: 'amount' } },
      row('  the request alone, p95', answers, 0.95),
      row('  the request alone, p99', answers, 0.99),
      ...(await burst(omega, docker)),
    ]
  } finally {
    await omega.close()
  }
}

const row = (what: string, samples: readonly number[], share: number): Row => ({
  what,
  measured: share === 0.5 ? median(samples) : quantile(samples, share),
  unit: 'ms',
})

/** What a person does with it first. */
async function use(omega: Installation, sandbox: Sandbox): Promise<void> {
  const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
  try {
    const hello = client.opened.then(() => client.request('hello', {}))
    const [, , isNamed] = await Promise.all([openPage(sandbox), hello, omega.resolves(sandbox)])
    if (!isNamed) throw new Error('The name did not resolve when the create was answered.')
  } finally {
    client.end()
  }
}

/** The containers that are nobody's are all there and answer, and the machine had a moment to rest. */
async function untilReady(docker: Docker, fleet: string): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(100)) {
    const all = await docker.listContainers({ filters: { label: [`omega.fleet=${fleet}`], name: ['omega-pool-'] } })
    const ips = all.flatMap((each) => Object.values(each.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress))
    if (ips.length < WARM) continue
    const answers = await Promise.all(ips.map((ip) => isHealthy(ip)))
    if (answers.every(Boolean)) return sleep(500)
  }
  throw new Error('The pool was not full within a minute.')
}

const isHealthy = (ip: string) =>
  fetch(`http://${ip}:8080/healthz`)
    .then(({ ok }) => ok)
    .catch(() => false)

/** `docker start` alone, of a container that was created before. */
async function bareStart(docker: Docker): Promise<number> {
  const container = await docker.createContainer({ Image: imageOf(TEMPLATE) })
  try {
    return await timed(() => container.start())
  } finally {
    await container.remove({ force: true, v: true })
  }
}

/** As many bare containers of the same image, asked for at once, until each answers. Nobody signs in or runs an app there. */
async function bareBurst(docker: Docker): Promise<number[]> {
  const containers: Docker.Container[] = []
  try {
    return await Promise.all(
      Array.from({ length: BURST }, () =>
        timed(async () => {
          const container = await docker.createContainer({ Image: imageOf(TEMPLATE) })
          containers.push(container)
          await container.start()
          const { Networks } = (await container.inspect()).NetworkSettings
          const [network] = Object.values(Networks)
          while (!(await isHealthy(network?.IPAddress ?? ''))) await sleep(50)
        }),
      ),
    )
  } finally {
    await Promise.all(containers.map((container) => container.remove({ force: true, v: true })))
  }
}

/** What is still there of sandboxes that were deleted. */
async function leftOf(omega: Installation, docker: Docker, gone: readonly Sandbox[]): Promise<string[]> {
  const left: string[] = []
  for (const sandbox of gone) {
    const answer = await ask(sandbox.port, hostOf(sandbox), '/').catch(() => undefined)
    if (answer) left.push(`port ${sandbox.port} answers ${answer.status}`)
    if (await omega.resolves(sandbox)) left.push(`the name ${sandbox.subdomain} has an address`)
  }
  for (const { address, containers } of await omega.hosts()) {
    if (containers > 0) left.push(`host ${address} counts ${containers}`)
  }
  const filters = { label: [`omega.fleet=${omega.fleet}`] }
  for (const { Names } of await docker.listContainers({ all: true, filters })) {
    if (!Names[0]?.startsWith('/omega-pool-')) left.push(`container ${Names[0]}`)
  }
  const { Volumes } = await docker.listVolumes()
  for (const { Name } of Volumes ?? []) left.push(`volume ${Name}`)
  const networks = await docker.listNetworks()
  for (const { Name } of networks) {
    if (!['bridge', 'host', 'none', `omega-${omega.fleet}`].includes(Name)) left.push(`network ${Name}`)
  }
  return left
}

/** Many at once, all of them used; then all deleted at once, and nothing is left. */
async function burst(omega: Installation, docker: Docker): Promise<Row[]> {
  const theirs = await bareBurst(docker)
  await untilReady(docker, omega.fleet)
  const made: Sandbox[] = []
  const each = Array.from({ length: BURST }, () =>
    timed(async () => {
      const sandbox = await omega.create(TEMPLATE)
      made.push(sandbox)
      await use(omega, sandbox)
    }),
  )
  const took = await Promise.all(each)
  const seconds = Math.max(...took) / 1000
  await Promise.all(made.map((sandbox) => omega.delete(sandbox)))
  const left = await leftOf(omega, docker, made)
  if (left.length > 0) throw new Error(`After all was deleted: ${left.join('; ')}.`)
  return [
    {
      ...row(`burst of ${BURST} creates, all used, p50, against docker create, start and answer`, took, 0.5),
      baseline: median(theirs),
      budget: { atMost: 1.3 },
    },
    { ...row(`burst of ${BURST} creates, the last`, took, 1), baseline: quantile(theirs, 1) },
    {
      what: `burst of ${BURST} creates`,
      measured: BURST / seconds,
      baseline: (BURST * 1000) / quantile(theirs, 1),
      unit: 'sandboxes/s',
    },
  ]
}
