import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterEach, expect, it, vi } from 'vitest'
import { start } from '../../../src/roles/worker/index.ts'
import { BEARER, claimOf, DOMAIN, PUBLIC_PORT, SUBDOMAIN, TestWorker } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
afterEach(() => worker.close())

it('the page is served as built: guarded, compressed, its hashed files for ever', async () => {
  worker = await TestWorker.boot({ claim: false })
  await worker.stop()
  const page = join(worker.folder, 'page')
  mkdirSync(join(page, 'assets'), { recursive: true })
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>IDE</title>')
  writeFileSync(join(page, 'assets/main-abc123.js'), 'console.log(1)')
  writeFileSync(join(page, 'assets/main-abc123.js.br'), brotliCompressSync('console.log(1)'))
  await worker.start()
  await worker.claim()

  const index = await worker.ask('/', { headers: BEARER })
  expect(index.body).toContain('<title>IDE</title>')
  expect(index.headers['cache-control']).toBe('no-cache')
  const policy = String(index.headers['content-security-policy'])
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).not.toMatch(/\swss?:[\s;]/)
  expect(policy).toContain(`connect-src 'self' ws://${SUBDOMAIN}.${DOMAIN}:${PUBLIC_PORT} `)
  expect(policy).toContain(`frame-src 'self' http://*.${DOMAIN}:${PUBLIC_PORT} `)

  const script = await worker.ask('/assets/main-abc123.js', { headers: { ...BEARER, 'accept-encoding': 'br' } })
  expect(script.headers['content-encoding']).toBe('br')
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(script.headers['content-type']).toContain('javascript')

  for (const path of ['/nothing', '/assets/none.js', '/../template/template.json', '/%2e%2e/template/template.json']) {
    const answer = await worker.ask(path, { headers: BEARER })
    expect([path, answer.status >= 400 && answer.status < 500, answer.body.includes('Tiny')]).toEqual([
      path,
      true,
      false,
    ])
  }
})

it('says so when it was not built', async () => {
  worker = await TestWorker.boot()
  expect((await worker.ask('/', { headers: BEARER })).body).toContain('npm run build')
})

it('metrics are there for who has the token', async () => {
  worker = await TestWorker.boot()
  expect((await worker.ask('/metrics', { headers: BEARER })).body).toContain('process_cpu_seconds_total')
})

it('a port that begins to listen is told, and one that ends', async () => {
  worker = await TestWorker.boot()
  const client = await worker.connect()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { ports } = await client.event('ports.changed', (data) => data.ports.some((one) => one.port === port))
  expect(ports.some((one) => one.port === worker.port)).toBe(false)
  expect((await client.request('hello', {})).ports.find((one) => one.port === port)?.program).toMatch(/vitest|node/)
  client.events.length = 0
  server.close()
  await client.event('ports.changed', (data) => !data.ports.some((one) => one.port === port))
})

it('not isolated, the app gets a free port that stays, and only what was started here is told of', async () => {
  const command = "exec node -e \"require('http').createServer((q,r)=>r.end('app')).listen(process.env.PORT)\""
  worker = await TestWorker.boot({ start: command, appPort: 5173, config: { isolated: false, appPort: 0 } })
  const client = await worker.connect()
  const { appPort } = await client.request('hello', {})
  expect(appPort).not.toBe(5173)
  await client.event('ports.changed', ({ ports }) => ports.length === 1 && ports[0]?.port === appPort)
  const preview = await worker.ask('/', {
    host: `${appPort}-${claimOf().subdomain}.${DOMAIN}:${PUBLIC_PORT}`,
    headers: BEARER,
  })
  expect(preview.body).toBe('app')
  await worker.stop()
  await worker.start()
  expect((await (await worker.connect()).request('hello', {})).appPort).toBe(appPort)
})

it('a port that is taken is an error that leaves nothing running', async () => {
  worker = await TestWorker.boot()
  const second = start({ ...worker.config, port: worker.port, stateDir: join(worker.folder, 'other') })
  await expect(second).rejects.toThrow('EADDRINUSE')
  expect((await worker.ask('/readyz')).status).toBe(200)
})

it('the app alone is told by PORT where to listen: a second server would take it for its own', async () => {
  worker = await TestWorker.boot({ start: 'echo "port=$PORT"; sleep 60', appPort: 5173 })
  const client = await worker.connect()
  const app = await client.request('terminal.attach', { terminal: 'app', cols: 80, rows: 24 })
  await client.sees(app.channel, 'port=5173')
  const shell = await client.shell()
  client.type(shell.channel, 'echo "<$PORT> <$OMEGA_APP_PORT>"\n')
  await client.sees(shell.channel, '<> <5173>')
})
