import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { mintTicket } from '../../../src/drivers/credentials.ts'
import { BEARER, DOMAIN, HOST, ORIGIN, PUBLIC_PORT, SUBDOMAIN, TestWorker, TOKEN } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
beforeAll(async () => {
  worker = await TestWorker.boot()
})
afterAll(() => worker.close())

const NAME = `${SUBDOMAIN}.${DOMAIN}`

describe('Host (DNS rebinding)', () => {
  it.each([HOST, HOST.toUpperCase(), NAME, `${NAME}:80`, `${NAME}:443`])('%s is served', async (host) => {
    expect((await worker.ask('/', { host, headers: BEARER })).status).toBe(200)
  })

  it.each([
    'evil.example',
    `evil.example:${PUBLIC_PORT}`,
    `${NAME}.:${PUBLIC_PORT}`,
    `${NAME}:${PUBLIC_PORT + 1}`,
    `${NAME}.evil.example:${PUBLIC_PORT}`,
    `x${HOST}`,
    `other.${DOMAIN}:${PUBLIC_PORT}`,
    `${DOMAIN}:${PUBLIC_PORT}`,
    `a.${HOST}`,
    '127.0.0.1',
    `127.0.0.1:${PUBLIC_PORT}`,
    `[::1]:${PUBLIC_PORT}`,
    'localhost',
    `user@${HOST}`,
    `${HOST}/`,
    `70000-${HOST}`,
    `0-${HOST}`,
    `08080-${HOST}`,
    `-1-${HOST}`,
    `5173-5174-${HOST}`,
    `5173-other.${DOMAIN}:${PUBLIC_PORT}`,
  ])('%s is not', async (host) => {
    const answer = await worker.ask('/', { host, headers: BEARER })
    expect([answer.status, answer.json.code]).toEqual([421, 'WRONG_HOST'])
    await expect(worker.connect(BEARER, host)).rejects.toThrow('421')
  })

  const line = `Authorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`
  it.each([
    ['absent', `GET / HTTP/1.1\r\n${line}`, 400],
    ['absent in HTTP/1.0', `GET / HTTP/1.0\r\n${line}`, 400],
    ['twice', `GET / HTTP/1.1\r\nHost: ${HOST}\r\nHost: ${HOST}\r\n${line}`, 400],
    ['twice, the second foreign', `GET / HTTP/1.1\r\nHost: ${HOST}\r\nHost: evil.example\r\n${line}`, 400],
    ['empty', `GET / HTTP/1.1\r\nHost:\r\n${line}`, 421],
    ['right, the target absolute', `GET http://evil.example/ HTTP/1.1\r\nHost: ${HOST}\r\n${line}`, 400],
    ['right, the target a star', `OPTIONS * HTTP/1.1\r\nHost: ${HOST}\r\n${line}`, 400],
    ['right', `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${line}`, 200],
  ])('%s', async (_name, request, status) => {
    expect(await worker.raw(request)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('does not matter for the health of the process', async () => {
    expect((await worker.ask('/healthz', { host: '10.1.2.3' })).status).toBe(200)
    expect((await worker.ask('/readyz', { host: '10.1.2.3' })).status).toBe(200)
  })
})

describe('Origin (cross-site WebSocket hijacking, CSRF)', () => {
  const wrong = [
    'null',
    'https://evil.example',
    `https://${NAME}.evil.example:${PUBLIC_PORT}`,
    `http://evil${HOST}`,
    `http://other.${DOMAIN}:${PUBLIC_PORT}`,
    `http://5173-${HOST}`,
    `http://${NAME}:${PUBLIC_PORT + 1}`,
    `http://${NAME}`,
    `http://${HOST}@evil.example`,
    `http://user@${HOST}`,
    `${ORIGIN}/`,
    `${ORIGIN} ${ORIGIN}`,
    `ftp://${HOST}`,
    ORIGIN.toUpperCase(),
  ]

  it.each(wrong)('%s may neither open the socket nor change anything', async (origin) => {
    const cookie = await worker.signIn()
    for (const headers of [
      { cookie, origin },
      { ...BEARER, origin },
    ]) {
      await expect(worker.connect(headers)).rejects.toThrow('403')
      const answer = await worker.ask('/_omega/preview-link', { method: 'POST', body: { port: 5173 }, headers })
      expect([answer.status, answer.json.code]).toEqual([403, 'FORBIDDEN'])
    }
  })

  it('a cookie without an origin may not either, a token may', async () => {
    const cookie = await worker.signIn()
    await expect(worker.connect({ cookie })).rejects.toThrow('403')
    const post = { method: 'POST', body: { port: 5173 } }
    expect((await worker.ask('/_omega/preview-link', { ...post, headers: { cookie } })).status).toBe(403)
    expect((await worker.ask('/_omega/preview-link', { ...post, headers: BEARER })).status).toBe(200)
  })

  it.each([ORIGIN, `https://${HOST}`])('%s is its own', async (origin) => {
    const client = await worker.connect({ cookie: await worker.signIn(), origin })
    expect((await client.request('hello', {})).sandbox.subdomain).toBe(SUBDOMAIN)
  })

  it('every path of an upgrade is guarded, and there is one socket', async () => {
    for (const path of ['/', '/_omega/ws/', '/anything']) {
      const head = `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`
      expect(await worker.raw(`${head}\r\n`)).toMatch(/^HTTP\/1.1 401 /)
      expect(await worker.raw(`${head}Authorization: Bearer ${TOKEN}\r\n\r\n`)).toMatch(/^HTTP\/1.1 404 /)
    }
  })
})

describe('credentials', () => {
  it('a page asks without an upgrade whether it is let in', async () => {
    expect((await worker.ask('/_omega/ws', { headers: BEARER })).status).toBe(204)
    expect((await worker.ask('/_omega/ws')).status).toBe(401)
  })

  it.each(['/', '/metrics', '/_omega/logs', '/_omega/ws', '/nothing'])('%s needs one', async (path) => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { cookie: 'omega-session=wrong' }]) {
      const answer = await worker.ask(path, { headers })
      expect([answer.status, answer.json.code]).toEqual([401, 'UNAUTHENTICATED'])
    }
  })

  it('a person who navigates is sent to where one is to be had', async () => {
    const headers = { accept: 'text/html,*/*' }
    const ide = await worker.ask('/some/file?line=3', { headers })
    expect(ide.status).toBe(303)
    expect(ide.headers.location).toBe(`http://omega.localhost:8080/open/${SUBDOMAIN}?to=%2Fsome%2Ffile%3Fline%3D3`)
    const preview = await worker.ask('/page?a=1', { host: `5173-${HOST}`, headers })
    expect(preview.headers.location).toBe(`${ORIGIN}/_omega/preview?to=%2Fpage%3Fa%3D1&port=5173`)
    const cookie = await worker.signIn()
    const back = await worker.ask('/_omega/preview?to=%2Fpage%3Fa%3D1&port=5173', { headers: { ...headers, cookie } })
    expect(back.headers.location).toMatch(`http://5173-${HOST}/_omega/enter?token=`)
    const entered = await worker.ask(new URL(back.headers.location ?? '').href.split(HOST)[1] ?? '', {
      host: `5173-${HOST}`,
    })
    expect([entered.status, entered.headers.location]).toEqual([303, '/page?a=1'])
  })

  it('a ticket is good once, and its cookie is for this host and scripts cannot read it', async () => {
    const ticket = mintTicket(TOKEN, 'ide', Date.now() + 60_000)
    const path = `/_omega/enter?token=${ticket}&to=${encodeURIComponent('/src?x=1')}`
    const first = await worker.ask(path)
    expect([first.status, first.headers.location]).toEqual([303, '/src?x=1'])
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^omega-session=[\w.-]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
    )
    expect(first.headers['referrer-policy']).toBe('no-referrer')
    expect(first.headers['cache-control']).toBe('no-store')
    const second = await worker.ask(path)
    expect([second.status, second.headers['set-cookie']]).toEqual([401, undefined])
    // Its owner, who is in already, may come by the same link again.
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect((await worker.ask(path, { headers: { cookie } })).status).toBe(303)
  })

  it.each([
    ['over', () => mintTicket(TOKEN, 'ide', Date.now() - 1)],
    ["another sandbox's", () => mintTicket('another-token', 'ide', Date.now() + 60_000)],
    ['for a preview', () => mintTicket(TOKEN, 'preview/5173', Date.now() + 60_000)],
    ['a session', () => mintTicket(TOKEN, `session/${NAME}`, Date.now() + 60_000)],
    ['nothing', () => ''],
    ['the token itself', () => TOKEN],
  ])('a ticket that is %s is refused', async (_name, ticket) => {
    expect((await worker.ask(`/_omega/enter?token=${ticket()}&to=/`)).status).toBe(401)
  })

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '',
    'x',
    '/\t/evil.example',
    '/a\r\nSet-Cookie: b',
  ])('a ticket leads to this host only, not to %j', async (to) => {
    const ticket = mintTicket(TOKEN, 'ide', Date.now() + 60_000)
    const answer = await worker.ask(`/_omega/enter?token=${ticket}&to=${encodeURIComponent(to)}`)
    expect([answer.status, answer.headers.location, answer.headers['set-cookie']]).toEqual([400, undefined, undefined])
  })

  it('a session is for its host name; a false one beside it lets nobody in and locks nobody out', async () => {
    const [cookie, previewCookie] = [await worker.signIn(), await worker.signIn(5173)]
    expect((await worker.ask('/', { headers: { cookie } })).status).toBe(200)
    expect((await worker.ask('/', { headers: { cookie: previewCookie } })).status).toBe(401)
    expect((await worker.ask('/', { host: `5173-${HOST}`, headers: { cookie } })).status).toBe(401)
    for (const tossed of ['omega-session=x', '__Host-omega-session=x', previewCookie]) {
      expect((await worker.ask('/', { headers: { cookie: `${tossed}; ${cookie}` } })).status).toBe(200)
      expect((await worker.ask('/', { headers: { cookie: `${tossed}; omega-session=y` } })).status).toBe(401)
    }
    expect((await worker.ask('/', { headers: { cookie: `a=b; ${cookie}; c=d` } })).status).toBe(200)
  })

  it('answers carry what keeps them to themselves', async () => {
    const { headers } = await worker.ask('/', { headers: BEARER })
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('the preview link', () => {
  it('opens the preview of a port once', async () => {
    const link = await worker.ask('/_omega/preview-link', {
      method: 'POST',
      body: { port: 3000, path: '/a?b=c' },
      headers: { cookie: await worker.signIn(), origin: ORIGIN },
    })
    const url = new URL(String(link.json.url))
    expect(url.host).toBe(`3000-${HOST}`)
    const enter = () => worker.ask(url.pathname + url.search, { host: url.host })
    expect((await enter()).headers.location).toBe('/a?b=c')
    expect((await enter()).status).toBe(401)
  })

  it.each([{ port: 0 }, { port: 65_536 }, { port: '1@evil' }, { port: 1.5 }, {}, { port: 80, path: '//evil.example' }])(
    'refuses %j',
    async (body) => {
      const answer = await worker.ask('/_omega/preview-link', { method: 'POST', body, headers: BEARER })
      expect([answer.status, answer.json.code]).toEqual([400, 'INVALID_REQUEST'])
    },
  )
})
