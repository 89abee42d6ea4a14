import { afterAll, beforeAll, expect, it } from 'vitest'
import { containerOf, containersWith, removeFleet } from '../support/docker.ts'
import {
  type CreatedSandbox,
  createSandbox,
  eventually,
  OmegaProcess,
  omega,
  pause,
  run,
  temporaryDataDir,
} from '../support/omega.ts'
import { throughDoor } from '../support/through-door.ts'

/** The life of a sandbox on the real Docker Engine: taken from the pool, asleep, awake, stopped, forked, gone. */
const FLEET = `life${process.pid}`
const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 22500-22999'.split(' ')
let up: OmegaProcess
let sandbox: CreatedSandbox
const data = { path: '', env: {} as Record<string, string>, remove: async () => {} }

beforeAll(async () => {
  Object.assign(data, await temporaryDataDir())
  const life = ['--capacity', '5', '--warm', '1', '--sleep-after', '12s']
  up = await OmegaProcess.start(['up', '--fleet', FLEET, ...life, ...ports], /Ctrl-C stops/, data.env)
  await eventually(async () => (await pool()).length === 1, 'a container is ready')
})
afterAll(async () => {
  await up?.stop()
  await removeFleet(FLEET)
  await data.remove()
})

const exec = async (name: string, command: string) => {
  const { code, stdout, stderr } = await omega(['sandbox', 'exec', name, '--', 'sh', '-c', command], data.env)
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trim()
}
const pool = async () => {
  const { stdout } = await run('docker', [
    'ps',
    '-q',
    '--filter',
    `label=omega.fleet=${FLEET}`,
    '--filter',
    'name=omega-pool-',
  ])
  return stdout.split('\n').filter(Boolean)
}
const stateOf = async (name: string) =>
  JSON.parse((await omega(['sandbox', 'get', name, '--json'], data.env)).stdout).state as string
const story = async (name: string) => (await omega(['sandbox', 'get', name, '--explain'], data.env)).stdout

it('a create takes the container that is ready', async () => {
  const ready = await eventually(async () => {
    const [id = ''] = await pool()
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    const { stdout } = await run('docker', ['inspect', '-f', format, id])
    return (await fetch(`http://${stdout.trim()}:8080/healthz`)).ok && id
  }, 'a container is ready')
  // Its manager asks every few milliseconds, too.
  await pause(500)
  sandbox = await createSandbox(data.env, '--template', 'react', '--name', 'first')
  expect(await containerOf(sandbox.id)).toEqual([expect.stringMatching(`^${ready}`)])
  expect(await story('first')).toMatch(/warm container was taken/)
})

it('one that nobody uses is frozen, and a visit goes on where it was', async () => {
  // It sleeps itself: no terminal, no work, so nothing holds the sandbox awake.
  await exec('first', 'echo kept > note.txt; sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid')
  await eventually(async () => (await stateOf('first')) === 'asleep', 'it falls asleep', 120_000)
  const [id = ''] = await containerOf(sandbox.id)
  const shown = await run('docker', ['inspect', '-f', '{{.State.Status}}', id])
  expect(shown.stdout.trim()).toBe('paused')
  const host = `${sandbox.subdomain}.${sandbox.domain}:${sandbox.port}`
  const stranger = await throughDoor(sandbox.port, '/', host, { headers: { accept: 'text/html' } })
  expect([stranger.status, String(stranger.headers.location)]).toEqual([303, expect.stringContaining('/open/')])
  expect((await throughDoor(sandbox.port, '/', 'other.omega.localhost')).status).toBe(421)
  expect(await stateOf('first')).toBe('asleep')
  const headers = { authorization: `Bearer ${sandbox.token}` }
  expect((await throughDoor(sandbox.port, '/', host, { headers })).status).toBe(200)
  await eventually(async () => (await stateOf('first')) === 'running', 'the master hears that it is awake')
  expect(await exec('first', 'kill -0 $(cat /tmp/pid) && cat note.txt')).toBe('kept')
  expect(await story('first')).toMatch(/fell asleep[\s\S]*woke up/)
})

it('stopped on purpose it stays so, and its files are there when it starts', async () => {
  expect((await omega(['sandbox', 'stop', 'first'], data.env)).code).toBe(0)
  expect(await containerOf(sandbox.id)).toEqual([])
  expect(await containerOf(sandbox.id, '-a')).toHaveLength(1)
  expect([await up.stop('SIGINT'), up.output.split('stopping ...').at(-1)]).toEqual([
    0,
    expect.stringContaining('omega is down'),
  ])
  const life = ['--capacity', '5', '--warm', '1', '--sleep-after', '0']
  up = await OmegaProcess.start(['up', '--fleet', FLEET, ...life, ...ports], /Ctrl-C stops/, data.env)
  expect(await stateOf('first')).toBe('stopped')
  expect(await exec('first', 'cat note.txt')).toBe('kept')
  expect(await stateOf('first')).toBe('running')
})

it('a fork has the files, and each goes its own way', async () => {
  expect((await omega(['sandbox', 'fork', 'first', '--name', 'second'], data.env)).code).toBe(0)
  expect(await exec('second', 'cat note.txt; echo other > note.txt')).toBe('kept')
  expect(await exec('first', 'cat note.txt')).toBe('kept')
  expect((await omega(['sandbox', 'rename', 'second', 'third'], data.env)).code).toBe(0)
  expect(await exec('third', 'cat note.txt')).toBe('other')
})

it('a snapshot is put back, forked and deleted', async () => {
  const sandboxOmega = (...args: string[]) => omega(['sandbox', ...args], data.env)
  expect((await sandboxOmega('snapshot', 'first', '--name', 'good')).code).toBe(0)
  await exec('first', 'echo spoilt > note.txt; echo spoilt > ~/spoilt')
  expect((await sandboxOmega('fork', 'first', '--name', 'of-then', '--snapshot', 'good')).code).toBe(0)
  expect(await exec('of-then', 'cat note.txt; ls ~/spoilt 2>&1 | wc -l; ls ~ | grep -c spoilt || true')).toBe(
    'kept\n1\n0',
  )
  expect((await sandboxOmega('restore', 'first', 'good')).code).toBe(0)
  expect(await exec('first', 'cat note.txt; ls ~ | grep -c spoilt || true')).toBe('kept\n0')
  expect(await containerOf(sandbox.id)).toHaveLength(1)
  const host = `${sandbox.subdomain}.${sandbox.domain}:${sandbox.port}`
  const headers = { authorization: `Bearer ${sandbox.token}` }
  expect((await throughDoor(sandbox.port, '/', host, { headers })).status).toBe(200)
  expect((await sandboxOmega('snapshots', 'first')).stdout).toMatch(/^NAME .*\ngood /)
  expect(await story('first')).toMatch(/its files were kept as good[\s\S]*its files are those of good again/)
  expect(await story('of-then')).toMatch(/running as a copy of first at good/)
  expect((await sandboxOmega('restore', 'first', 'none')).code).toBe(4)
  expect((await sandboxOmega('unsnapshot', 'first', 'good')).code).toBe(0)
  expect((await sandboxOmega('snapshots', 'first', '--json')).stdout.trim()).toBe('[]')
  expect((await sandboxOmega('snapshot', 'first')).code).toBe(0)
  expect((await sandboxOmega('delete', 'of-then')).code).toBe(0)
})

it('all deleted: no container, no image of a copy is left', async () => {
  expect((await omega(['sandbox', 'delete', 'first', 'third'], data.env)).code).toBe(0)
  const images = await run('docker', ['images', '-aq', '--filter', `label=omega.fleet=${FLEET}`])
  expect(images.stdout.trim()).toBe('')
  expect([await up.stop('SIGINT'), up.output.split('stopping ...').at(-1)]).toEqual([
    0,
    expect.stringContaining('omega is down'),
  ])
  expect(await containersWith(`omega.fleet=${FLEET}`, '-a')).toEqual([])
})
