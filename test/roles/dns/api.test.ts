import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dig } from './dig.ts'
import { startDns, type TestDns, token, zone } from './running.ts'

let dns: TestDns
beforeAll(async () => {
  dns = await startDns()
})
afterAll(() => dns.close())

async function http(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${dns.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text.startsWith('{') ? JSON.parse(text) : undefined,
  }
}

const rrsets = `/v1/zones/${zone}/rrsets`
const body = { ttl: 10, records: ['10.1.2.3'] }
const serial = async () => (await http('GET', rrsets)).json.serial as number

describe('the HTTP API', { timeout: 30_000 }, () => {
  it('writes, reads, lists and deletes an RRset, and each write is answered at its acknowledgement', async () => {
    const before = await serial()
    const put = await http('PUT', `${rrsets}/box/A`, { ...body, owner: 'sandbox/1' })
    expect([put.status, put.json]).toEqual([200, { serial: before + 1 }])
    expect((await dig(dns.port, `box.${zone}`, 'A')).answer).toEqual([`box.${zone}. 10 IN A 10.1.2.3`])
    const get = await http('GET', `${rrsets}/BOX/a`)
    expect(get.json).toEqual({ name: 'box', type: 'A', ...body, owner: 'sandbox/1' })
    expect(get.headers.get('etag')).toBe(put.headers.get('etag'))
    expect((await http('GET', rrsets)).json).toEqual({ serial: before + 1, rrsets: [get.json] })
    expect((await http('GET', '/v1/zones')).json).toEqual({ zones: [{ name: zone, serial: before + 1, rrsets: 1 }] })
    expect((await http('DELETE', `${rrsets}/box/A`)).json).toEqual({ serial: before + 2 })
    expect((await dig(dns.port, `box.${zone}`, 'A')).status).toBe('NXDOMAIN')
  })

  it('answers a new name at once, though it was asked for before', async () => {
    for (let index = 0; index < 20; index++) {
      expect((await dig(dns.port, `new${index}.${zone}`, 'A')).status).toBe('NXDOMAIN')
      await dns.client.put(zone, `new${index}`, 'A', body)
      expect((await dig(dns.port, `new${index}.${zone}`, 'A')).answer).toHaveLength(1)
    }
    await dns.client.patch(zone, Array.from({ length: 20 }, (_, index) => ({ name: `new${index}`, type: 'A', records: [] }))) // biome-ignore format: one call
    expect((await http('GET', rrsets)).json.rrsets).toEqual([])
  })

  it('takes @ for the apex and names that are absolute', async () => {
    await http('PUT', `${rrsets}/@/A`, body)
    expect((await dig(dns.port, zone, 'A')).answer).toHaveLength(1)
    await http('PUT', `${rrsets}/deep.er.${zone}./A`, body)
    expect((await http('GET', `${rrsets}/deep.er/A`)).status).toBe(200)
    await http('PUT', `${rrsets}/${encodeURIComponent('*.wild')}/A`, body)
    expect((await dig(dns.port, `any.wild.${zone}`, 'A')).answer).toHaveLength(1)
  })

  it('lists by name, type and owner', async () => {
    await dns.client.put(zone, 'mine', 'TXT', { ttl: 5, records: ['"x"'], owner: 'me' })
    const names = async (query: string) =>
      (await http('GET', `${rrsets}?${query}`)).json.rrsets.map(({ name }: { name: string }) => name)
    expect(await names('owner=me')).toEqual(['mine'])
    expect(await names('type=txt')).toEqual(['mine'])
    expect(await names('name=@')).toEqual(['@'])
    expect(await names('name=@&type=TXT')).toEqual([])
  })

  it('deletes what is not there with 404; the client does not mind', async () => {
    expect((await http('DELETE', `${rrsets}/nothing/A`)).json).toMatchObject({ status: 404, code: 'RECORD_NOT_FOUND' })
    expect((await http('GET', `${rrsets}/nothing/A`)).json).toMatchObject({ status: 404, code: 'RECORD_NOT_FOUND' })
    await dns.client.delete(zone, 'nothing', 'A')
  })

  it('keeps two writers from overwriting each other', async () => {
    const path = `${rrsets}/shared/A`
    expect((await http('PUT', path, body, { 'if-match': '*' })).json.code).toBe('PRECONDITION_FAILED')
    const first = await http('PUT', path, body, { 'if-none-match': '*' })
    expect(first.status).toBe(200)
    expect((await http('PUT', path, body, { 'if-none-match': '*' })).json).toMatchObject({ status: 412 })
    const etag = (await http('GET', path)).headers.get('etag') ?? ''
    const tries = await Promise.all(
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((ip) =>
        http('PUT', path, { ttl: 5, records: [ip] }, { 'if-match': etag }),
      ),
    )
    expect(tries.map(({ status }) => status).toSorted()).toEqual([200, 412, 412])
    expect((await http('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412)
    expect((await http('DELETE', path, undefined, { 'if-match': '*' })).status).toBe(200)
    expect((await http('PUT', path, body, { 'if-match': 'W/"1", "2"' })).json.code).toBe('INVALID_REQUEST')
  })

  it('makes all changes of a PATCH or none, with one serial', async () => {
    await dns.client.put(zone, 'old', 'A', body)
    const before = await serial()
    const bad = await http('PATCH', rrsets, [
      { name: 'one', type: 'A', ...body },
      { name: 'old', type: 'A', records: [] },
      { name: 'two', type: 'A', ttl: 5, records: ['10.0.0.1', 'ten'] },
    ])
    expect(bad.json).toMatchObject({ status: 400, code: 'INVALID_REQUEST', pointer: '/2/records/1' })
    expect(await serial()).toBe(before)
    const good = await http('PATCH', rrsets, [
      { name: 'one', type: 'A', ...body },
      { name: 'old', type: 'A', records: [] },
      { name: 'never', type: 'A', records: [] },
    ])
    expect(good.json).toEqual({ serial: before + 1 })
    expect((await dig(dns.port, `one.${zone}`, 'A')).answer).toHaveLength(1)
    expect((await dig(dns.port, `old.${zone}`, 'A')).status).toBe('NXDOMAIN')
  })

  it('keeps a CNAME alone, also when both are written at once', async () => {
    await dns.client.put(zone, 'alias', 'CNAME', { ttl: 5, records: ['box.example.'] })
    expect((await http('PUT', `${rrsets}/alias/A`, body)).json).toMatchObject({ status: 409, code: 'CONFLICT' })
    const both = await Promise.all([
      http('PUT', `${rrsets}/race/A`, body),
      http('PUT', `${rrsets}/race/CNAME`, { ttl: 5, records: ['box.example.'] }),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
    const swap = [{ name: 'alias', type: 'CNAME', records: [] }, { name: 'alias', type: 'A', ...body }] // biome-ignore format: a pair
    expect((await http('PATCH', rrsets, swap)).status).toBe(200)
  })

  it('serves many writers at once without error, loss or duplicate', async () => {
    const before = await serial()
    const names = Array.from({ length: 200 }, (_, index) => `w${index}`)
    const serials = await Promise.all(names.map((name) => dns.client.put(zone, name, 'A', body)))
    expect(new Set(serials).size).toBe(200)
    expect(await serial()).toBe(before + 200)
    await dns.client.patch(zone, names.map((name) => ({ name, type: 'A', records: [] }))) // biome-ignore format: one call
    expect(await serial()).toBe(before + 201)
  })
})

describe('bad requests', { timeout: 30_000 }, () => {
  it('are told what is wrong and change nothing', async () => {
    const before = await serial()
    const table: [string, string, unknown, number, string][] = [
      ['PUT', `${rrsets}/a/A`, { ttl: 5, records: ['300.1.1.1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { ttl: 5, records: ['::1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/AAAA`, { ttl: 5, records: ['10.0.0.1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { ttl: -1, records: ['10.0.0.1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { ttl: 86_401, records: ['10.0.0.1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { ttl: 1.5, records: ['10.0.0.1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { records: ['10.0.0.1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { ttl: 5, records: [] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { ttl: 5, records: ['10.0.0.1', '10.0.0.1'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, { ...body, extra: 1 }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, '{"ttl":', 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/A`, [], 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/PTR`, { ttl: 5, records: ['a.test.'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/SOA`, { ttl: 5, records: ['a.test.'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/a/CNAME`, { ttl: 5, records: ['relative'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/@/CNAME`, { ttl: 5, records: ['a.test.'] }, 400, 'INVALID_REQUEST'],
      ['PUT', `${rrsets}/@/NS`, { ttl: 5, records: ['a.test.'] }, 403, 'FORBIDDEN'],
      ['PUT', `${rrsets}/ns1/A`, body, 403, 'FORBIDDEN'],
      ['PUT', `${rrsets}/box.example.com./A`, body, 400, 'INVALID_NAME'],
      ['PUT', `${rrsets}/-bad-/A`, body, 400, 'INVALID_NAME'],
      ['PUT', `${rrsets}/${'a'.repeat(64)}/A`, body, 400, 'INVALID_NAME'],
      ['PUT', `${rrsets}/a%00b/A`, body, 400, 'INVALID_NAME'],
      ['PUT', `/v1/zones/other.test/rrsets/a/A`, body, 404, 'ZONE_NOT_FOUND'],
      ['PATCH', rrsets, [], 400, 'INVALID_REQUEST'],
      ['PATCH', rrsets, [{ name: 'a', type: 'A', records: ['10.0.0.1'] }], 400, 'INVALID_REQUEST'],
      ['PATCH', rrsets, [{ name: 'a', type: 'A', ...body }, { name: 'A', type: 'A', records: [] }], 400, 'INVALID_REQUEST'], // biome-ignore format: a table
      ['PATCH', rrsets, Array.from({ length: 1001 }, (_, i) => ({ name: `n${i}`, type: 'A', ...body })), 400, 'INVALID_REQUEST'], // biome-ignore format: a table
      ['PUT', `${rrsets}/a/TXT`, { ttl: 5, records: ['x'.repeat(2 * 1024 * 1024)] }, 413, 'TOO_LARGE'],
      ['PUT', `${rrsets}/a/TXT`, { ttl: 5, records: Array.from({ length: 90 }, (_, i) => `"${i}${'x'.repeat(250)}"`) }, 413, 'TOO_LARGE'], // biome-ignore format: a table
      ['GET', `${rrsets}/a`, undefined, 404, 'NOT_FOUND'],
    ]
    for (const [method, path, given, status, code] of table) {
      const reply = await http(method, path, given)
      const what = `${method} ${path} ${JSON.stringify(given)?.slice(0, 100)}`
      expect(reply.json, what).toMatchObject({ status, code, detail: expect.any(String) })
      expect(reply.status, what).toBe(status)
      expect(reply.headers.get('content-type')).toContain('application/problem+json')
    }
    expect(await serial()).toBe(before)
  })

  it('without the token, or from a web page, are refused', async () => {
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${token}`, token]) {
      for (const [method, path] of [
        ['GET', rrsets],
        ['PUT', `${rrsets}/a/A`],
        ['GET', '/v1/zones'],
        // The router decodes what it is sent; who guards it must not look at the letters of the path.
        ['GET', '/%761/zones'],
        ['PUT', `/%76%31/zones/${zone}/rrsets/a/A`],
        ['GET', '/v1/zones?'],
        ['GET', '/nowhere'],
      ] as const) {
        // biome-ignore format: a table
        const reply = await http(method, path, method === 'PUT' ? body : undefined, { authorization })
        expect(reply.json).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
      }
    }
    const page = await http('PUT', `${rrsets}/a/A`, body, { origin: 'http://evil.example' })
    expect(page.json).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    expect((await http('GET', rrsets, undefined, { origin: 'null' })).status).toBe(403)
  })
})

describe('for operators', { timeout: 30_000 }, () => {
  it('there are health, readiness and metrics', async () => {
    expect((await http('GET', '/healthz', undefined, { authorization: '' })).status).toBe(200)
    expect((await http('GET', '/readyz')).json).toEqual({ status: 'ready' })
    const count = async (line: string) =>
      Number(new RegExp(`^${line} (\\d+)$`, 'm').exec((await http('GET', '/metrics')).text)?.[1])
    const tcp = 'omega_dns_queries_total{rcode="NXDOMAIN",transport="tcp"}'
    const updates = 'omega_dns_updates_total{result="applied"}'
    const before = [await count(tcp), await count(updates)]
    await dig(dns.port, `nope.${zone}`, 'A', '+tcp')
    await dns.client.put(zone, 'counted', 'A', body)
    expect([await count(tcp), await count(updates)]).toEqual(before.map((number) => number + 1))
    expect(await count('omega_dns_zone_serial')).toBe(await serial())
  })
})
