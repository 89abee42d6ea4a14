import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { derive } from '../../../src/drivers/credentials.ts'
import { SettingsAccess } from '../../../src/roles/master/settings-access.ts'
import { startCountingManager } from '../../support/counting-manager.ts'
import { DOMAIN, SECRET, startTestMaster, type TestMaster } from '../../support/master.ts'

let master: TestMaster
let page: string
beforeAll(async () => {
  master = await startTestMaster()
  page = `Bearer ${new SettingsAccess(derive(SECRET, 'settings'), DOMAIN).credential()}`
})
afterAll(() => master.close())

const origin = `http://abc123.${DOMAIN}:20001`

function asPage(method: string, body?: unknown, headers: Record<string, string> = {}) {
  return master.api('/v1/settings', {
    method,
    headers: { authorization: page, origin, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

describe("a person's settings", () => {
  it('follow from one sandbox to another, and to the operator', async () => {
    const settings = { theme: { value: 'dark', at: 10 }, keyBindings: { value: { 'file.save': 'Ctrl+Alt+S' }, at: 11 } }
    expect(await asPage('PATCH', { settings })).toMatchObject({ status: 200, body: { settings } })
    expect(await asPage('GET', undefined, { origin: `https://other.${DOMAIN}` })).toMatchObject({ body: { settings } })
    expect(await master.api('/v1/settings')).toMatchObject({ status: 200, body: { settings } })
  })

  it('the newest change wins, also when it comes first', async () => {
    await asPage('PATCH', { settings: { tabSize: { value: 2, at: 20 } } })
    const { body } = await asPage('PATCH', {
      settings: { tabSize: { value: 8, at: 19 }, later: { value: [1], at: 1 } },
    })
    expect(body).toMatchObject({ settings: { tabSize: { value: 2, at: 20 }, later: { value: [1], at: 1 } } })
  })

  it.each([
    [{ settings: { theme: { value: 'pink', at: 1 } } }, 400],
    [{ settings: { tabSize: { value: 99, at: 1 } } }, 400],
    [{ settings: { theme: { value: 'dark' } } }, 400],
    [{ settings: { theme: { value: 'dark', at: -1 } } }, 400],
    [{ settings: { theme: { value: 'dark', at: 1, by: 'me' } } }, 400],
    [{ settings: { 'bad name': { value: 1, at: 1 } } }, 400],
    [{ settings: { __proto__x: { value: 1, at: 1 } } }, 400],
    [{ settings: Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`x${at}`, { value: 1, at }])) }, 400],
    [{ settings: { large: { value: 'x'.repeat(33 * 1024), at: 1 } } }, 413],
    [{ settings: [] }, 400],
    [{}, 400],
  ])('%j is refused, and changes nothing', async (body, status) => {
    const before = (await asPage('GET')).body
    expect((await asPage('PATCH', body)).status).toBe(status)
    expect((await asPage('GET')).body).toEqual(before)
  })
})

describe('the credential of a page', () => {
  it('opens nothing else', async () => {
    for (const path of ['/v1/sandboxes', '/v1/session', '/v1/hosts']) {
      expect((await master.api(path, { headers: { authorization: page } })).status).toBe(401)
    }
  })

  it.each(['', 'owner/', 'owner/x', 'other/1', '1.2.3'])('%j is none', async (text) => {
    const answer = await asPage('GET', undefined, { authorization: `Bearer ${text}` })
    expect(answer.status).toBe(401)
  })

  it("is nobody else's", async () => {
    const ticket = page.slice(page.indexOf('/'))
    expect((await asPage('GET', undefined, { authorization: `Bearer somebody${ticket}` })).status).toBe(401)
  })

  it.each(['https://evil.example', `http://${DOMAIN}.evil.example`, `http://5173-abc123.${DOMAIN}:20001`, 'null'])(
    'is refused from %s, which cannot read the answer either',
    async (other) => {
      const answer = await asPage('GET', undefined, { origin: other })
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null])
    },
  )

  it('lets pages of the zone, and only these, ask across origins', async () => {
    const ask = (from: string) =>
      asPage('OPTIONS', undefined, { origin: from, 'access-control-request-method': 'PATCH' })
    const allowed = await ask(origin)
    expect(allowed.status).toBe(204)
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, PATCH',
      'access-control-allow-headers': 'authorization, content-type',
    })
    expect(allowed.headers.has('access-control-allow-credentials')).toBe(false)
    expect((await ask('https://evil.example')).headers.has('access-control-allow-origin')).toBe(false)
  })

  it('is in the fragment of every link into a sandbox', async () => {
    const manager = await startCountingManager()
    try {
      await master.join('127.0.0.1', manager.apiUrl, 1)
      const { body } = await master.api('/v1/sandboxes', { method: 'POST', body: '{"template":"static"}' })
      const { openUrl } = body as unknown as { openUrl: string }
      const link = new URL(openUrl)
      expect(link.search).not.toContain('settings')
      const credential = /^#omega-settings=(.+)$/.exec(link.hash)?.[1]
      expect((await asPage('GET', undefined, { authorization: `Bearer ${credential}` })).status).toBe(200)
    } finally {
      await manager.close()
    }
  })

  it('may not keep the store busy', async () => {
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, at) => asPage('PATCH', { settings: { tabSize: { value: 3, at } } })),
    )
    expect(
      answers.some(({ status, body }) => status === 429 && (body as { code?: string }).code === 'TOO_MANY_REQUESTS'),
    ).toBe(true)
    expect((await asPage('GET')).status).toBe(200)
  })
})
