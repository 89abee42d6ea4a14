import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Disguises } from '../../../src/roles/worker/preview/disguise.ts'
import { BEARER, HOST, TestWorker } from '../../support/worker.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

/** A dev server that answers to localhost only, in one of the ways they have. */
type Way = 'host' | 'text' | 'part' | 'socket' | 'always' | 'none'

let worker: TestWorker
let server: Server
let host: string
let way: Way = 'none'
let port = 0
const asked: IncomingMessage[] = []
const local = (text: string | undefined) => /^(?:https?:\/\/)?localhost(?::\d+)?$/.test(text ?? '')

beforeAll(async () => {
  worker = await TestWorker.boot()
})
afterAll(() => worker.close())
beforeEach(async () => {
  server?.closeAllConnections()
  server?.close()
  asked.length = 0
  server = createServer((request, response) => {
    asked.push(request)
    const { headers, url = '' } = request
    const refuse = (status: number, text: string) =>
      response.writeHead(status, { 'content-length': text.length }).end(text)
    if (way === 'always') refuse(403, 'for other reasons')
    else if (way === 'host' && !local(headers.host)) refuse(403, 'Blocked request. This host is not allowed.')
    else if (way === 'text' && !local(headers.host)) refuse(200, 'Invalid Host header')
    else if (way === 'part' && url.startsWith('/_next') && headers.origin && !local(headers.origin))
      refuse(403, 'Unauthorized')
    else response.end(JSON.stringify({ headers, url }))
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    asked.push(request)
    if (way !== 'none' && !local(request.headers.origin)) socket.end('Unauthorized')
    else sockets.handleUpgrade(request, socket, head, (open) => open.send(JSON.stringify(request.headers)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  host = `${port}-${HOST}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const page = (path = '/', more: Record<string, string> = {}) =>
  worker.ask(path, { host, headers: { ...BEARER, accept: 'text/html', ...more } })
const part = (path: string, more: Record<string, string> = {}, method = 'GET', body?: string) =>
  worker.ask(path, {
    host,
    method,
    headers: { ...BEARER, origin: `http://${host}`, ...more },
    ...(body ? { body } : {}),
  })
const seen = (answer: { json: Record<string, unknown> }) => answer.json.headers as Record<string, string>
const socket = (path: string): Promise<Record<string, string>> =>
  new Promise((resolve, reject) => {
    const open = new WebSocket(`ws://127.0.0.1:${worker.port}${path}`, {
      headers: { ...BEARER, host, origin: `http://${host}` },
    })
    open.once('message', (data) => {
      resolve(JSON.parse(String(data)) as Record<string, string>)
      open.terminate()
    })
    open.once('error', reject)
  })

describe('a dev server', () => {
  it('that takes any name is asked by its own', async () => {
    way = 'none'
    expect(seen(await page()).host).toBe(host)
    expect((await socket('/hmr')).origin).toBe(`http://${host}`)
    expect(asked).toHaveLength(2)
  })

  it.each(['host', 'text'] as const)(
    'that refuses our name (by %s) is asked as localhost, all of it',
    async (refuses) => {
      way = refuses
      const first = await page('/', { referer: `http://${host}/before?x`, origin: `http://${host}` })
      expect(first.status).toBe(200)
      expect(seen(first)).toMatchObject({
        host: `localhost:${port}`,
        origin: `http://localhost:${port}`,
        referer: `http://localhost:${port}/before?x`,
        'x-forwarded-host': host,
        'x-forwarded-proto': 'http',
      })
      expect(asked).toHaveLength(2)
      expect(seen(await part('/api', {}, 'POST', 'body')).origin).toBe(`http://localhost:${port}`)
      expect(seen(await part('/script.js')).host).toBe(`localhost:${port}`)
      expect((await socket('/ws')).host).toBe(`localhost:${port}`)
      expect(asked).toHaveLength(5)
    },
  )

  it('sees from where else a request comes, whatever it is called itself', async () => {
    way = 'host'
    await page()
    const foreign = await page('/', { origin: 'http://evil.example', referer: 'http://evil.example/a' })
    expect(seen(foreign)).toMatchObject({ origin: 'http://evil.example', referer: 'http://evil.example/a' })
  })

  it('that refuses our origin in one part is asked so in that part only', async () => {
    way = 'part'
    expect((await page()).status).toBe(200)
    expect((await socket('/_next/webpack-hmr')).origin).toBe(`http://localhost:${port}`)
    asked.length = 0
    expect(seen(await part('/_next/a.js')).origin).toBe(`http://localhost:${port}`)
    expect(seen(await part('/__nextjs_frames', {}, 'POST', 'x')).origin).toBe(`http://localhost:${port}`)
    // A server action: its origin is compared with X-Forwarded-Host.
    expect(seen(await part('/', {}, 'POST', 'x'))).toMatchObject({ origin: `http://${host}`, host })
    expect(asked).toHaveLength(3)
  })

  it('that refuses for other reasons is asked twice once, and its refusal stands', async () => {
    way = 'always'
    for (let time = 0; time < 5; time++) expect((await page()).body).toBe('for other reasons')
    expect(asked).toHaveLength(6)
    expect((await part('/', {}, 'POST', 'x')).status).toBe(403)
    expect(asked).toHaveLength(7)
  })

  it('that is another one now is asked by our name again', async () => {
    way = 'host'
    expect(seen(await page()).host).toBe(`localhost:${port}`)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect((await page()).status).toBe(502)
    way = 'none'
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    expect(seen(await page()).host).toBe(host)
  })
})

it('what helped and what did not is remembered in bounds', () => {
  let now = 0
  const disguises = new Disguises(() => now)
  const asked1 = { port: 80, target: '/a/b?c', kind: 'part' } as const
  expect(disguises.mayHelp(asked1)).toBe(true)
  disguises.didNotHelp(asked1)
  expect(disguises.mayHelp(asked1)).toBe(false)
  expect(disguises.mayHelp({ ...asked1, target: '/b' })).toBe(true)
  now = 120_000
  expect(disguises.mayHelp(asked1)).toBe(true)
  for (let index = 0; index < 10_000; index++) disguises.didNotHelp({ ...asked1, target: `/${index}` })
  disguises.helped(asked1)
  expect(disguises.wears({ ...asked1, target: '/a' })).toBe(true)
  expect(disguises.wears({ ...asked1, port: 8 })).toBe(false)
  disguises.forget(80)
  expect(disguises.wears(asked1)).toBe(false)
})
