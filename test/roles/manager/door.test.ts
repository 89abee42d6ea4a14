import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { SANDBOX_ASLEEP } from '../../../src/core/wire/frames.ts'
import { mintTicket } from '../../../src/drivers/credentials.ts'
import { createLog } from '../../../src/drivers/log.ts'
import { sessionAudience } from '../../../src/drivers/session-ticket.ts'
import { Door, type DoorOwner } from '../../../src/roles/manager/door.ts'
import { freePort } from '../../support/free-port.ts'
import { throughDoor } from '../../support/through-door.ts'

const TOKEN = 'the-token-of-the-sandbox-0123456789'
const NAME = 'k3x9abcdefghjk.omega.test'

describe('the door', { timeout: 20_000 }, () => {
  let worker: Server
  let sockets: WebSocketServer
  let owner: DoorOwner | undefined
  let door: Door
  let port = 0
  let woken: string[]
  let now = 1_000_000

  beforeEach(async () => {
    worker = createServer((request: IncomingMessage, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => response.end(`${request.method} ${request.url} ${request.headers.host} ${body}`))
    })
    sockets = new WebSocketServer({ server: worker })
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
    await new Promise<void>((resolve) => worker.listen(0, '127.0.0.1', resolve))
    port = await freePort()
    woken = []
    now = 1_000_000
    const at = { address: '127.0.0.1', port: (worker.address() as AddressInfo).port }
    owner = {
      sandboxId: 'sb_1',
      subdomain: 'k3x9abcdefghjk',
      domain: 'omega.test',
      port,
      state: 'running',
      at,
      secret: { token: TOKEN, masterUrl: 'http://omega.test:8080' },
    }
    door = new Door({
      address: '127.0.0.1',
      ownerOf: (asked) => (asked === port ? owner : undefined),
      wake: async (sandboxId, cause) => {
        woken.push(`${sandboxId} ${cause}`)
        if (owner) owner.state = 'running'
        return at
      },
      now: () => now,
      log: createLog('test', 'silent', 2),
    })
    expect(await door.open(port)).toBe(true)
  })
  afterEach(async () => {
    await door.close()
    sockets.close()
    worker.closeAllConnections()
    worker.close()
  })

  const sleep = (state: 'asleep' | 'stopped' = 'asleep') => {
    if (owner) owner.state = state
  }
  const host = () => `${NAME}:${port}`
  const cookieFor = (name: string) => `omega-session=${mintTicket(TOKEN, sessionAudience(name), now + 60_000)}; other=1`
  const page = { accept: 'text/html' }

  it('moves bytes both ways, whatever they are', async () => {
    const body = 'x'.repeat(300_000)
    const answer = await throughDoor(port, '/a?b', host(), { method: 'POST', body })
    expect(answer.text).toBe(`POST /a?b ${host()} ${body}`)
    const preview = await throughDoor(port, '/', `5173-${host()}`)
    expect(preview.text).toBe(`GET / 5173-${host()} `)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/x`, { headers: { host: host() } })
    const heard = new Promise((resolve) => socket.on('message', (data) => resolve(String(data))))
    socket.on('open', () => socket.send('hello'))
    expect(await heard).toBe('echo hello')
    socket.close()
  })

  it.each([
    ['another name', `other.omega.test:PORT`],
    ['another zone', 'k3x9abcdefghjk.evil.test:PORT'],
    ['another port', `${NAME}:1`],
    ['an address', '127.0.0.1:PORT'],
    ['a dot at the end', `${NAME}.:PORT`],
    ['a sibling that ends alike', 'xk3x9abcdefghjk.omega.test:PORT'],
  ])('refuses %s, and the worker hears nothing', async (_what, name) => {
    const answer = await throughDoor(port, '/', name.replace('PORT', String(port)))
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([421, 'WRONG_HOST'])
  })

  it('shows an old link nothing of the sandbox that has the port now', async () => {
    const former = host()
    if (owner) owner = { ...owner, sandboxId: 'sb_2', subdomain: 'newowner' }
    expect((await throughDoor(port, '/', former)).status).toBe(421)
    expect((await throughDoor(port, '/', `newowner.omega.test:${port}`)).status).toBe(200)
    owner = undefined
    expect((await throughDoor(port, '/', former)).status).toBe(421)
  })

  it.each([
    ['two hosts', 'GET / HTTP/1.1\r\nHost: NAME\r\nHost: other\r\n\r\n', '421'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', '421'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '400'],
    ['no HTTP', 'hello\r\n\r\n', '400'],
    ['a head without end', `GET / HTTP/1.1\r\nHost: NAME\r\nX: ${'x'.repeat(40_000)}`, '400'],
    ['a header that is none', 'GET / HTTP/1.1\r\nHost: NAME\r\nbad header\r\n\r\n', '400'],
  ])('%s is refused and ends the connection', async (_what, bytes, status) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(Buffer.from(bytes.replace('NAME', host()), 'latin1'))
    const answer = Buffer.concat(await socket.toArray()).toString()
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('takes a head in pieces', async () => {
    const socket = connect(port, '127.0.0.1')
    for (const piece of ['GET / HT', 'TP/1.1\r\nHo', `st: ${host()}\r\nconnection: close\r`, '\n\r', '\n']) {
      socket.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(Buffer.concat(await socket.toArray()).toString()).toContain(`GET / ${host()}`)
  })

  it.each<[string, () => Record<string, string>, string, boolean]>([
    ['a bearer of its token', () => ({ authorization: `Bearer ${TOKEN}` }), '/x', true],
    ['a bearer of another', () => ({ authorization: `Bearer ${TOKEN}x` }), '/x', false],
    ['a page that is opened with its session', () => ({ ...page, cookie: cookieFor(NAME) }), '/', true],
    ["a page with another name's session", () => ({ ...page, cookie: cookieFor('other.omega.test') }), '/', false],
    ['a page that polls with its session', () => ({ cookie: cookieFor(NAME) }), '/api', false],
    ['an entry ticket', () => ({}), '/_omega/enter?token=TICKET', true],
    ['an entry ticket for a preview', () => ({}), '/_omega/enter?token=PREVIEW', false],
    ['nothing', () => ({}), '/', false],
  ])('asleep, %s wakes it or not', async (_what, headers, path, wakes) => {
    sleep()
    const target = path
      .replace('TICKET', mintTicket(TOKEN, 'ide', now + 1000))
      .replace('PREVIEW', mintTicket(TOKEN, 'preview/5173', now + 1000))
    const answer = await throughDoor(port, target, host(), { headers: headers() })
    expect([answer.status === 200, woken]).toEqual([wakes, wakes ? ['sb_1 visit'] : []])
    if (!wakes) expect([303, 401, 503]).toContain(answer.status)
  })

  it('asleep, it sends a page without a session to where one is to be had', async () => {
    sleep('stopped')
    const answer = await throughDoor(port, '/a?b=c', host(), { headers: page })
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      'http://omega.test:8080/open/k3x9abcdefghjk?to=%2Fa%3Fb%3Dc',
    ])
    expect(woken).toEqual([])
  })

  it('asleep, a page that comes back by itself is told so, and one that wants to wakes it', async () => {
    sleep('stopped')
    const open = (path: string) => {
      const headers = { host: host(), cookie: cookieFor(NAME) }
      return new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    }
    const closed = await new Promise((resolve) =>
      open('/_omega/ws').on('close', (code, reason) => resolve([code, String(reason)])),
    )
    expect(closed).toEqual([SANDBOX_ASLEEP, 'stopped'])
    expect(woken).toEqual([])
    const hot = open('/hmr')
    expect(await new Promise((resolve) => hot.on('error', (error) => resolve(error.message)))).toContain('503')
    expect(woken).toEqual([])
    const awake = open('/_omega/ws?wake=1')
    await new Promise((resolve) => awake.on('open', resolve))
    expect(woken).toEqual(['sb_1 visit'])
    awake.close()
  })

  it('links that may be false wake it now and then only', async () => {
    const path = `/_omega/enter?share=sh_0123456789abcdef.${'x'.repeat(30)}`
    const tries = []
    for (let turn = 0; turn < 8; turn++) {
      sleep()
      tries.push((await throughDoor(port, path, host())).status)
    }
    expect(tries).toEqual([200, 200, 200, 200, 200, 401, 401, 401])
    now += 11 * 60_000
    expect((await throughDoor(port, path, host())).status).toBe(200)
  })

  it('waits for a worker that is on its way back', async () => {
    const { port: place } = worker.address() as AddressInfo
    worker.closeAllConnections()
    await new Promise((resolve) => worker.close(resolve))
    const answer = throughDoor(port, '/late', host())
    await new Promise((resolve) => setTimeout(resolve, 200))
    await new Promise<void>((resolve) => worker.listen(place, '127.0.0.1', resolve))
    expect((await answer).text).toContain('/late')
  })

  it('cut ends what is open and goes on; shut listens no more', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/x`, { headers: { host: host() } })
    await new Promise((resolve) => socket.on('open', resolve))
    const gone = new Promise((resolve) => socket.on('close', resolve))
    door.cut(port)
    await gone
    expect((await throughDoor(port, '/', host())).status).toBe(200)
    await door.shut(port)
    await expect(throughDoor(port, '/', host())).rejects.toThrow(/ECONNREFUSED/)
    expect(door.ports).toEqual([])
  })

  it('says that another program has the port', async () => {
    const other = createServer()
    const taken = await freePort()
    await new Promise<void>((resolve) => other.listen(taken, '127.0.0.1', resolve))
    expect(await door.open(taken)).toBe(false)
    other.close()
  })
})
