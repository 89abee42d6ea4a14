import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { decodeMessage, encodeMessage, Tag } from '../../../../src/core/wire/frames.ts'
import { BEARER, claimOf, HOST, ORIGIN, TestWorker } from '../../../support/worker.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
let app: Server
let appPort = 0
beforeAll(async () => {
  app = createServer((request, response) => {
    const isStream = request.url === '/changes'
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'text/plain' }).end('hello')
  }).listen(0, '127.0.0.1')
  await new Promise((done) => app.once('listening', done))
  appPort = (app.address() as AddressInfo).port
  // Other programs of the machine that runs the tests are none of its own.
  worker = await TestWorker.boot({ start: 'sleep 1000', config: { isolated: false } })
})
afterAll(async () => {
  await worker.close()
  app.close()
})

const ask = async () => (await worker.ask('/_omega/activity', { headers: BEARER })).json
const lastKind = async () => (await ask()).last as { kind: string; at: number }
const post = (path: string, body: object) => worker.ask(`/_omega/${path}`, { method: 'POST', headers: BEARER, body })
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
/** What is counted while something is done that is none: nothing. */
const isNone = async (work: () => Promise<unknown>) => {
  const before = await lastKind()
  await work()
  expect(await lastKind()).toEqual(before)
}

describe('only the manager, who has the token', () => {
  it.each([
    ['GET', 'activity', undefined],
    ['POST', 'warn', { inMs: 1, then: 'asleep' }],
    ['POST', 'sleep', { then: 'asleep' }],
    ['POST', 'renamed', { name: 'x' }],
  ])('may %s /_omega/%s', async (method, path, body) => {
    const cookie = await worker.signIn()
    const options = { method, ...(body ? { body } : {}) }
    const stranger = await worker.ask(`/_omega/${path}`, options)
    const person = await worker.ask(`/_omega/${path}`, { ...options, headers: { cookie, origin: ORIGIN } })
    expect([stranger.status, person.status]).toEqual([401, 403])
  })

  it('says nonsense in vain', async () => {
    expect((await post('warn', { inMs: -1, then: 'asleep' })).status).toBe(400)
    expect((await post('warn', { inMs: 1, then: 'gone' })).status).toBe(400)
    expect((await post('sleep', { then: 'deleted' })).status).toBe(400)
    expect((await post('renamed', { name: '-' })).json.code).toBe('INVALID_NAME')
  })
})

describe('activity is', () => {
  it('an edit of a text, keys in a terminal, what its program writes later, and an operation', async () => {
    const page = await worker.connect()
    const { channel } = await page.shell()
    // Programs are looked at now, so not for the next three seconds.
    await ask()
    page.type(channel, ' ')
    await page.request('files.list', { path: '' })
    expect((await lastKind()).kind).toMatch(/^(?:keys|output)$/)
    page.type(channel, 'sleep 1.5; echo la""te\n')
    await page.sees(channel, 'late')
    expect((await lastKind()).kind).toBe('output')
    await page.request('files.write', { path: 'one.txt', text: 'one' })
    expect((await lastKind()).kind).toBe('operation')
    page.end()
  })

  it('a command, as long as it runs', async () => {
    const running = worker.ask('/_omega/exec', { method: 'POST', headers: BEARER, body: { cmd: ['sleep', '3'] } })
    await expect.poll(async () => (await lastKind()).kind).toBe('exec')
    const first = await lastKind()
    await pause(300)
    const later = await ask()
    expect(later).toMatchObject({ idleMs: 0, last: { kind: 'exec' } })
    expect((later.last as { at: number }).at).toBeGreaterThan(first.at)
    await running
    // The question itself may find that programs have worked.
    await expect.poll(async () => (await ask()).idleMs).toBeGreaterThan(0)
  })

  it('an upload', async () => {
    await worker.ask('/_omega/file?path=two.txt', { method: 'PUT', headers: BEARER, body: 'two' })
    expect((await lastKind()).kind).toBe('upload')
  })

  it('a preview that an app answers', async () => {
    const host = `${appPort}-${HOST}`
    expect((await worker.ask('/', { host, headers: BEARER })).body).toBe('hello')
    expect((await lastKind()).kind).toBe('preview')
  })

  it('a visit: a page that was loaded, or a person who wakes the sandbox', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/_omega/ws?wake=1`, {
      headers: { host: HOST, ...BEARER },
    })
    await new Promise((done) => socket.once('open', done))
    expect((await lastKind()).kind).toBe('visit')
    socket.terminate()
  })

  it('a program that works without a word', async () => {
    await pause(3_100)
    await ask()
    const page = await worker.connect()
    const { channel, terminal } = await page.shell()
    page.type(channel, '(while :; do :; done) & P=$!; sleep 4; kill $P\n')
    await pause(3_300)
    expect((await lastKind()).kind).toBe('program')
    // What it still says must not be taken for the next test's.
    await page.request('terminal.close', { terminal })
    page.end()
  })

  it('a person who says so, one that stirs, and who opens another file', async () => {
    const page = await worker.connect()
    await page.request('people.join', { seat: 'a-seat-that-is-long-enough', name: 'Ada' })
    await page.request('people.at', { path: 'one.txt', idle: false })
    expect((await lastKind()).kind).toBe('person')
    const before = Date.now()
    await page.request('keepAwake', {})
    const kept = await ask()
    expect(kept.people).toBe(1)
    expect(kept.keptAt).toBeGreaterThanOrEqual(before)
    await page.request('people.stirs', {})
    expect((await lastKind()).at).toBeGreaterThanOrEqual(kept.keptAt as number)
    page.end()
    await expect.poll(async () => (await ask()).people).toBe(0)
  })
})

describe('no activity is', () => {
  it('a page that is open, pings, connects again, begins a session and shows what there is', async () => {
    const shell = await worker.connect()
    const { terminal, channel: typed } = await shell.shell()
    shell.type(typed, '\x1b[I')
    shell.end()
    writeFileSync(join(worker.root, 'three.txt'), 'three')
    await pause(3_200)
    await ask()
    await isNone(async () => {
      const page = await worker.connect()
      await page.request('hello', {})
      await page.request('files.list', { path: '' })
      await page.request('files.watch', { path: '' })
      await page.request('people.join', { seat: 'another-seat-long-enough', name: 'Bob' })
      await page.request('people.at', { path: 'three.txt', idle: true })
      await page.request('document.open', { path: 'three.txt' })
      const { channel } = await page.request('terminal.attach', { terminal, cols: 100, rows: 30 })
      await page.sees(channel, 'ready> ')
      page.socket.send(encodeMessage({ tag: Tag.ping, payload: new Uint8Array() }))
      await new Promise<void>((done) =>
        page.socket.on('message', (data: Buffer) => decodeMessage(data)?.tag === Tag.pong && done()),
      )
      await page.reconnect()
      await page.request('terminal.resize', { channel, cols: 90, rows: 20 })
      page.type(channel, '\x1b[O')
      await page.request('files.list', { path: '' })
      // For the prompt that bash draws anew.
      await pause(400)
      page.end()
    })
  })

  it('a hot reload that asks whether the app is there, a socket to it, and an answer that nothing is', async () => {
    const host = `${appPort}-${HOST}`
    await isNone(async () => {
      await worker.ask('/changes', { host, headers: { ...BEARER, accept: 'text/event-stream' } })
      await worker.ask('/', { host, headers: { ...BEARER, accept: 'text/x-vite-ping' } })
      const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers: { host, ...BEARER } })
      await new Promise((done) => socket.once('error', done))
      expect((await worker.ask('/', { host: `9-${HOST}`, headers: BEARER })).status).toBe(502)
    })
  })

  it('a question of the manager, of a monitor, or of a page whether it is signed in', async () => {
    await isNone(async () => {
      await ask()
      await worker.ask('/healthz')
      await worker.ask('/metrics', { headers: BEARER })
      await worker.ask('/_omega/ws', { headers: BEARER })
      await worker.ask('/_omega/logs', { headers: BEARER })
    })
  })
})

describe('a warning', () => {
  it('comes to all pages, also those that come later, and one click of one of them ends it for all', async () => {
    const [one, other] = [await worker.connect(), await worker.connect()]
    await one.request('hello', {})
    expect((await post('warn', { inMs: 120_000, then: 'asleep' })).status).toBe(204)
    for (const page of [one, other]) {
      expect(await page.event('sleep.warned')).toEqual({ inMs: 120_000, then: 'asleep' })
    }
    const late = await worker.connect()
    const { warning } = await late.request('hello', {})
    expect(warning?.then).toBe('asleep')
    expect(warning?.inMs).toBeLessThanOrEqual(120_000)
    await one.request('keepAwake', {})
    for (const page of [one, other, late]) await page.event('sleep.kept')
    expect((await late.request('hello', {})).warning).toBeUndefined()
    for (const page of [one, other, late]) page.end()
  })
})

describe('going to sleep', () => {
  it('is refused while something happens', async () => {
    const page = await worker.connect()
    await page.request('keepAwake', {})
    const answer = await post('sleep', { then: 'asleep', unlessActiveWithinMs: 60_000 })
    expect([answer.status, answer.json.code]).toEqual([409, 'CONFLICT'])
    expect(await page.request('files.list', { path: '' })).toBeTruthy()
    page.end()
  })

  it.each(['asleep', 'stopped'] as const)('tells pages that it is %s and leaves nothing sticky', async (rest) => {
    const page = await worker.connect()
    const reason = new Promise<string>((done) => page.socket.once('close', (_code, text) => done(String(text))))
    const answer = await post('sleep', { then: rest })
    expect(answer.status).toBe(200)
    expect(answer.json.idleMs).toBeGreaterThanOrEqual(0)
    expect([await page.closed, await reason]).toEqual([4010, rest])
    const next = await worker.connect()
    expect((await next.request('hello', {})).sandbox.name).toBe('my-app')
    next.end()
  })

  it('is no idle time: who wakes a sandbox finds it as if it had just started', async () => {
    await post('sleep', { then: 'asleep' })
    expect((await lastKind()).kind).toBe('start')
    const { at } = await lastKind()
    expect(Date.now() - at).toBeLessThan(10_000)
  })

  it('keeps sessions and gives terminals what was typed meanwhile, in order', async () => {
    const page = await worker.connect()
    const { channel } = await page.shell()
    await post('sleep', { then: 'asleep' })
    await page.closed
    page.session.suspend()
    for (const letter of 'echo in-ord""er\n') page.type(channel, letter)
    await page.reconnect()
    expect(page.welcome?.resumed).toBe(true)
    await page.sees(channel, 'in-order')
    page.end()
  })

  it('cuts off who does not take their leave', async () => {
    const page = await worker.connect()
    await page.request('hello', {})
    // Nothing is read from it, so its goodbye never comes.
    page.socket.pause()
    expect((await post('sleep', { then: 'asleep' })).status).toBe(200)
    page.socket.resume()
    expect([1006, 4010]).toContain(await page.closed)
  })
})

describe('another name', () => {
  it('is told to pages, and kept over a restart; the claim may be repeated', async () => {
    const page = await worker.connect()
    expect((await post('renamed', { name: 'Better' })).status).toBe(204)
    expect(await page.event('sandbox.renamed')).toEqual({ name: 'better' })
    expect((await page.request('hello', {})).sandbox.name).toBe('better')
    expect(JSON.parse(readFileSync(join(worker.folder, 'state/claim.json'), 'utf8')).name).toBe('better')
    expect((await worker.claim()).status).toBe(200)
    expect((await worker.claim(claimOf({ port: 1 }))).status).toBe(409)
    await worker.stop()
    await worker.start()
    const again = await worker.connect()
    expect((await again.request('hello', {})).sandbox.name).toBe('better')
    again.end()
  })
})
