import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CreatedShare, ShareList } from '../../../src/core/wire/shares.ts'
import { startCountingManager } from '../../support/counting-manager.ts'
import { DOMAIN, startTestMaster, type TestMaster } from '../../support/master.ts'
import { claimOf, TestWorker } from '../../support/worker.ts'

let master: TestMaster
let worker: TestWorker
const open: { close(): Promise<void> }[] = []
beforeAll(async () => {
  worker = await TestWorker.boot({ claim: false })
  open.push(worker)
  master = await startTestMaster()
  open.push(master)
  const manager = await startCountingManager(0, worker.port)
  open.push(manager)
  await master.join('127.0.0.1', manager.apiUrl, 2)
  const { body } = await master.api('/v1/sandboxes', { method: 'POST', body: JSON.stringify({ name: 'shared' }) })
  const { id, subdomain, token } = body as Record<string, string>
  await worker.claim(
    claimOf({ sandboxId: id ?? '', subdomain: subdomain ?? '', token: token ?? '', domain: DOMAIN, port: worker.port }),
  )
})
afterAll(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

const shares = (rest = '', init: RequestInit = {}) => master.api(`/v1/sandboxes/shared/shares${rest}`, init)
const make = (body: object) => shares('', { method: 'POST', body: JSON.stringify(body) })

describe('the shares of a sandbox', () => {
  it('are made, listed and revoked through the master', async () => {
    const { status, body } = await make({ access: 'edit', expiresIn: 3600 })
    const made = body as unknown as CreatedShare
    expect([status, made.access]).toEqual([201, 'edit'])
    const { host, pathname, search } = new URL(made.url)
    expect(host).toMatch(new RegExp(`^[a-z][a-z0-9]{13}\\.${DOMAIN}:${worker.port}$`))
    const entered = await worker.ask(pathname + search, { host })
    expect([entered.status, entered.headers.location]).toEqual([303, '/'])
    const listed = (await shares()).body as unknown as ShareList
    expect(listed.shares.map(({ id }) => id)).toEqual([made.id])
    expect((await shares(`/${made.id}`, { method: 'DELETE' })).body).toEqual({ revoked: [made.id] })
    expect((await worker.ask(pathname + search, { host })).status).toBe(401)
    expect((await shares(`/${made.id}`, { method: 'DELETE' })).body).toMatchObject({ code: 'NOT_FOUND' })
    expect(((await shares()).body as unknown as ShareList).shares).toEqual([])
  })

  it('of a port lead to that port', async () => {
    const made = (await make({ port: 5173 })).body as unknown as CreatedShare
    expect(made).toMatchObject({ access: 'preview', port: 5173, grants: expect.stringContaining('port 5173') })
    expect(new URL(made.url).host).toMatch(/^5173-/)
  })

  it.each([{ access: 'owner' }, { access: 'edit', port: 80 }, { expiresIn: 0 }, { path: '//evil' }, { x: 1 }])(
    '%j is refused',
    async (body) => {
      const answer = await make(body)
      expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'INVALID_REQUEST' })])
    },
  )

  it('need an operator and a sandbox', async () => {
    for (const method of ['GET', 'POST']) {
      const refused = await fetch(`${master.url}/v1/sandboxes/shared/shares`, { method })
      expect(refused.status).toBe(401)
    }
    const none = await master.api('/v1/sandboxes/none/shares')
    expect([none.status, none.body]).toEqual([404, expect.objectContaining({ code: 'SANDBOX_NOT_FOUND' })])
    const odd = await shares('/..%2F..%2Fexec', { method: 'DELETE' })
    expect([odd.status, odd.body]).toEqual([404, expect.objectContaining({ code: 'NOT_FOUND' })])
  })

  it('are described', async () => {
    const { paths } = (await (await fetch(`${master.url}/openapi.json`)).json()) as { paths: Record<string, object> }
    expect(Object.keys(paths['/v1/sandboxes/{id}/shares'] ?? {}).sort()).toEqual(['get', 'post'])
    expect(Object.keys(paths['/v1/sandboxes/{id}/shares/{share}'] ?? {})).toEqual(['delete'])
  })
})
