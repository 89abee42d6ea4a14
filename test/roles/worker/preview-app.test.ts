import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { RawApp } from '../../support/raw-app.ts'
import { BEARER, HOST, TestWorker, TOKEN } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
let app: RawApp
beforeAll(async () => {
  worker = await TestWorker.boot()
})
afterEach(() => app?.close())
afterAll(() => worker.close())

const listen = async (answer: (head: string, socket: Socket) => void, port?: number) => {
  app = await RawApp.listen(answer, port)
  return `${app.port}-${HOST}`
}
const ok = (body: string, more = '') => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`
const ask = (host: string, path = '/', more: Record<string, string> = {}) =>
  worker.ask(path, { host, headers: { ...BEARER, ...more } })

describe('connections to the app', () => {
  it('are kept for the next request, and taken back from one that closes them', async () => {
    const host = await listen((head, socket) => {
      socket.write(ok(head.split(' ')[1] ?? ''))
      if (head.includes('/last')) socket.end()
    })
    for (const path of ['/a', '/b', '/c']) expect((await ask(host, path)).body).toBe(path)
    expect(app.asked.map((heads) => heads.length)).toEqual([3])
    expect((await ask(host, '/last')).body).toBe('/last')
    expect((await ask(host, '/d')).body).toBe('/d')
    expect(app.asked).toHaveLength(2)
  })

  it('that the app closes as they are used again cost nothing that can be repeated', async () => {
    let closing = false
    const host = await listen((_head, socket) => {
      // The second request on a connection is never read: it was closed meanwhile.
      if (closing && app.asked.some((heads) => heads.length > 1)) {
        closing = false
        socket.destroy()
      } else socket.write(ok('here'))
    })
    await ask(host)
    closing = true
    expect((await ask(host)).body).toBe('here')
    expect(app.asked).toHaveLength(2)
  })

  it('are new for what must not be sent twice', async () => {
    const host = await listen((_head, socket) => socket.write(ok('done')))
    await ask(host)
    for (let time = 0; time < 2; time++) {
      await worker.ask('/', { method: 'POST', host, headers: BEARER, body: 'once' })
    }
    expect(app.asked.length).toBe(3)
  })

  it('are many at once for many requests', async () => {
    const waiting: Socket[] = []
    const host = await listen((_head, socket) => {
      waiting.push(socket)
      if (waiting.length === 60) for (const one of waiting) one.write(ok('all here'))
    })
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => ask(host, `/${index}`)))
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['all here']))
  })

  it('survive that the app restarts', async () => {
    const host = await listen((_head, socket) => socket.write(ok('first')))
    const { port } = app
    expect((await ask(host)).body).toBe('first')
    await app.close()
    expect((await ask(host)).status).toBe(502)
    await listen((_head, socket) => socket.write(ok('second')), port)
    expect((await ask(host)).body).toBe('second')
  })
})

describe('an app that answers badly', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['a status of too many digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
    ['a control character in a header', 'HTTP/1.1 200 OK\r\nX-Bad: a\x01b\r\nContent-Length: 0\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a switch that nobody asked for', 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
    ['an endless header', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('with %s gives a person a sentence, and the worker goes on', async (_what, bytes) => {
    const host = await listen((_head, socket) => socket.end(bytes, 'latin1'))
    const page = await ask(host, '/', { accept: 'text/html' })
    expect(page.status).toBe(502)
    expect(page.body).toMatch(/did not answer in HTTP|broke off/)
    expect((await ask(host)).json.code).toBe('BAD_GATEWAY')
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers: { ...BEARER, host } })
    await expect(new Promise((_resolve, reject) => socket.once('error', reject))).rejects.toThrow()
    expect((await worker.ask('/healthz')).status).toBe(200)
  })

  it('with a reason that no browser would take gives its answer without it', async () => {
    const host = await listen((_head, socket) => socket.end('HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nhi'))
    expect((await ask(host)).body).toBe('hi')
  })

  it('in the HTTP of 1996 is understood', async () => {
    const host = await listen((_head, socket) =>
      socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold but whole'),
    )
    const answer = await ask(host)
    expect([answer.status, answer.body]).toEqual([200, 'old but whole'])
  })

  it('before it has read all of a large body answers all the same, and the connection goes on', async () => {
    const host = await listen((_head, socket) => socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'))
    const body = 'x'.repeat(3_000_000)
    const request = `POST / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const second = `GET /healthz HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`
    const text = await worker.raw(request + second)
    expect(text).toMatch(/^HTTP\/1\.1 (413|502) /)
    expect(text).toContain('HTTP/1.1 200 OK')
  })

  it('slowly is waited for', async () => {
    const host = await listen((_head, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')
      let count = 0
      const timer = setInterval(() => {
        socket.write(`data: ${count}\n\n`)
        if (++count === 50) {
          clearInterval(timer)
          socket.end()
        }
      }, 120)
    })
    const answer = await ask(host)
    expect(answer.body).toContain('data: 49')
  })

  it('with an address of localhost sends people to the preview of that port', async () => {
    const host = await listen((head, socket) => {
      const to = decodeURIComponent(head.split(' ')[1]?.slice(2) ?? '')
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`)
    })
    const sentTo = async (to: string) => (await ask(host, `/?${encodeURIComponent(to)}`)).headers.location
    expect(await sentTo(`http://localhost:${app.port}/a?b#c`)).toBe(`http://${host}/a?b#c`)
    expect(await sentTo('http://127.0.0.1:9000')).toBe(`http://9000-${HOST}`)
    expect(await sentTo('https://[::1]/x')).toBe(`http://443-${HOST}/x`)
    for (const other of ['/relative', 'http://localhost.evil/', 'http://localhostage:80/', 'https://example.com/']) {
      expect(await sentTo(other)).toBe(other)
    }
  })

  it('to a WebSocket that is open ends it when it goes, and takes the next one when it is back', async () => {
    const answer = (head: string, socket: Socket) => {
      const key = /Sec-WebSocket-Key: (\S+)/i.exec(head)?.[1] ?? ''
      void crypto.subtle
        .digest('SHA-1', new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`))
        .then((digest) => {
          const accept = Buffer.from(digest).toString('base64')
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
          )
        })
    }
    const host = await listen(answer)
    const { port } = app
    const open = () => new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers: { ...BEARER, host } })
    const first = open()
    await new Promise((resolve) => first.once('open', resolve))
    const closed = new Promise((resolve) => first.once('close', resolve))
    first.on('error', () => undefined)
    await app.close()
    await closed
    await listen(answer, port)
    const second = open()
    await new Promise((resolve) => second.once('open', resolve))
    second.terminate()
  })
})
