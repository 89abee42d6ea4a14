import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { derive } from '../../../src/drivers/credentials.ts'
import { startCountingManager } from '../../support/counting-manager.ts'
import { API_TOKEN, DOMAIN, SECRET, startTestMaster, type TestMaster } from '../../support/master.ts'

let master: TestMaster
beforeAll(async () => {
  master = await startTestMaster()
})
afterAll(() => master.close())

interface Answer {
  status: number
  code: string | undefined
  headers: Record<string, string | string[] | undefined>
}

/** A raw request, since fetch sets Host and Origin as it likes. */
function raw(method: string, path: string, headers: Record<string, string | string[]>, body = ''): Promise<Answer> {
  const { hostname, port } = new URL(master.url)
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, method, path, headers, setHost: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        const code = /"code":"(\w+)"/.exec(text)?.[1]
        resolve({ status: response.statusCode ?? 0, code, headers: response.headers })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const port = () => new URL(master.url).port

describe('Host', () => {
  it.each([`${DOMAIN}`, `${DOMAIN}:8080`, 'localhost', '127.0.0.1:8080', '[::1]:80', `${DOMAIN.toUpperCase()}.`])(
    '%s is let through',
    async (host) => {
      expect((await raw('GET', '/openapi.json', { host })).status).toBe(200)
    },
  )

  it.each(['evil.example', `evil-${DOMAIN}`, `${DOMAIN}.evil.example`, `x.${DOMAIN}`, ''])(
    '%s is refused',
    async (host) => {
      const answer = await raw('GET', '/v1/sandboxes', { host, authorization: `Bearer ${API_TOKEN}` })
      expect(answer).toMatchObject({ status: 421, code: 'WRONG_HOST' })
    },
  )

  it('a second Host is refused', async () => {
    const { hostname, port } = new URL(master.url)
    const socket = connect(Number(port), hostname)
    socket.end(`GET /openapi.json HTTP/1.1\r\nHost: ${DOMAIN}\r\nHost: ${DOMAIN}\r\nConnection: close\r\n\r\n`)
    const answer = (await socket.toArray()).join('')
    expect(answer).toMatch(/^HTTP\/1\.1 4(00|21) /)
  })
})

describe('tokens', () => {
  it('every route of the API refuses no token, a wrong one and one for something else', async () => {
    const { paths } = (await master.api('/openapi.json')).body as unknown as { paths: Record<string, object> }
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method, path]),
    )
    expect(routes.length).toBeGreaterThan(12)
    const isManagers = (path = '', method = '') => path.endsWith('/beat') || (path === '/v1/hosts' && method === 'post')
    for (const [method = '', path = ''] of routes) {
      const other = derive(SECRET, isManagers(path, method) ? 'api' : 'join')
      for (const authorization of [undefined, 'Bearer wrong', 'Basic eDp5', `Bearer ${other}`]) {
        const headers = { host: DOMAIN, ...(authorization ? { authorization } : {}) }
        const answer = await raw(method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'), headers)
        expect([method, path, authorization, answer.status, answer.code]).toEqual([
          method,
          path,
          authorization,
          401,
          'UNAUTHENTICATED',
        ])
      }
    }
  })
})

describe('a browser', () => {
  const signIn = async () => {
    const link = new URL(master.master.signInUrl())
    const answer = await raw('GET', `${link.pathname}${link.search}`, { host: DOMAIN })
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toBe('/')
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax/)
    return cookie.split(';')[0] ?? ''
  }

  it('gets a session by the link, and the token leaves the address', async () => {
    const cookie = await signIn()
    expect((await raw('GET', '/v1/sandboxes', { host: DOMAIN, cookie })).status).toBe(200)
    expect((await raw('GET', '/v1/sandboxes', { host: DOMAIN, cookie: `${cookie}x` })).status).toBe(401)
  })

  it('changes things only from the dashboard itself', async () => {
    const cookie = await signIn()
    const headers = { host: `${DOMAIN}:${port()}`, cookie, 'content-type': 'application/json' }
    for (const origin of [
      undefined,
      'null',
      'https://evil.example',
      `http://x.${DOMAIN}:${port()}`,
      `http://${DOMAIN}:1`,
    ]) {
      const answer = await raw('POST', '/v1/sandboxes', { ...headers, ...(origin ? { origin } : {}) }, '{}')
      expect([origin, answer.status, answer.code]).toEqual([origin, 403, 'FORBIDDEN'])
    }
    const answer = await raw('POST', '/v1/sandboxes', { ...headers, origin: `http://${DOMAIN}:${port()}` }, '{}')
    expect(answer.code).toBe('NO_CAPACITY')
  })

  it('signs in with the token, and with nothing else', async () => {
    const headers = { host: DOMAIN, origin: `http://${DOMAIN}`, 'content-type': 'application/json' }
    const wrong = await raw('POST', '/v1/session', headers, JSON.stringify({ token: 'nope' }))
    expect(wrong).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    const right = await raw('POST', '/v1/session', headers, JSON.stringify({ token: API_TOKEN }))
    expect(right.status).toBe(200)
    expect(String(right.headers['set-cookie'])).toContain('omega-dashboard=')
  })

  it('is never sent to another site', async () => {
    const cookie = await signIn()
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', '/%0d%0aset-cookie:x']) {
      const answer = await raw('GET', `/signin?next=${encodeURIComponent(next)}`, { host: DOMAIN, cookie })
      expect(String(answer.headers.location)).toMatch(/^\/(?:$|%0d%0a)/)
    }
    const anonymous = await raw('GET', '/open/some-app?to=%2Fx', { host: DOMAIN })
    expect(anonymous.headers.location).toBe(`/?next=${encodeURIComponent('/open/some-app?to=%2Fx')}`)
  })
})

it('health, readiness and metrics answer without a token', async () => {
  expect((await raw('GET', '/healthz', { host: 'x' })).status).toBe(200)
  expect((await raw('GET', '/readyz', { host: 'x' })).status).toBe(200)
  const metrics = await fetch(`${master.url}/metrics`)
  expect(await metrics.text()).toContain('omega_creates_total')
})

it('describes itself as OpenAPI 3.1', async () => {
  const { body } = await master.api('/openapi.json')
  expect(body).toMatchObject({ openapi: '3.1.0' })
  const docs = await fetch(`${master.url}/docs`)
  expect(docs.status).toBe(200)
})

describe('every answer', () => {
  it.each(['/', '/docs/', '/openapi.json', '/v1/sandboxes', '/nowhere', '/healthz'])(
    '%s is in no frame, and guessed to be nothing else',
    async (path) => {
      const { headers } = await raw('GET', path, { host: DOMAIN, authorization: `Bearer ${API_TOKEN}` })
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      })
    },
  )

  it('that holds a credential is kept by no cache', async () => {
    const { headers } = await raw('GET', '/v1/sandboxes', { host: DOMAIN, authorization: `Bearer ${API_TOKEN}` })
    expect(headers['cache-control']).toBe('no-store')
  })

  it('of the pages to try the API with asks for nothing by HTTPS that is not there', async () => {
    const { headers } = await raw('GET', '/docs/', { host: DOMAIN })
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests')
  })
})

describe('joining', () => {
  const join = (address: string, apiUrl: string) =>
    raw(
      'POST',
      '/v1/hosts',
      { host: DOMAIN, authorization: `Bearer ${derive(SECRET, 'join')}`, 'content-type': 'application/json' },
      JSON.stringify({ address, apiUrl, capacity: 1, runtime: 'docker', version: '0' }),
    )

  it.each(['169.254.169.254', '0.0.0.0', '224.0.0.1', '255.255.255.255', 'fe80::1', '::', '1.2.3', '....'])(
    '%s cannot be a host',
    async (address) => {
      expect(await join(address, 'http://127.0.0.1:1')).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    },
  )

  it('nobody takes the place of a manager that answers; one that is gone may be replaced', async () => {
    const manager = await startCountingManager()
    expect((await join('127.0.0.7', manager.apiUrl)).status).toBe(200)
    // It answers to its key, so it is not the one that asks for it with everybody's token.
    expect(await join('127.0.0.7', manager.apiUrl)).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect(await join('127.0.0.7', 'http://127.0.0.1:1')).toMatchObject({ status: 409, code: 'CONFLICT' })
    await manager.close()
    expect((await join('127.0.0.7', 'http://127.0.0.1:2')).status).toBe(200)
  })
})
