import { readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { hashToken } from '../../../src/drivers/credentials.ts'
import { BEARER, claimOf, HOST, ORIGIN, TestWorker, TOKEN } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const KEY = 'the key in the only claim, 0123456789'

let worker: TestWorker
afterEach(() => worker.close())

it('before the claim it is alive, not ready, and shows nothing', async () => {
  worker = await TestWorker.boot({ claim: false })
  expect((await worker.ask('/healthz', { host: `127.0.0.1:${worker.port}` })).status).toBe(200)
  expect((await worker.ask('/readyz')).json.code).toBe('NOT_READY')
  for (const path of ['/', '/metrics', '/_omega/logs', '/_omega/enter?token=x', '/anything']) {
    const answer = await worker.ask(path, { headers: BEARER })
    expect([path, answer.status, answer.json.code]).toEqual([path, 503, 'NOT_READY'])
  }
  await expect(worker.connect()).rejects.toThrow('503')
})

it('the first claim wins, the same may be repeated, another is refused', async () => {
  worker = await TestWorker.boot({ claim: false })
  expect((await worker.claim(claimOf())).status).toBe(200)
  const { env, ...rest } = claimOf()
  expect((await worker.claim({ env, ...rest })).status).toBe(200)
  for (const other of [{ token: 'another-token-0123456789' }, { sandboxId: 'sb_other' }, { env: { A: '1' } }]) {
    const answer = await worker.claim(claimOf(other))
    expect([answer.status, answer.json.code]).toEqual([409, 'CONFLICT'])
  }
  expect((await worker.ask('/readyz')).status).toBe(200)
})

it('a claim that is none, or comes from a web page, changes nothing', async () => {
  worker = await TestWorker.boot({ claim: false })
  const post = { method: 'POST', host: `127.0.0.1:${worker.port}` }
  expect((await worker.ask('/_omega/claim', { ...post, body: { ...claimOf(), more: 1 } })).status).toBe(400)
  expect((await worker.ask('/_omega/claim', { ...post, body: '{' })).status).toBe(415)
  const json = { 'content-type': 'application/json' }
  expect((await worker.ask('/_omega/claim', { ...post, body: '{', headers: json })).status).toBe(400)
  const fromPage = await worker.ask('/_omega/claim', { ...post, body: claimOf(), headers: { origin: ORIGIN } })
  expect(fromPage.status).toBe(403)
  expect((await worker.ask('/readyz')).status).toBe(503)
})

it('a restarted worker is the same sandbox again, and its secret is for its user only', async () => {
  worker = await TestWorker.boot()
  const cookie = await worker.signIn()
  await worker.stop()
  await worker.start()
  expect((await worker.ask('/', { headers: { cookie } })).status).toBe(200)
  const file = join(worker.folder, 'state/claim.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(file, 'utf8')).subdomain).toBe('abcdef')
})

it("the claim's variables reach commands, terminals and the app, omega's own secrets do not", async () => {
  vi.stubEnv('OMEGA_TEST_SECRET', 'planted-secret')
  try {
    worker = await TestWorker.boot({
      start: 'echo "app sees $COLOUR"; sleep 60',
      claim: claimOf({ env: { COLOUR: 'teal' } }),
    })
    const client = await worker.connect()
    const shell = await client.shell()
    client.type(shell.channel, 'env | sort; echo "the end" | tr a-z A-Z\n')
    const output = await client.sees(shell.channel, 'THE END')
    expect(output).toContain('COLOUR=teal')
    expect(output).toContain('__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS=.omega.localhost')
    expect(output).not.toContain('planted-secret')
    const app = await client.request('terminal.attach', { terminal: 'app', cols: 80, rows: 24 })
    await client.sees(app.channel, 'app sees teal')
  } finally {
    vi.unstubAllEnvs()
  }
})

it('nothing secret is logged', async () => {
  worker = await TestWorker.boot()
  await worker.signIn()
  await worker.ask('/_omega/enter?token=planted-ticket&to=/', { host: HOST })
  expect(worker.logged.join('')).toContain('claimed')
  expect(worker.logged.join('')).not.toMatch(/sandbox-token|planted-ticket|omega-session/)
})

it('a claim that never ends, from whoever it is, does not hold its connection', async () => {
  worker = await TestWorker.boot({ claim: false, config: { bodyTimeoutMs: 50 } })
  const socket = connect(worker.port, '127.0.0.1')
  const head =
    'POST /_omega/claim HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n'
  socket.write(`${head}{`)
  // Ends only when the worker ends it.
  await socket.toArray().catch(() => undefined)
  expect((await worker.claim()).status).toBe(200)
})

it('takes only the claim its manager announced, however early another one comes', async () => {
  worker = await TestWorker.boot({ claim: false, config: { claimHash: hashToken(KEY) } })
  for (const key of ['x'.repeat(43), TOKEN, undefined]) {
    const thief = await worker.claim(claimOf(key === undefined ? {} : { key }))
    expect([thief.status, thief.json.code]).toEqual([403, 'FORBIDDEN'])
  }
  expect((await worker.claim(claimOf({ key: KEY }))).status).toBe(200)
  expect((await worker.ask('/', { headers: BEARER })).status).toBe(200)
})

it("a copy's worker is its own sandbox's: of the other one's claim only the variables stay", async () => {
  worker = await TestWorker.boot({ claim: false, config: { claimHash: hashToken('another key') } })
  await worker.claim(claimOf({ key: 'another key', env: { A: '1', B: '2' } }))
  expect((await worker.ask('/', { headers: BEARER })).status).toBe(200)
  await worker.stop()
  // As in a container that was made of this one's files.
  await worker.start({ claimHash: hashToken(KEY) })
  expect((await worker.ask('/readyz')).status).toBe(503)
  expect((await worker.ask('/', { headers: BEARER })).status).toBe(503)
  const mine = claimOf({ key: KEY, token: 'x'.repeat(43), env: { B: '3' } })
  expect((await worker.claim(mine)).status).toBe(200)
  expect((await worker.claim(mine)).status).toBe(200)
  expect((await worker.ask('/', { headers: BEARER })).status).toBe(401)
  const kept = JSON.parse(readFileSync(join(worker.folder, 'state/claim.json'), 'utf8'))
  expect(kept.env).toEqual({ A: '1', B: '3' })
})
