import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SetupView } from '../../../../src/core/wire/setup.ts'
import { BEARER, claimOf, TestWorker } from '../../../support/worker.ts'

let folder: string
let daemon: ChildProcess
let address: string
let worker: TestWorker | undefined

/** A repository with two branches, served by git itself. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'omega-clone-'))
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', join(folder, 'repo'), '-c', 'user.name=T', '-c', 'user.email=t@example.com', ...words])
  mkdirSync(join(folder, 'repo/src'), { recursive: true })
  git('init', '-q', '-b', 'main')
  writeFileSync(join(folder, 'repo/src/a.txt'), 'main\n')
  git('add', '.')
  git('commit', '-qm', 'one')
  git('checkout', '-qb', 'other')
  writeFileSync(join(folder, 'repo/src/a.txt'), 'other\n')
  git('commit', '-qam', 'two')
  git('checkout', '-q', 'main')
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const found = (probe.address() as { port: number }).port
      probe.close(() => resolve(found))
    })
  })
  daemon = spawn('git', [
    'daemon',
    '--reuseaddr',
    '--listen=127.0.0.1',
    `--port=${port}`,
    '--export-all',
    `--base-path=${folder}`,
    folder,
  ])
  address = `git://127.0.0.1:${port}`
  const serves = () =>
    execFileSync('sh', ['-c', `git ls-remote ${address}/repo 2>&1 || true`]).includes('refs/heads/main')
  while (!serves()) await new Promise((resolve) => setTimeout(resolve, 50))
})
afterEach(async () => {
  await worker?.close()
  worker = undefined
})
afterAll(() => {
  daemon.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function boot(git: { url: string; ref?: string }): Promise<TestWorker> {
  worker = await TestWorker.boot({ claim: false, start: 'echo app in $(ls); sleep 1000' })
  writeFileSync(join(worker.root, 'template.txt'), 'from the template')
  const began = performance.now()
  await worker.claim(claimOf({ git }))
  expect(performance.now() - began).toBeLessThan(5_000)
  return worker
}

async function setup(of: TestWorker): Promise<SetupView> {
  let view: SetupView = {}
  const ended = async () => {
    view = JSON.parse((await of.ask('/_omega/setup?wait=10', { headers: BEARER })).body)
    return view.git?.state
  }
  await expect.poll(ended).not.toBe('running')
  return view
}

describe('the clone a sandbox begins with', () => {
  it("takes the place of the template's files, starts the app anew, and is seen in a terminal that becomes a shell", async () => {
    const url = `${address}/repo`
    const it = await boot({ url })
    expect(await setup(it)).toEqual({ git: { url, state: 'done', ms: expect.any(Number) } })
    expect(readdirSync(it.root).sort()).toEqual(['.git', 'src'])
    expect(readFileSync(join(it.root, 'src/a.txt'), 'utf8')).toBe('main\n')
    await expect.poll(async () => (await it.ask('/_omega/logs', { headers: BEARER })).body).toContain('app in src\n')
    const client = await it.connect()
    const { terminals } = await client.request('hello', {} as never)
    const terminal = terminals.find(({ name }) => name === 'git clone')
    expect(terminal).toMatchObject({ kind: 'shell', folder: it.root })
    const { channel } = await client.request('terminal.attach', {
      terminal: terminal?.terminal ?? '',
      cols: 80,
      rows: 24,
    })
    await expect.poll(() => client.output.get(channel)).toContain('Cloning into')
    client.type(channel, 'echo $((6*7))-alive\r')
    await expect.poll(() => client.output.get(channel)).toContain('42-alive')
  })

  it('is of the branch that was asked for, and is not done twice', async () => {
    const it = await boot({ url: `${address}/repo`, ref: 'other' })
    await setup(it)
    expect(readFileSync(join(it.root, 'src/a.txt'), 'utf8')).toBe('other\n')
    writeFileSync(join(it.root, 'src/a.txt'), 'mine\n')
    await it.stop()
    await it.start()
    expect((await setup(it)).git?.state).toBe('done')
    expect(readFileSync(join(it.root, 'src/a.txt'), 'utf8')).toBe('mine\n')
  })

  it.each([
    ['repository', { url: '/none' }, 'fatal'],
    ['branch', { url: '/repo', ref: 'no-such' }, 'no-such'],
  ])('of a %s that is not there fails with words, and leaves the template', async (_what, { url, ...rest }, words) => {
    const it = await boot({ url: address + url, ...rest })
    const { git } = await setup(it)
    expect(git).toMatchObject({ state: 'failed', message: expect.stringContaining(words) })
    expect(readdirSync(it.root)).toEqual(['template.txt'])
    await expect
      .poll(async () => (await it.ask('/_omega/logs', { headers: BEARER })).body)
      .toContain('app in template.txt\n')
  })

  it('reads nothing of this machine, whoever claims', async () => {
    const it = await boot({ url: join(folder, 'repo') })
    expect((await setup(it)).git).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('Allowed are https'),
    })
    expect(readdirSync(it.root)).toEqual(['template.txt'])
  })
})
