import { readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { containerOf, removeFleet } from '../support/docker.ts'
import { bomb, fill, flood, hog, type Neighbour, neighbour } from '../support/neighbours.ts'
import {
  type CreatedSandbox,
  createSandbox,
  eventually,
  OmegaProcess,
  omega,
  run,
  temporaryDataDir,
} from '../support/omega.ts'

/** One sandbox misbehaves in each way; it is held where it is, and its neighbour's terminal goes on. */
const FLEET = `near${process.pid}`
const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 23000-23499'.split(' ')
const limits = '--capacity 4 --warm 0 --sleep-after 0 --sandbox-memory 768 --sandbox-pids 200 --disk 400m'.split(' ')
let up: OmegaProcess
let bad: CreatedSandbox
let id = ''
let terminal: Neighbour
const data = { path: '', env: {} as Record<string, string>, remove: async () => {} }

beforeAll(async () => {
  Object.assign(data, await temporaryDataDir())
  up = await OmegaProcess.start(['up', '--fleet', FLEET, ...limits, ...ports], /Ctrl-C stops/, data.env)
  bad = await createSandbox(data.env, '--template', 'static', '--name', 'bad')
  terminal = await neighbour(await createSandbox(data.env, '--template', 'static', '--name', 'good'))
  id = (await containerOf(bad.id))[0] ?? ''
})
afterAll(async () => {
  terminal?.close()
  await up?.stop()
  await removeFleet(FLEET)
  await data.remove()
})

const exec = (command: string) => omega(['sandbox', 'exec', 'bad', '--', 'sh', '-c', command], data.env)
const inspect = async (format: string) => (await run('docker', ['inspect', '-f', format, id])).stdout.trim()
const story = async () => (await omega(['sandbox', 'get', 'bad', '--explain'], data.env)).stdout
/** The neighbour's shell answers, some times while the other is at it. */
const goesOn = async () => {
  for (let key = 0; key < 20; key++) await terminal.echo()
}
/** Its worker does what it is asked, which is as much as a person can see. */
const answers = () =>
  eventually(async () => (await exec('echo here')).stdout === 'here\n', 'the bad one answers', 60_000)
const cgroup = async (controller: string, file: string) => {
  const groups = readFileSync(`/proc/${await inspect('{{.State.Pid}}')}/cgroup`, 'utf8')
  const v1 = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.+)$`, 'm').exec(groups)?.[1]
  const folder = v1 ? `/sys/fs/cgroup/${controller}${v1}` : `/sys/fs/cgroup${/^0::(.+)$/m.exec(groups)?.[1]}`
  return readFileSync(`${folder}/${file}`, 'utf8')
}

it('programs die before their worker when memory is short', async () => {
  expect(await exec('sleep 0.2; cat /proc/self/oom_score_adj /proc/1/oom_score_adj')).toMatchObject({
    stdout: '600\n500\n',
  })
})

it('a fork bomb comes to the limit of processes, and its worker outlives it', async () => {
  const ended = exec(bomb(6))
  await eventually(async () => Number(/^max (\d+)/m.exec(await cgroup('pids', 'pids.events'))?.[1]) > 0, 'it is held')
  expect(Number(await cgroup('pids', 'pids.current'))).toBeLessThanOrEqual(200)
  await goesOn()
  await ended
  await answers()
  expect(await inspect('{{.RestartCount}}')).toBe('0')
})

it('a memory hog is killed inside its own container, and its worker is not', async () => {
  const worker = await inspect('{{.State.StartedAt}}')
  const ended = exec(hog)
  await goesOn()
  const { code } = await ended
  expect(code).toBe(137)
  await answers()
  expect(await inspect('{{.State.StartedAt}} {{.RestartCount}}')).toBe(`${worker} 0`)
  await goesOn()
})

it('a log flood stays within what is kept of it', async () => {
  const ended = exec(flood(100_000))
  await goesOn()
  await ended
  const log = await inspect('{{.LogPath}}')
  // The engine's file of the container's own output is full, and was turned over.
  const sizes = [log, `${log}.1`].map((file) => statSync(file).size)
  expect(sizes[1]).toBeGreaterThan(500_000)
  for (const size of sizes) expect(size).toBeLessThan(1_200_000)
  await answers()
})

it('a disk filler is stopped with the reason in its story, and can make room when it is started again', async () => {
  const ended = exec(fill('wanted.bin', 300))
  await goesOn()
  await ended
  expect(await exec('ls')).toMatchObject({ stdout: expect.stringContaining('wanted.bin') })
  exec(fill('unwanted.bin', 1500)).catch(() => undefined)
  await goesOn()
  await eventually(async () => (await inspect('{{.State.Status}}')) === 'exited', 'it is stopped')
  await eventually(
    async () => /stopped; its files are kept[\s\S]*its disk was full/.test(await story()),
    'the story says why',
  )
  await goesOn()
  // exec starts it.
  expect(await exec('rm unwanted.bin && ls')).toMatchObject({ code: 0, stdout: expect.stringContaining('wanted.bin') })
  await answers()
  expect(await inspect('{{.State.Status}}')).toBe('running')
})
