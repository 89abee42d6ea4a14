import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { BEARER, HOST, ORIGIN, TestWorker, type WireClient } from '../../support/worker.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const PAGE = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const TAG = /<script(?: nonce="[\w=]+")? src="\/_omega\/observer\.js\?[\w-]+"><\/script>/

let worker: TestWorker
let server: Server
let port = 0
let host = ''
let cookie = ''
let client: WireClient
let answer: (request: IncomingMessage, response: ServerResponse) => void
let asked: IncomingMessage

beforeAll(async () => {
  worker = await TestWorker.boot({ claim: false })
  mkdirSync(join(worker.folder, 'preview'))
  writeFileSync(join(worker.folder, 'preview/observer.js'), 'observe(__OMEGA__)')
  await worker.stop()
  await worker.start()
  await worker.claim()
  client = await worker.connect()
  server = createServer((request, response) => {
    asked = request
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  host = `${port}-${HOST}`
  const link = await worker.ask('/_omega/preview-link', {
    method: 'POST',
    headers: BEARER,
    body: { port, path: '/', use: 'frame' },
  })
  const { pathname, search } = new URL(String(link.json.url))
  const entered = await worker.ask(pathname + search, { host })
  cookie = (entered.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ')
})
beforeEach(() => {
  client.events.length = 0
  answer = (_request, response) => send(response)
})
afterAll(async () => {
  await worker.close()
  server.closeAllConnections()
  server.close()
})

function send(
  response: ServerResponse,
  body: string | Buffer = PAGE,
  headers: Record<string, string> = {},
  status = 200,
): void {
  const length = String(Buffer.byteLength(body))
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-length': length, ...headers })
    .end(body)
}

/** As Chromium loads a page into a frame. */
const frame = { accept: 'text/html,*/*', 'sec-fetch-dest': 'iframe', 'upgrade-insecure-requests': '1' }
const load = (headers: Record<string, string> = {}, path = '/', method = 'GET') =>
  worker.ask(path, { host, method, headers: { cookie, ...frame, ...headers } })
const withoutOurs = (text: string) => text.replace(TAG, '')

describe("a page in the IDE's frame", () => {
  it('gets one element behind its head tag, and is otherwise as the app sent it', async () => {
    const { status, body, headers } = await load({
      'if-none-match': '"v1"',
      'accept-encoding': 'gzip, br',
      range: 'bytes=0-9',
    })
    expect(status).toBe(200)
    expect(body).toMatch(new RegExp(`^<!doctype html><html><head>${TAG.source}<title>`))
    expect(withoutOurs(body)).toBe(PAGE)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-length']).toBeUndefined()
    expect(asked.headers).toMatchObject({ 'accept-encoding': 'identity', host })
    for (const name of ['if-none-match', 'range', 'cookie']) expect(asked.headers[name]).toBeUndefined()
  })

  it('however its bytes come', async () => {
    const prologue = fc.constantFrom(
      '<!doctype html>',
      '\n',
      '<!-- <head> -->',
      '<html lang="a>b">',
      '<head>',
      '<title>é</title>',
      '',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(prologue, { maxLength: 5 }),
        fc.array(fc.nat(60), { maxLength: 6 }),
        async (pieces, cuts) => {
          const page = Buffer.from(`${pieces.join('')}<p>text ü</p>`)
          answer = (_request, response) => {
            response.writeHead(200, { 'content-type': 'text/html' })
            let from = 0
            for (const cut of [...cuts, page.length].sort((one, other) => one - other)) {
              response.write(page.subarray(from, cut))
              from = Math.max(from, Math.min(cut, page.length))
            }
            response.end()
          }
          const { body } = await load()
          expect(body).toMatch(TAG)
          expect(withoutOurs(body)).toBe(page.toString())
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is a stream: what is there is sent before the rest comes', async () => {
    let finish = () => {}
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.write('<html><head>first')
      finish = () => response.end('last')
    }
    const text = await new Promise<string>((resolve) => {
      let seen = ''
      void worker.stream('/', { host, headers: { cookie, ...frame } }, (chunk) => {
        seen += chunk
        if (seen.includes('first')) finish()
        if (seen.includes('last')) resolve(seen)
      })
    })
    expect(withoutOurs(text)).toBe('<html><head>firstlast')
  })

  it('of an error gets it, too: dev servers show them as pages', async () => {
    answer = (_request, response) => send(response, PAGE, {}, 500)
    const { status, body } = await load()
    expect([status, TAG.test(body)]).toEqual([500, true])
  })

  it.each([
    ['a script', { 'content-type': 'text/javascript' }],
    ['XHTML', { 'content-type': 'application/xhtml+xml' }],
    ['a download', { 'content-disposition': 'attachment; filename=a.html' }],
  ])('that is %s passes untouched, and so do its headers', async (_what, headers) => {
    answer = (_request, response) => send(response, PAGE, { ...headers, etag: '"v1"', 'cache-control': 'max-age=9' })
    const { body, headers: got } = await load()
    expect(body).toBe(PAGE)
    expect(got).toMatchObject({ etag: '"v1"', 'cache-control': 'max-age=9', 'content-length': String(PAGE.length) })
  })

  it.each([204, 304])('that is a %i has no body', async (status) => {
    answer = (_request, response) => response.writeHead(status, { 'content-type': 'text/html', etag: '"v1"' }).end()
    const { status: got, body, headers } = await load()
    expect([got, body, headers.etag]).toEqual([status, '', '"v1"'])
  })

  it.each([
    ['policy', { 'content-security-policy': "default-src 'none'" }, PAGE],
    ['policy', { 'content-security-policy-report-only': "script-src 'none'" }, PAGE],
    ['policy', { 'integrity-policy': 'blocked-destinations=(script)' }, PAGE],
    ['encoded', { 'content-encoding': 'gzip' }, gzipSync(PAGE)],
    ['encoded', { 'content-type': 'text/html; charset=utf-16le' }, Buffer.from(PAGE, 'utf16le')],
  ] as const)('that cannot be watched (%s: %j) passes as it is, and the IDE is told', async (reason, headers, body) => {
    answer = (_request, response) => send(response, body as Buffer, headers as Record<string, string>)
    const got = await load()
    expect(TAG.test(got.body)).toBe(false)
    expect(got.headers['content-length']).toBe(String(body.length))
    expect(await client.event('preview.unwatched')).toEqual({ port, reason })
  })

  it('with a nonce for its scripts gets its element with it', async () => {
    const policy = "script-src 'nonce-r4nd0m' 'strict-dynamic'"
    answer = (_request, response) => send(response, PAGE, { 'content-security-policy': policy })
    const { body, headers } = await load()
    expect(body).toContain('<script nonce="r4nd0m" src=')
    expect(headers['content-security-policy']).toBe(policy)
  })

  it('may be framed by the IDE, whatever it says of frames', async () => {
    answer = (_request, response) => send(response, PAGE, { 'x-frame-options': 'SAMEORIGIN' })
    const { headers } = await load()
    expect(headers['x-frame-options']).toBeUndefined()
    expect(headers['content-security-policy']).toBe(`frame-ancestors 'self' ${ORIGIN}`)
  })

  it('gets what our script is told from its own host, and only who is signed in', async () => {
    const script = await worker.ask('/_omega/observer.js?x', { host, headers: { cookie } })
    expect(script.headers['content-type']).toContain('javascript')
    const told = JSON.parse(/^observe\((.*)\)$/.exec(script.body)?.[1] ?? '{}')
    expect(told).toEqual({ ide: ORIGIN, key: expect.stringMatching(/^[\w-]{43}$/), port })
    expect(cookie).toContain(told.key)
    expect((await worker.ask('/_omega/observer.js', { host })).status).toBe(401)
  })
})

describe('no other load is touched', () => {
  it.each([
    ['of a tab', { 'sec-fetch-dest': 'document' }],
    ['of a script', { 'sec-fetch-dest': 'empty' }],
    ['that does not ask for a page', { accept: '*/*' }],
    ['in a frame of somebody else', { ...BEARER, cookie: 'a=b' }],
  ])('%s', async (_what, headers) => {
    answer = (request, response) =>
      send(response, PAGE, { 'x-frame-options': 'DENY', etag: request.headers['if-none-match'] ?? '' })
    const got = await load({ ...(headers as Record<string, string>), 'if-none-match': '"v1"' })
    expect(got.body).toBe(PAGE)
    expect(got.headers).toMatchObject({ 'x-frame-options': 'DENY', etag: '"v1"' })
    expect(asked.headers.cookie ?? '').not.toContain('omega')
  })

  it('by a cookie that is not of ours', async () => {
    const session = cookie.split('; ').find((pair) => pair.startsWith('omega-session')) ?? ''
    const got = await load({ cookie: `${session}; omega-frame=${'x'.repeat(43)}` })
    expect(got.body).toBe(PAGE)
  })

  it('where browsers do not say what a load is for, but a page that is gone to', async () => {
    const { 'sec-fetch-dest': _, ...plain } = frame
    const ask = (headers: Record<string, string>) => worker.ask('/', { host, headers: { cookie, ...headers } })
    expect((await ask(plain)).body).toMatch(TAG)
    expect((await ask({ accept: plain.accept })).body).toBe(PAGE)
    expect((await worker.ask('/', { host, method: 'HEAD', headers: { cookie, ...plain } })).body).toBe('')
  })

  it('and no link but one for a frame has a page watched', async () => {
    const link = await worker.ask('/_omega/preview-link', { method: 'POST', headers: BEARER, body: { port } })
    expect(link.json.key).toBeUndefined()
    const { pathname, search } = new URL(String(link.json.url))
    for (const frameKey of ['', '&frame=guessed']) {
      const entered = await worker.ask(pathname + search + frameKey, { host, headers: { cookie } })
      expect(String(entered.headers['set-cookie'] ?? '')).not.toContain('omega-frame')
    }
  })
})
