import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LocalEc2 } from '../support/local-ec2/server.ts'
import {
  type CreatedSandbox,
  createSandbox,
  dig,
  eventually,
  OmegaProcess,
  omega,
  temporaryDataDir,
} from '../support/omega.ts'
import { type PrivateRedis, startRedis } from '../support/redis.ts'

/** A fleet that gets its hosts from EC2 and gives them back: a local EC2 whose instances really boot. */
let cloud: LocalEc2
let redis: PrivateRedis
let data: Awaited<ReturnType<typeof temporaryDataDir>>
let master: OmegaProcess
let dnsPort = 0
const CAPACITY = 2
const FLEET = `ec2t${process.pid}`

beforeAll(async () => {
  cloud = await LocalEc2.start({ block: '10.213.9' })
  redis = await startRedis()
  data = await temporaryDataDir()
  const aws = {
    AWS_ENDPOINT_URL_EC2: cloud.url,
    AWS_REGION: 'local-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'y',
  }
  const port = 20_000 + (process.pid % 10_000)
  const network = [
    '--listen',
    '0.0.0.0',
    '--port',
    String(port),
    '--host-master-url',
    `http://${cloud.network.gateway}:${port}`,
  ]
  const dns = ['--dns-port', '0', '--dns-http-port', '0']
  const provider = [
    '--provider',
    'ec2',
    '--offerings',
    'm7i.large',
    '--ec2-image',
    'ami-local',
    '--host-address',
    'private',
  ]
  const growth = [
    '--max-hosts',
    '3',
    '--host-capacity',
    String(CAPACITY),
    '--host-warm',
    '0',
    '--host-idle',
    '10s',
    '--orphaned-after',
    '10s',
  ]
  const rest = ['--fleet', FLEET, '--redis', redis.url, '--host-templates', 'static']
  const args = ['serve', '--role=dns,master', ...network, ...dns, ...provider, ...growth, ...rest]
  Object.assign(data.env, { OMEGA_SECRET: 'a secret for tests only, of some length' })
  master = await OmegaProcess.start(args, /"master"[^\n]*"ready"/, { ...data.env, ...aws })
  dnsPort = Number(/"dnsPort":(\d+)/.exec(master.output)?.[1])
})
afterAll(async () => {
  await master?.stop()
  await cloud?.close()
  await redis?.close()
  await data?.remove()
})

/** What a sandbox's worker answers to its owner. */
const pageOf = ({ host, port, subdomain, domain, token }: CreatedSandbox) =>
  new Promise<number>((resolve, reject) => {
    const headers = { host: `${subdomain}.${domain}:${port}`, authorization: `Bearer ${token}` }
    request({ host, port, headers }, (answer) => resolve(answer.resume().statusCode ?? 0))
      .once('error', reject)
      .end()
  })

it('an empty fleet: the first create launches a host, which joins, and the sandbox runs on it', async () => {
  const sandbox = await createSandbox(data.env, '--template', 'static', '--name', 'first').catch((error) => {
    const machine = [...cloud.instances.values()][0]?.machine
    throw new Error(`${error}\n${machine?.console}\n${master.output.slice(-6000)}`)
  })
  expect(cloud.instances.size).toBe(1)
  const [instance] = [...cloud.instances.values()]
  expect(sandbox.host).toBe(instance?.address)
  expect(await dig(dnsPort, `${sandbox.subdomain}.${sandbox.domain}`)).toEqual([instance?.address])
  expect(await pageOf(sandbox)).toBe(200)
  // Its address came from the metadata service, which answers who has a token; sandboxes are one hop too far away.
  expect(cloud.metadata?.asked).toContainEqual({
    from: instance?.address,
    path: '/latest/meta-data/local-ipv4',
    status: 200,
  })
  const service = 'http://169.254.169.254/latest/meta-data/local-ipv4'
  const reach = await omega(['sandbox', 'exec', 'first', '--', 'curl', '-sS', '-m', '3', service], data.env)
  expect([reach.code === 0, reach.stdout]).toEqual([false, ''])
}, 90_000)

it('more than fit share the hosts that are launched for them, never more than are needed', async () => {
  const made = await Promise.all(
    Array.from({ length: 3 }, (_, index) => createSandbox(data.env, '--template', 'static', '--name', `more-${index}`)),
  )
  expect(cloud.instances.size).toBe(2)
  const hosts = [...new Set(made.map(({ host }) => host))]
  expect(hosts).toHaveLength(2)
  for (const sandbox of made) expect(await pageOf(sandbox)).toBe(200)
  expect(cloud.highWater).toBe(2)
}, 90_000)

it('a sandbox moves from host to host, each with an engine of its own', async () => {
  const view = async (name: string) => {
    const { stdout } = await omega(['sandbox', 'get', name, '--json'], data.env)
    return JSON.parse(stdout) as CreatedSandbox
  }
  const all = await Promise.all(['first', 'more-0', 'more-1', 'more-2'].map(view))
  const [gone] = all.slice(-1)
  const mover = all.find(({ host }) => host !== gone?.host)
  if (!gone || !mover) throw new Error('all sandboxes are on one host')
  expect((await omega(['sandbox', 'delete', gone.name], data.env)).code).toBe(0)
  const write = ['sandbox', 'exec', mover.name, '--', 'sh', '-c', 'echo kept > note.txt; rm index.html']
  expect((await omega(write, data.env)).code).toBe(0)
  const moved = await omega(['sandbox', 'move', mover.name, '--json'], data.env)
  expect([moved.code, moved.stderr]).toEqual([0, `moving ${mover.name}; its processes end, and begin again there\n`])
  const now = await view(mover.name)
  expect(now).toMatchObject({ id: mover.id, host: gone.host, state: 'running', subdomain: mover.subdomain })
  expect(await dig(dnsPort, `${mover.subdomain}.${mover.domain}`)).toEqual([gone.host])
  const read = await omega(['sandbox', 'exec', mover.name, '--', 'sh', '-c', 'cat note.txt; ls index.html'], data.env)
  expect([read.stdout, read.code]).toEqual(['kept\n', 2])
  await createSandbox(data.env, '--template', 'static', '--name', gone.name)
  expect(cloud.instances.size).toBe(2)
}, 120_000)

it('all deleted: the hosts go, and nothing is left', async () => {
  for (const name of ['first', 'more-0', 'more-1', 'more-2']) {
    expect((await omega(['sandbox', 'delete', name], data.env)).code).toBe(0)
  }
  await eventually(async () => cloud.billed.length === 0, 'no machine costs anything')
  await eventually(async () => {
    const { stdout } = await omega(['host', 'list', '--json'], data.env)
    return JSON.parse(stdout).length === 0
  }, 'the fleet has no host')
}, 90_000)

it('a machine that no master looks after turns itself off', async () => {
  await createSandbox(data.env, '--template', 'static', '--name', 'last')
  expect((await omega(['sandbox', 'delete', 'last'], data.env)).code).toBe(0)
  expect(cloud.billed).toHaveLength(1)
  await master.stop('SIGKILL')
  await eventually(async () => cloud.billed.length === 0, 'it is off')
  const [instance] = [...cloud.instances.values()].slice(-1)
  expect(instance?.reason).toBe('Client.InstanceInitiatedShutdown')
}, 120_000)
