import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FleetView } from '../../src/core/wire/fleet.ts'
import type { HostView } from '../../src/core/wire/http.ts'
import { CloudFleet, pageOf } from '../support/cloud-fleet.ts'
import { type CreatedSandbox, createSandbox, eventually, loginOf, omega, pause } from '../support/omega.ts'

/** Machines that fall silent, that are taken back, and masters that are two. */
let fleet: CloudFleet
const hosts = () => fleet.json<HostView[]>('host', 'list')
const stateOf = async (address: string) => (await hosts()).find((host) => host.address === address)?.state
const view = (name: string) => fleet.json<CreatedSandbox>('sandbox', 'get', name)
const create = (name: string) => createSandbox(fleet.data.env, '--template', 'static', '--name', name)
const exec = async (name: string, command: string) =>
  (await omega(['sandbox', 'exec', name, '--', 'sh', '-c', command], fleet.data.env)).stdout

beforeAll(async () => {
  fleet = await CloudFleet.start({
    ...{ name: `ec2h${process.pid}`, block: '10.213.10', capacity: 2, maxHosts: 4 },
    more: ['--host-idle', '30s'],
  })
  await Promise.all([create('one'), create('two')]).catch((error) => {
    throw new Error(`${error}\n${fleet.trouble}`)
  })
}, 120_000)
afterAll(() => fleet?.close())

it('a host whose network is cut: silent, lost, replaced; its sandboxes are there again when it is', async () => {
  const { host } = await view('one')
  await exec('one', 'echo kept > note.txt')
  const machine = fleet.instanceOf(host).machine
  machine?.cut(true)
  await eventually(async () => (await stateOf(host)) === 'silent', 'it is silent')
  // Who needs a place meanwhile gets one on another machine.
  const other = await create('three')
  expect(other.host).not.toBe(host)
  await eventually(async () => (await stateOf(host)) === 'lost', 'it is lost', 90_000)
  expect((await view('one')).host).toBe(host)
  machine?.cut(false)
  await eventually(async () => (await stateOf(host)) === 'ready', 'it is heard again')
  const one = await view('one')
  expect(one).toMatchObject({ host, state: 'running' })
  expect(await exec('one', 'cat note.txt')).toBe('kept\n')
  expect(fleet.cloud.highWater).toBe(2)
}, 240_000)

it('two masters: one that was paused for long does nothing with its old turn', async () => {
  const [first] = fleet.masters
  const second = await fleet.startMaster()
  if (!first) throw new Error('There is no master.')
  process.kill(first.pid, 'SIGSTOP')
  // The other one takes over when the lease has run out; it serves requests at once.
  const url = /"url":"(http:[^"]+)"[^\n]*"ready"/.exec(second.output)?.[1] ?? ''
  const there = { ...fleet.data.env, OMEGA_URL: url, OMEGA_TOKEN: (await loginOf(fleet.data.path)).token }
  const made = await Promise.all(
    ['four', 'five'].map((name) => createSandbox(there, '--template', 'static', '--name', name)),
  )
  await pause(30_000)
  process.kill(first.pid, 'SIGCONT')
  // It is itself again, and the other one goes on with what it holds.
  await pause(5_000)
  expect(fleet.cloud.highWater).toBeLessThanOrEqual(3)
  const { launches } = await fleet.json<FleetView>('fleet', 'status')
  expect(launches.map(({ machine }) => machine).sort()).toEqual(fleet.cloud.billed.map(({ id }) => id).sort())
  expect(launches.every(({ state }) => state === 'joined')).toBe(true)
  for (const sandbox of made) expect(await pageOf(await created(sandbox))).toBe(200)
  await second.stop()
}, 180_000)

it('a spot machine that is taken back: what it has goes elsewhere before', async () => {
  const { host } = await view('three')
  await exec('three', 'echo saved > note.txt')
  const instance = fleet.instanceOf(host)
  const gone = fleet.cloud.takeBack(instance.id, 100_000)
  await eventually(async () => (await stateOf(host)) === 'draining', 'it takes no more sandboxes')
  await eventually(async () => (await view('three')).host !== host, 'what it had is elsewhere', 95_000).catch(
    (error) => {
      throw new Error(`${error}\n${fleet.trouble}`)
    },
  )
  expect(await exec('three', 'cat note.txt')).toBe('saved\n')
  await eventually(async () => (await hosts()).every(({ address }) => address !== host), 'the host is gone', 150_000)
  await gone
  const names = (await fleet.json<CreatedSandbox[]>('sandbox', 'list')).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['one', 'two', 'three']))
}, 240_000)

/** As the create answered it, with where it is now. */
const created = async (sandbox: CreatedSandbox): Promise<CreatedSandbox> => ({
  ...sandbox,
  ...(await view(sandbox.id)),
})
