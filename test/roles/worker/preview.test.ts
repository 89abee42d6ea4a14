import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { BEARER, HOST, TestWorker, TOKEN } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

/** A dev server as people write them: answers on HTTP and WebSocket, and tells what it was asked. */
let app: Server
let port: number
let worker: TestWorker
let host: string
let aborted = 0
const received: IncomingMessage[] = []

beforeAll(async () => {
  worker = await TestWorker.boot()
  app = createServer((request, response) => {
    received.push(request)
    request.on('close', () => {
      if (!request.complete) aborted++
    })
    if (request.url === '/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
      response.on('close', () => aborted++)
      return
    }
    if (request.url === '/break') {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
      setTimeout(() => response.destroy(), 20)
      return
    }
    let size = 0
    request.on('data', (chunk) => {
      size += chunk.length
    })
    request.on('end', () => {
      response.setHeader('set-cookie', [
        'app=1; Path=/; HttpOnly',
        'wide=1; Domain=omega.localhost; Path=/',
        'omega-session=stolen; Path=/',
        '__Host-omega-session=stolen; Secure; Path=/',
        '=omega-session=stolen; Path=/',
        ' = __Host-omega-session=stolen; Path=/',
      ])
      response.setHeader('clear-site-data', '"cookies"')
      response.setHeader('x-app', 'yes')
      response.setHeader('connection', 'x-hop')
      response.setHeader('x-hop', 'for one connection')
      response.statusCode = request.url === '/missing' ? 404 : 200
      const { method, url } = request
      response.end(JSON.stringify({ method, url, size, headers: request.rawHeaders }))
    })
  })
  const sockets = new WebSocketServer({ server: app, path: '/hmr', handleProtocols: () => 'vite-hmr' })
  sockets.on('connection', (socket, request) => {
    socket.send(JSON.stringify(request.rawHeaders))
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  port = (app.address() as AddressInfo).port
  host = `${port}-${HOST}`
})
afterAll(async () => {
  await worker.close()
  app.closeAllConnections()
  app.close()
})

describe('a request to the preview', () => {
  it('reaches the app at its own path with its own Host, without our credentials', async () => {
    const cookie = await worker.signIn(port)
    const answer = await worker.ask('/deep/path?x=1&y=%2F..', {
      host,
      headers: {
        cookie: `theme=dark; ${cookie}; a=b`,
        authorization: 'Basic YXBwOmFwcA==',
        'x-forwarded-for': '6.6.6.6',
      },
    })
    expect(answer.status).toBe(200)
    const { url, headers } = answer.json as { url: string; headers: string[] }
    expect(url).toBe('/deep/path?x=1&y=%2F..')
    const seen = Object.fromEntries(
      headers.flatMap((name, index) => (index % 2 ? [] : [[name.toLowerCase(), headers[index + 1]]])),
    )
    expect(seen).toMatchObject({
      host,
      cookie: 'theme=dark; a=b',
      authorization: 'Basic YXBwOmFwcA==',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
    })
    expect(answer.body).not.toMatch(/omega-session|6\.6\.6\.6/)
  })

  it('carries no token either', async () => {
    const answer = await worker.ask('/', { host, headers: { ...BEARER, 'x-omega-secret': 'x' } })
    expect(answer.status).toBe(200)
    expect(answer.body).not.toContain(TOKEN)
    expect(answer.body).not.toContain('x-omega')
  })

  it('is answered as the app answers, but for cookies in our name or for other hosts', async () => {
    const answer = await worker.ask('/missing', { host, headers: BEARER })
    expect(answer.status).toBe(404)
    expect(answer.headers['x-app']).toBe('yes')
    expect(answer.headers['x-hop']).toBeUndefined()
    expect(answer.headers['clear-site-data']).toBeUndefined()
    expect(answer.headers['set-cookie']).toEqual(['app=1; Path=/; HttpOnly', 'wide=1; Path=/'])
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'PROPFIND', 'OPTIONS', 'HEAD'])('may be a %s', async (method) => {
    const answer = await worker.ask('/%zz/a%00?%', { method, host, headers: BEARER })
    expect(answer.status).toBe(200)
    if (method !== 'HEAD') expect(answer.json).toMatchObject({ method, url: '/%zz/a%00?%' })
  })

  it('may be /healthz and whatever else is ours elsewhere', async () => {
    for (const url of ['/healthz', '/metrics', '/_omega/ws', '/_omega/claim']) {
      expect((await worker.ask(url, { host, headers: BEARER })).json).toMatchObject({ url })
      expect((await worker.ask(url, { host })).status).toBe(401)
    }
  })

  it('may have a body of any size, which is not gathered here', async () => {
    const body = 'x'.repeat(20_000_000)
    const answer = await worker.ask('/upload', { method: 'POST', host, headers: BEARER, body })
    expect(answer.json.size).toBe(20_000_000)
    const chunked = await worker.ask('/upload', {
      method: 'POST',
      host,
      headers: { ...BEARER, 'transfer-encoding': 'chunked' },
      body: 'chunks',
    })
    expect(chunked.json.size).toBe(6)
  })

  it('is a stream, and ends at the app when the browser leaves', async () => {
    const before = aborted
    const text = await new Promise<string>((resolve) => {
      const socket = connect(worker.port, '127.0.0.1', () =>
        socket.write(`GET /stream HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`),
      )
      let seen = ''
      socket.on('data', (chunk) => {
        seen += chunk.toString()
        if (!seen.includes('data: 1')) return
        socket.destroy()
        resolve(seen)
      })
    })
    expect(text).toContain('text/event-stream')
    await expect.poll(() => aborted).toBeGreaterThan(before)
  })

  it('that the app breaks off is broken off', async () => {
    await expect(worker.ask('/break', { host, headers: BEARER })).rejects.toThrow()
    expect((await worker.ask('/', { host, headers: BEARER })).status).toBe(200)
  })

  it('that changes something comes from its own pages', async () => {
    const cookie = await worker.signIn(port)
    const post = (origin?: string) =>
      worker.ask('/', { method: 'POST', host, headers: { cookie, ...(origin ? { origin } : {}) }, body: {} })
    expect((await post(`http://${host}`)).status).toBe(200)
    for (const origin of [undefined, 'http://evil.example', `http://${HOST}`, 'null']) {
      expect((await post(origin)).status).toBe(403)
    }
  })
})

describe('where nothing listens', () => {
  it('a person sees a page that asks again, a program a problem', async () => {
    const nowhere = `1-${HOST}`
    const page = await worker.ask('/', { host: nowhere, headers: { ...BEARER, accept: 'text/html' } })
    expect([page.status, page.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8'])
    expect(page.body).toContain('http-equiv="refresh"')
    expect(page.body).toContain('port 1 ')
    const answer = await worker.ask('/x.js', {
      method: 'POST',
      host: nowhere,
      headers: BEARER,
      body: 'x'.repeat(100_000),
    })
    expect([answer.status, answer.json.code, answer.json.port]).toEqual([502, 'BAD_GATEWAY', 1])
  })

  it("the worker's own port is no app", async () => {
    const answer = await worker.ask('/', { host: `${worker.port}-${HOST}`, headers: BEARER })
    expect([answer.status, answer.json.code]).toEqual([403, 'FORBIDDEN'])
  })
})

it('finds an app on the IPv6 loopback, too', async () => {
  const six = createServer((_request, response) => response.end('six'))
  await new Promise<void>((resolve) => six.listen(0, '::1', resolve))
  const at = (six.address() as AddressInfo).port
  expect((await worker.ask('/', { host: `${at}-${HOST}`, headers: BEARER })).body).toBe('six')
  six.close()
})

it('no request, whatever its target, reaches anything but the port its Host names', async () => {
  const part = fc.constantFrom(
    '@',
    '//',
    '\\',
    '%2f',
    '..',
    ':80',
    'evil.example',
    '[::1]',
    '#',
    '?',
    'http:',
    '%00',
    'é',
    'a',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
      const target = `/${parts.join('')}`
      const before = received.length
      const answer = await worker.raw(
        `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1.1 (200|400) /)
      if (answer.startsWith('HTTP/1.1 200')) {
        expect(received.length).toBe(before + 1)
        expect(received.at(-1)?.headers.authorization).toBeUndefined()
      }
    }),
    { numRuns: 60 },
  )
})

describe('a WebSocket of the app', () => {
  const open = (headers: Record<string, string>, path = '/hmr') => {
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}${path}`, 'vite-hmr', { headers: { host, ...headers } })
    const first = new Promise<string>((resolve, reject) => {
      socket.once('message', (data) => resolve(String(data)))
      socket.once('error', reject)
    })
    return { socket, first }
  }

  it('goes through as it is, without our credentials', async () => {
    const cookie = await worker.signIn(port)
    const { socket, first } = open({ cookie: `${cookie}; a=b`, origin: `http://${host}` })
    const headers = await first
    expect(headers).toContain('"a=b"')
    expect(headers).not.toContain('omega-session')
    expect(socket.protocol).toBe('vite-hmr')
    const large = Buffer.alloc(1_000_000, 7)
    const echoed = new Promise<Buffer>((resolve) => socket.once('message', (data) => resolve(data as Buffer)))
    socket.send(large)
    expect((await echoed).equals(large)).toBe(true)
    socket.close()
  })

  it.each(['http://evil.example', `http://${HOST}`, 'null', undefined])(
    'of a page of %s is refused',
    async (origin) => {
      const cookie = await worker.signIn(port)
      await expect(open({ cookie, ...(origin ? { origin } : {}) }).first).rejects.toThrow('403')
      await expect(open(origin ? { origin } : {}).first).rejects.toThrow('401')
    },
  )

  it('that the app does not want is refused as the app does', async () => {
    await expect(open(BEARER, '/other').first).rejects.toThrow('400')
  })

  it('where nothing listens is refused, and the worker goes on', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers: { ...BEARER, host: `1-${HOST}` } })
    const failed = new Promise((_resolve, reject) => socket.once('error', reject))
    await expect(failed).rejects.toThrow('502')
    expect((await worker.ask('/', { host, headers: BEARER })).status).toBe(200)
  })

  it('survives ends that break off on either side', async () => {
    for (let round = 0; round < 10; round++) {
      const { socket, first } = open(BEARER)
      await first
      socket.terminate()
    }
    expect((await worker.ask('/', { host, headers: BEARER })).status).toBe(200)
  })
})
