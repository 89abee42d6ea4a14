import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Ask } from '../../../../src/core/wire/operations/git.ts'
import { serveGit } from '../../../support/git-http-server.mjs'
import { TestRepository } from '../../../support/git-repository.ts'
import { guestOf } from '../../../support/guests.ts'
import { TestWorker, type WireClient } from '../../../support/worker.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const NAME = 'ann'
const PASSWORD = "p=w'd 7 $HOME"

let worker: TestWorker
let client: WireClient
let server: Server
let url: string
/** Somebody else's working copy of the repository on the server. */
let elsewhere: TestRepository
beforeEach(async () => {
  worker = await TestWorker.boot()
  client = await worker.connect()
  await client.request('git.watch', {})
  const folder = join(worker.folder, 'server')
  mkdirSync(folder)
  const bare = new TestRepository(folder)
  bare.git('init', '-q', '--bare', '-b', 'main', 'app.git')
  new TestRepository(join(folder, 'app.git')).git('config', 'http.receivepack', 'true')
  server = await serveGit({ folder, name: NAME, password: PASSWORD })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app.git`
  bare.git('clone', '-q', 'app.git', join(worker.folder, 'elsewhere'))
  elsewhere = new TestRepository(join(worker.folder, 'elsewhere'))
  elsewhere.git('switch', '-q', '-C', 'main')
  elsewhere.identify()
  elsewhere.commit('first', { 'README.md': 'hello\n' })
  elsewhere.git('push', '-q', '-u', 'origin', 'main')
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await worker.close()
})

/** Waits for the next question after those that were answered. */
async function asked(after = 0): Promise<Ask> {
  const find = (asks: Ask[]) => asks.find(({ ask }) => ask > after)
  const { asks } = await client.event('git.asks', (data) => find(data.asks) !== undefined)
  return find(asks) as Ask
}
const answer = ({ ask }: Ask, values: string[] | undefined, keep = false) =>
  client.request('git.answer', { ask, keep, ...(values ? { values } : {}) })
const good = [NAME, PASSWORD]

/** Clones into the project's folder `app`. */
async function cloned(keep = true): Promise<TestRepository> {
  const cloning = client.request('git.clone', { url, folder: 'app' })
  await answer(await asked(), good, keep)
  await cloning
  const repository = new TestRepository(join(worker.root, 'app'))
  repository.identify()
  return repository
}

describe('a server that wants a password', () => {
  it('is asked about in the page, wrong ones again, and the clone is there', async () => {
    const cloning = client.request('git.clone', { url, folder: 'app' })
    const first = await asked()
    expect(first).toMatchObject({ kind: 'password', from: 'page', address: new URL(url).origin })
    expect(first.again).toBeUndefined()
    await answer(first, [NAME, 'wrong'], true)
    const second = await asked(first.ask)
    expect(second.again).toBe(true)
    await answer(second, good, false)
    expect(await cloning).toEqual({ root: 'app' })
    expect(readFileSync(join(worker.root, 'app/README.md'), 'utf8')).toBe('hello\n')
    await client.event('git.changed', ({ repositories }) =>
      repositories.some(({ root, upstream }) => root === 'app' && upstream === 'origin/main'),
    )
    // It was for once.
    const fetching = client.request('git.fetch', { root: 'app' })
    await answer(await asked(second.ask), good, true)
    await fetching
    const asksBefore = client.events.filter(({ event }) => event === 'git.asks').length
    await client.request('git.fetch', { root: 'app' })
    expect(client.events.filter(({ event }) => event === 'git.asks')).toHaveLength(asksBefore)
    await client.request('git.forget', {})
    const again = client.attempt('git.fetch', { root: 'app' })
    const last = await asked(second.ask + 1)
    await answer(last, undefined)
    expect((await again).problem?.detail).toMatch(/nobody answered/)
  })

  it('nothing of it stays: not on the disk, not in a log, a command line or the configuration', async () => {
    const app = await cloned()
    app.commit('mine', { 'mine.txt': 'x\n' })
    await client.request('git.push', { root: 'app' })
    const files = readdirSync(worker.folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(worker.folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter((path) => readFileSync(path).includes(PASSWORD))).toEqual([])
    expect(worker.logged.join('\n')).not.toContain(PASSWORD)
    expect(app.git('config', '--list')).not.toContain(PASSWORD)
    const sockets = readdirSync('/tmp').filter((name) => name.startsWith('omega-git-'))
    for (const name of sockets) expect(statSync(join('/tmp', name)).mode & 0o77).toBe(0)
  })

  it('an answer by one page ends the question in the others', async () => {
    const other = await worker.connect()
    await other.request('git.watch', {})
    const cloning = client.request('git.clone', { url, folder: 'app' })
    const ask = await asked()
    await other.event('git.asks', ({ asks }) => asks.length === 1)
    await other.request('git.answer', { ask: ask.ask, values: good, keep: false })
    await client.event('git.asks', ({ asks }) => asks.length === 0)
    await cloning
    await client.request('git.answer', { ask: ask.ask, values: ['late', 'late'], keep: true })
  })

  it('who may only look sees the repositories, changes nothing, and is not asked', async () => {
    const looker = await worker.connect(await guestOf(worker, { access: 'look' }))
    await looker.request('git.watch', {})
    const cloning = client.request('git.clone', { url, folder: 'app' })
    const ask = await asked()
    const late = await looker.request('git.watch', {})
    expect(late.asks).toEqual([])
    expect((await looker.attempt('git.answer', { ask: ask.ask, values: good, keep: true })).problem?.code).toBe(
      'FORBIDDEN',
    )
    await answer(ask, good)
    await cloning
    await looker.event('git.changed', ({ repositories }) => repositories.some(({ root }) => root === 'app'))
    expect(looker.events.filter(({ event }) => event === 'git.asks')).toEqual([])
    const { commits } = await looker.request('git.log', { root: 'app', skip: 0, limit: 5 })
    expect(commits).toHaveLength(1)
    for (const [op, params] of Object.entries({
      'git.stage': { root: 'app' },
      'git.commit': { root: 'app', message: 'x' },
      'git.push': { root: 'app' },
      'git.init': { folder: '' },
      'git.makeSshKey': {},
    })) {
      expect((await looker.attempt(op, params)).problem?.code, op).toBe('FORBIDDEN')
    }
  })

  it('a push in a terminal is asked about in the page too', async () => {
    const app = await cloned(false)
    app.commit('from a terminal', { 'b.txt': 'b\n' })
    const { channel } = await client.shell()
    client.type(channel, 'cd app && git push 2>&1; echo "pushed $((1+1))"\n')
    const ask = await asked(1)
    expect(ask).toMatchObject({ kind: 'password', from: 'terminal' })
    await answer(ask, good, true)
    expect(await client.sees(channel, 'pushed 2')).toMatch(/main -> main/)
    // Kept: the next one needs nobody.
    client.type(channel, 'git fetch && echo "fetched $((1+2))"\n')
    await client.sees(channel, 'fetched 3')
    expect(client.output.get(channel)).not.toContain(PASSWORD)
  })

  it('a terminal asks in its own way when nobody answers', async () => {
    await cloned(false)
    const { channel } = await client.shell()
    client.type(channel, 'cd app && git fetch\n')
    const ask = await asked(1)
    await answer(ask, undefined)
    await client.sees(channel, 'Username for')
    client.type(channel, '\x03')
  })

  it('who does not know the secret name of a process learns nothing', async () => {
    await cloned(true)
    const { channel } = await client.shell()
    const question = `printf 'protocol=http\\nhost=${new URL(url).host}\\n\\n' | git credential fill; echo "done $((2+2))"\n`
    client.type(
      channel,
      `OMEGA_GIT_NONCE=guess GIT_TERMINAL_PROMPT=0; export OMEGA_GIT_NONCE GIT_TERMINAL_PROMPT; ${question}`,
    )
    const output = await client.sees(channel, 'done 4')
    expect(output).not.toContain('password=')
  })
})

describe('work with others', () => {
  it('push, pull fast-forward, diverge, choose merge or rebase, force with lease', async () => {
    const app = await cloned()
    elsewhere.commit('theirs', { 'theirs.txt': '1\n' })
    elsewhere.git('push', '-q')
    expect(await client.request('git.pull', { root: 'app' })).toEqual({ conflicts: 0 })
    expect(existsSync(join(app.folder, 'theirs.txt'))).toBe(true)

    app.commit('mine', { 'mine.txt': '1\n' })
    elsewhere.commit('theirs again', { 'theirs.txt': '2\n' })
    elsewhere.git('push', '-q')
    expect((await client.attempt('git.push', { root: 'app' })).problem?.detail).toMatch(/Pull first/)
    expect((await client.attempt('git.pull', { root: 'app' })).problem?.detail).toMatch(/merge or to rebase/)
    app.write('README.md', 'being typed\n')
    await client.request('git.pull', { root: 'app', mode: 'rebase' })
    expect(app.git('log', '--format=%s', '-2')).toBe('mine\ntheirs again')
    expect(app.read('README.md')).toBe('being typed\n')
    await client.request('git.push', { root: 'app' })
    app.git('checkout', '-q', 'README.md')

    elsewhere.git('pull', '-q')
    elsewhere.commit('once more', { 'theirs.txt': '3\n' })
    elsewhere.git('push', '-q')
    app.commit('amended', { 'mine.txt': '2\n' })
    const stale = await client.attempt('git.push', { root: 'app', force: true })
    expect(stale.problem?.detail).toMatch(/has moved since/)
    await client.request('git.fetch', { root: 'app' })
    await client.event('git.changed', ({ repositories }) =>
      repositories.some(({ ahead, behind }) => ahead === 1 && behind === 1),
    )
    await client.request('git.push', { root: 'app', force: true })
    elsewhere.git('fetch', '-q')
    expect(elsewhere.git('log', '-1', '--format=%s', 'origin/main')).toBe('amended')
  })

  it('a pull with a conflict stops and says so', async () => {
    const app = await cloned()
    elsewhere.commit('theirs', { 'README.md': 'theirs\n' })
    elsewhere.git('push', '-q')
    app.commit('mine', { 'README.md': 'mine\n' })
    expect(await client.request('git.pull', { root: 'app', mode: 'merge' })).toEqual({ conflicts: 1 })
    expect(app.read('README.md')).toMatch(/<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>>/)
  })

  it('a branch is published, and gets its upstream', async () => {
    const app = await cloned()
    await client.request('git.switch', { root: 'app', to: 'topic', create: true })
    app.commit('topic', { 't.txt': 't\n' })
    expect((await client.attempt('git.push', { root: 'app' })).problem?.detail).toMatch(/no upstream. Publish it/)
    await client.request('git.push', { root: 'app', remote: 'origin' })
    await client.event('git.changed', ({ repositories }) =>
      repositories.some(({ upstream }) => upstream === 'origin/topic'),
    )
    await client.request('git.switch', { root: 'app', to: 'HEAD', detach: true })
    expect((await client.attempt('git.push', { root: 'app' })).problem?.detail).toMatch(/on no branch/)
  })

  it('an existing project is published: remote added, pushed, removed', async () => {
    const bare = new TestRepository(worker.folder)
    bare.git('init', '-q', '--bare', 'empty.git')
    const project = TestRepository.init(worker.root)
    project.commit('first', { 'a.txt': 'one\n' })
    await client.request('git.addRemote', { root: '', remote: 'origin', url: `file://${worker.folder}/empty.git` })
    await client.request('git.push', { root: '', remote: 'origin' })
    const now = await client.event('git.changed', ({ repositories }) => repositories[0]?.upstream === 'origin/main')
    expect(now.repositories[0]?.remotes).toEqual([{ name: 'origin', url: `file://${worker.folder}/empty.git` }])
    const secret = await client.attempt('git.addRemote', { root: '', remote: 'b', url: 'https://me:secret@host/x.git' })
    expect(secret.problem?.detail).toMatch(/Leave that part out/)
    expect(secret.problem?.detail).not.toContain('secret')
    await client.request('git.removeRemote', { root: '', remote: 'origin' })
    expect(project.git('remote')).toBe('')
  })
})

describe('a clone', () => {
  it('into a folder that is not empty, or of nothing, is refused and leaves nothing', async () => {
    mkdirSync(join(worker.root, 'full'))
    writeFileSync(join(worker.root, 'full/x'), '')
    expect((await client.attempt('git.clone', { url, folder: 'full' })).problem?.code).toBe('FILE_EXISTS')
    const missing = await client.attempt('git.clone', { url: `file://${worker.folder}/none.git`, folder: 'none' })
    expect(missing.problem?.detail).toMatch(/There is no repository/)
    expect(existsSync(join(worker.root, 'none'))).toBe(false)
    expect((await client.attempt('git.clone', { url, folder: '../out' })).problem?.code).toBe('INVALID_REQUEST')
  })

  it('shows that it is under way, and can be cancelled while it asks', async () => {
    const cloning = client.attempt('git.clone', { url, folder: 'app' })
    await asked()
    const { jobs } = await client.event('git.jobs', (data) => data.jobs.length > 0)
    expect(jobs[0]).toMatchObject({ title: 'Clone app', root: 'app' })
    await client.request('git.cancel', { job: jobs[0]?.job ?? 0 })
    expect((await cloning).problem?.detail).toBe('Clone app: cancelled.')
    await client.event('git.asks', ({ asks }) => asks.length === 0)
    expect(existsSync(join(worker.root, 'app'))).toBe(false)
  })
})

describe('ssh', () => {
  /** An ssh that asks what the real one asks, and then fails or writes down what it learned. */
  const fakeSsh = (question: string) => {
    const file = join(worker.folder, 'ssh')
    writeFileSync(
      file,
      `#!/bin/sh\nanswer="$("$SSH_ASKPASS" '${question}')" || exit 255\nprintf %s "$answer" > '${worker.folder}/learned'\nexit 255\n`,
    )
    chmodSync(file, 0o755)
    return file
  }

  it("the server's fingerprint is shown before it is trusted", async () => {
    const project = TestRepository.init(worker.root)
    project.git('remote', 'add', 'origin', 'ssh://git@example.invalid/x.git')
    project.git(
      'config',
      'core.sshCommand',
      fakeSsh(
        'The authenticity of host ... ED25519 key fingerprint is SHA256:abc.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ',
      ),
    )
    const fetching = client.attempt('git.fetch', { root: '' })
    const ask = await asked()
    expect(ask).toMatchObject({ kind: 'host-key', prompt: expect.stringContaining('SHA256:abc') })
    await answer(ask, ['yes'])
    expect((await fetching).problem).toBeDefined()
    expect(readFileSync(join(worker.folder, 'learned'), 'utf8')).toBe('yes')
  })

  it('a passphrase may be kept, and is asked for again when it was wrong', async () => {
    const project = TestRepository.init(worker.root)
    project.git('remote', 'add', 'origin', 'ssh://git@example.invalid/x.git')
    project.git('config', 'core.sshCommand', fakeSsh("Enter passphrase for key '/home/x': "))
    const first = client.attempt('git.fetch', { root: '' })
    const ask = await asked()
    expect(ask.kind).toBe('passphrase')
    await answer(ask, ['open sesame'], true)
    await first
    writeFileSync(join(worker.folder, 'learned'), '')
    await client.attempt('git.fetch', { root: '' })
    expect(readFileSync(join(worker.folder, 'learned'), 'utf8')).toBe('open sesame')
  })

  it('a key is made once, and its public half is shown', async () => {
    expect((await client.request('git.sshKey', {})).publicKey).toBeUndefined()
    const { publicKey, file } = await client.request('git.makeSshKey', {})
    expect(publicKey).toMatch(/^ssh-ed25519 \S+ omega my-app$/)
    expect(statSync(file).mode & 0o77).toBe(0)
    expect(await client.request('git.sshKey', {})).toEqual({ file, publicKey })
    expect((await client.attempt('git.makeSshKey', {})).problem?.code).toBe('FILE_EXISTS')
  })
})
