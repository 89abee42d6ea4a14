import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { ShareList } from '../../../../src/core/wire/shares.ts'
import { mintTicket } from '../../../../src/drivers/credentials.ts'
import { follow, guestOf, previewHost, share } from '../../../support/guests.ts'
import { BEARER, claimOf, DOMAIN, HOST, ORIGIN, SUBDOMAIN, TestWorker, TOKEN } from '../../../support/worker.ts'

const NAME = `${SUBDOMAIN}.${DOMAIN}`
const page = { accept: 'text/html' }

let worker: TestWorker
beforeAll(async () => {
  worker = await TestWorker.boot()
})
afterAll(() => worker.close())

const accessOf = async (headers: Record<string, string>) => {
  const client = await worker.connect(headers)
  const { access } = await client.request('hello', {})
  client.end()
  return access
}

describe('a link', () => {
  it.each(['edit', 'look'] as const)('that lets people %s opens the page for several browsers', async (access) => {
    const { url, grants } = await share(worker, { access })
    expect(grants).toContain('Anybody who has the link')
    for (const _browser of [1, 2, 3]) {
      const { status, location, cookie } = await follow(worker, url)
      expect([status, location]).toEqual([303, '/'])
      // A bare visit later, without the link and without the master.
      expect((await worker.ask('/', { headers: { ...page, cookie: cookie ?? '' } })).status).toBe(200)
      expect(await accessOf({ cookie: cookie ?? '', origin: ORIGIN })).toBe(access)
    }
  })

  it('is told once, in a form that leaves nothing of its secret on the disk', async () => {
    const { url, id } = await share(worker, {})
    const secret = new URL(url).searchParams.get('share')?.split('.')[1] ?? ''
    expect(secret).toHaveLength(43)
    expect(readFileSync(join(worker.folder, 'state/shares.json'), 'utf8')).not.toContain(secret)
    const listed = (await worker.ask('/_omega/shares', { headers: BEARER })).json as unknown as ShareList
    expect(listed.shares.find((one) => one.id === id)?.access).toBe('look')
    expect(JSON.stringify(listed)).not.toContain(secret)
    expect(worker.logged.join('')).not.toContain(secret)
  })

  it('gives a cookie that scripts cannot read, and leaves the address bar', async () => {
    const { pathname, search, host } = new URL((await share(worker, {})).url)
    const answer = await worker.ask(pathname + search, { host, headers: page })
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Lax$/)
    expect(answer.headers.location).toBe('/')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
  })

  it('never takes away what a browser has already', async () => {
    const links = { edit: await share(worker, { access: 'edit' }), look: await share(worker, { access: 'look' }) }
    const owner = await worker.signIn()
    expect((await follow(worker, links.look.url, { cookie: owner })).cookie).toBeUndefined()
    const editor = (await follow(worker, links.edit.url)).cookie ?? ''
    expect(await follow(worker, links.look.url, { cookie: editor })).toMatchObject({ status: 303, cookie: undefined })
    const looker = (await follow(worker, links.look.url)).cookie ?? ''
    const better = (await follow(worker, links.edit.url, { cookie: looker })).cookie ?? ''
    expect(await accessOf({ cookie: better, origin: ORIGIN })).toBe('edit')
    // Both at once: the better one counts, whichever comes first.
    for (const cookie of [`${looker}; ${owner}`, `${owner}; ${looker}`]) {
      expect(await accessOf({ cookie, origin: ORIGIN })).toBe('owner')
    }
    const ticket = `/_omega/enter?token=${mintTicket(TOKEN, 'ide', Date.now() + 60_000)}&to=/`
    const signedIn = (await worker.ask(ticket, { headers: { ...page, cookie: looker } })).headers['set-cookie']?.[0]
    expect(await accessOf({ cookie: signedIn?.split(';')[0] ?? '', origin: ORIGIN })).toBe('owner')
  })

  it.each([
    { access: 'owner' },
    { access: 'preview' },
    { access: 'edit', port: 5173 },
    { port: 0 },
    { port: 70_000 },
    { expiresIn: 0 },
    { expiresIn: -1 },
    { expiresIn: 1e12 },
    { path: '//evil.example' },
    { path: '/a\r\nset-cookie: b' },
    { more: true },
  ])('cannot be %j', async (body) => {
    const answer = await worker.ask('/_omega/shares', { method: 'POST', body, headers: BEARER })
    expect([answer.status, answer.json.code]).toEqual([400, 'INVALID_REQUEST'])
  })

  it('is made by nobody from outside, and by no page of another origin', async () => {
    const post = { method: 'POST', body: { access: 'edit' } }
    expect((await worker.ask('/_omega/shares', post)).status).toBe(401)
    const cookie = await worker.signIn()
    for (const origin of ['https://evil.example', `http://${previewHost(5173)}`, 'null']) {
      expect((await worker.ask('/_omega/shares', { ...post, headers: { cookie, origin } })).status).toBe(403)
    }
    expect((await worker.ask('/_omega/shares', { ...post, headers: { cookie } })).status).toBe(403)
  })
})

describe('forged and swapped', () => {
  it('no token but the real one opens anything', async () => {
    const { url, id } = await share(worker, { access: 'edit' })
    const [, secret = ''] = (new URL(url).searchParams.get('share') ?? '').split('.')
    const other = await share(worker, { access: 'look' })
    for (const token of [
      '',
      id,
      `${id}.`,
      `${id}.${secret.slice(0, -1)}`,
      `${id}.${secret}x`,
      `${id}.${secret}.`,
      `${id}.${secret}.${secret}`,
      `${other.id}.${secret}`,
      `sh_0123456789abcdef.${secret}`,
      `__proto__.${secret}`,
      TOKEN,
      mintTicket(TOKEN, 'ide', Date.now() + 60_000),
    ]) {
      const answer = await follow(worker, `${ORIGIN}/_omega/enter?share=${encodeURIComponent(token)}`)
      expect([token, answer.status, answer.cookie]).toEqual([token, 401, undefined])
    }
  })

  it('a session is not of another link, another access, another host or another sandbox', async () => {
    const look = await share(worker, { access: 'look' })
    const edit = await share(worker, { access: 'edit' })
    const cookie = (await follow(worker, look.url)).cookie ?? ''
    const value = cookie.slice('omega-session='.length)
    const [, , ...ticket] = value.split('.')
    const ask = async (forged: string, host = HOST) =>
      (await worker.ask('/', { host, headers: { cookie: `omega-session=${forged}` } })).status
    expect(await ask(value)).toBe(200)
    for (const forged of [
      `edit.${look.id}.${ticket.join('.')}`,
      `edit.${edit.id}.${ticket.join('.')}`,
      `look.${edit.id}.${ticket.join('.')}`,
      `preview.${look.id}.${ticket.join('.')}`,
      ticket.join('.'),
      `look.${look.id}.`,
      `look.${look.id}.${mintTicket(TOKEN, `session/${NAME}`, Date.now() + 60_000)}`,
      `look.${look.id}.${mintTicket('other-token', `session/${NAME}/look/${look.id}`, Date.now() + 60_000)}`,
      `edit.${look.id}.${mintTicket(TOKEN, `session/${NAME}/edit/${look.id}`, Date.now() + 60_000)}`,
      mintTicket(TOKEN, `session/${NAME}/look/${look.id}`, Date.now() + 60_000),
    ]) {
      expect([forged, await ask(forged)]).toEqual([forged, 401])
    }
    expect(await ask(value, previewHost(5173))).toBe(401)
    const other = await TestWorker.boot({
      claim: claimOf({ subdomain: 'ghijkl', token: 'another-sandbox-token-0123456789' }),
    })
    try {
      const host = HOST.replace(SUBDOMAIN, 'ghijkl')
      expect((await other.ask('/', { host, headers: { cookie } })).status).toBe(401)
      const { search } = new URL(edit.url)
      expect((await other.ask(`/_omega/enter${search}`, { host })).status).toBe(401)
    } finally {
      await other.close()
    }
  })

  it('a link to the sandbox opens no preview by itself, and a link to a port opens that port only', async () => {
    const [edit, port] = [await share(worker, { access: 'edit' }), await share(worker, { port: 5173 })]
    const at = (url: string, host: string) => follow(worker, url.replace(new URL(url).host, host))
    expect((await at(edit.url, previewHost(5173))).status).toBe(401)
    expect((await at(port.url, HOST)).status).toBe(401)
    expect((await at(port.url, previewHost(5174))).status).toBe(401)
    expect((await follow(worker, port.url)).status).toBe(303)
  })
})

describe('who came to look', () => {
  it('reads, and asks for previews, and can do nothing else over HTTP', async () => {
    const headers = await guestOf(worker, { access: 'look' })
    for (const path of ['/', '/_omega/logs']) expect((await worker.ask(path, { headers })).status).toBe(200)
    const link = await worker.ask('/_omega/preview-link', { method: 'POST', body: { port: 5173 }, headers })
    expect(link.status).toBe(200)
    expect((await worker.ask('/_omega/preview?port=5173', { headers })).status).toBe(303)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      for (const path of ['/_omega/exec', '/_omega/shares', '/_omega/shares/sh_x', '/_omega/anything', '/', '/src/a']) {
        const body = method === 'POST' ? { body: { cmd: ['touch', 'made'] } } : {}
        const answer = await worker.ask(path, { method, headers, ...body })
        expect([method, path, answer.status]).toEqual([method, path, 403])
      }
    }
    expect((await worker.ask('/_omega/shares', { headers })).status).toBe(403)
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      const headers2 = { ...headers, 'x-http-method-override': 'POST' }
      // A command may be run over a WebSocket, which is a GET: not by who only looks.
      const { status } = await worker.ask('/_omega/exec', { method, headers: headers2 })
      expect([method, status]).toEqual([method, method === 'OPTIONS' ? 404 : 403])
    }
  })

  it('sees a terminal and types nothing into it, in whatever frame', async () => {
    const owner = await worker.connect()
    const shell = await owner.shell()
    const looker = await worker.connect(await guestOf(worker, { access: 'look' }))
    const seen = await looker.request('terminal.attach', { terminal: shell.terminal, cols: 80, rows: 24 })
    await looker.sees(seen.channel, 'ready> ')
    looker.type(seen.channel, 'touch looker-was-here\n')
    looker.type(shell.channel, 'touch looker-was-here\n')
    // In its order behind what was typed, so that was heard.
    await looker.request('hello', {})
    owner.type(shell.channel, 'ls -a; echo do"ne"\n')
    expect(await owner.sees(shell.channel, '\ndone')).not.toContain('looker-was-here')
    await looker.sees(seen.channel, '\ndone')
  })

  it('is refused every operation that changes something', async () => {
    writeFileSync(join(worker.root, 'kept.txt'), 'kept')
    const looker = await worker.connect(await guestOf(worker, { access: 'look' }))
    const changing: [string, object][] = [
      ['files.write', { path: 'kept.txt', text: 'x' }],
      ['files.write', { path: 'new.txt', text: 'x' }],
      ['files.makeDirectory', { path: 'made' }],
      ['files.rename', { from: 'kept.txt', to: 'moved.txt' }],
      ['files.remove', { path: 'kept.txt' }],
      ['terminal.open', { cols: 80, rows: 24 }],
      ['terminal.close', { terminal: 'app' }],
      ['app.restart', {}],
      ['document.save', { channel: 1 }],
      ['document.overwrite', { channel: 1 }],
    ]
    for (const [op, params] of changing) {
      const { problem } = await looker.attempt(op, params)
      expect([op, problem?.code]).toEqual([op, 'FORBIDDEN'])
    }
    expect(readFileSync(join(worker.root, 'kept.txt'), 'utf8')).toBe('kept')
  })

  it('goes on with no session of somebody who may edit', async () => {
    const owner = await worker.connect()
    await owner.request('hello', {})
    const looker = await worker.connect(await guestOf(worker, { access: 'look' }))
    await looker.request('hello', {})
    if (!looker.welcome || !owner.welcome) throw new Error('There was no welcome')
    looker.welcome.session = owner.welcome.session
    await looker.reconnect()
    expect(looker.welcome?.resumed).toBe(false)
    expect((await owner.request('hello', {})).access).toBe('owner')
  })
})

describe('who may edit', () => {
  it('does everything, and hands out links that end with their own', async () => {
    const mother = await share(worker, { access: 'edit', expiresIn: 3600 })
    const cookie = (await follow(worker, mother.url)).cookie ?? ''
    const headers = { cookie, origin: ORIGIN }
    const exec = await worker.ask('/_omega/exec', { method: 'POST', headers, body: { cmd: ['echo', 'hi'] } })
    expect(exec.body).toContain('"exit":0')
    const child = await share(worker, { access: 'edit' }, cookie)
    expect(child.expiresAt).toBe(mother.expiresAt)
    const grandCookie = (await follow(worker, child.url)).cookie ?? ''
    const grandchild = await share(worker, { access: 'look', expiresIn: 60 }, grandCookie)
    expect(Date.parse(grandchild.expiresAt ?? '')).toBeLessThan(Date.parse(mother.expiresAt ?? ''))
    const revoked = await worker.ask(`/_omega/shares/${mother.id}`, { method: 'DELETE', headers: BEARER })
    expect(revoked.json.revoked).toEqual([mother.id, child.id, grandchild.id])
    for (const { url } of [mother, child, grandchild]) expect((await follow(worker, url)).status).toBe(401)
    for (const dead of [cookie, grandCookie]) {
      expect((await worker.ask('/_omega/logs', { headers: { cookie: dead } })).status).toBe(401)
    }
  })
})

describe('the end of a link', () => {
  it('ends its pages with a word, its sessions and nobody else', async () => {
    const mine = await share(worker, { access: 'edit' })
    const cookie = (await follow(worker, mine.url)).cookie ?? ''
    const guest = await worker.connect({ cookie, origin: ORIGIN })
    const owner = await worker.connect()
    const silent = new WebSocket(`ws://127.0.0.1:${worker.port}/_omega/ws`, {
      headers: { host: HOST, ...{ cookie, origin: ORIGIN } },
    })
    const silentClosed = new Promise<number>((resolve) => silent.once('close', resolve))
    await new Promise((resolve) => silent.once('open', resolve))
    await guest.request('hello', {})
    const { shares } = (await worker.ask('/_omega/shares', { headers: BEARER })).json as unknown as ShareList
    expect(shares.find(({ id }) => id === mine.id)?.here).toBe(1)
    expect((await worker.ask(`/_omega/shares/${mine.id}`, { method: 'DELETE', headers: BEARER })).status).toBe(200)
    expect(await guest.closed).toBe(4003)
    expect(await silentClosed).toBe(4003)
    await expect(worker.connect({ cookie, origin: ORIGIN })).rejects.toThrow('401')
    expect((await owner.request('hello', {})).access).toBe('owner')
    expect((await worker.ask(`/_omega/shares/${mine.id}`, { method: 'DELETE', headers: BEARER })).status).toBe(404)
  })

  it('is told to a browser that comes back, once; then it is sent where it can sign in', async () => {
    const mine = await share(worker, { access: 'look' })
    const cookie = (await follow(worker, mine.url)).cookie ?? ''
    await worker.ask(`/_omega/shares/${mine.id}`, { method: 'DELETE', headers: BEARER })
    const program = await worker.ask('/_omega/ws', { headers: { cookie } })
    expect([program.status, program.json.link]).toEqual([401, 'ended'])
    const told = await worker.ask('/', { headers: { ...page, cookie } })
    expect([told.status, told.headers['set-cookie']?.[0]]).toEqual([
      403,
      expect.stringMatching(/^omega-session=; .*Max-Age=0/),
    ])
    expect(told.body).toContain('has ended')
    const later = await worker.ask('/', { headers: page })
    expect([later.status, later.headers.location]).toEqual([
      303,
      `http://omega.localhost:8080/open/${SUBDOMAIN}?to=%2F`,
    ])
    expect((await follow(worker, mine.url)).status).toBe(401)
  })

  it('comes by itself when its time is over', async () => {
    const mine = await share(worker, { access: 'look', expiresIn: 1 })
    const guest = await worker.connect({ cookie: (await follow(worker, mine.url)).cookie ?? '', origin: ORIGIN })
    expect(await guest.closed).toBe(4003)
    expect((await follow(worker, mine.url)).status).toBe(401)
    const { shares } = (await worker.ask('/_omega/shares', { headers: BEARER })).json as unknown as ShareList
    expect(shares.find(({ id }) => id === mine.id)).toBeUndefined()
  })

  it('stops a command that a guest has running', async () => {
    const mine = await share(worker, { access: 'edit' })
    const cookie = (await follow(worker, mine.url)).cookie ?? ''
    const body = { cmd: ['sh', '-c', 'echo begun; sleep 1000'] }
    const running = worker.ask('/_omega/exec', { method: 'POST', body, headers: { cookie, origin: ORIGIN } })
    const broken = expect(running).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 200))
    await worker.ask(`/_omega/shares/${mine.id}`, { method: 'DELETE', headers: BEARER })
    await broken
  })

  it('outlives the worker, as links do', async () => {
    const other = await TestWorker.boot()
    try {
      const [kept, revoked] = [await share(other, { access: 'edit' }), await share(other, { access: 'edit' })]
      const cookies = [(await follow(other, kept.url)).cookie ?? '', (await follow(other, revoked.url)).cookie ?? '']
      await other.ask(`/_omega/shares/${revoked.id}`, { method: 'DELETE', headers: BEARER })
      await other.stop()
      await other.start()
      const status = async (cookie = '') => (await other.ask('/_omega/logs', { headers: { cookie } })).status
      expect([await status(cookies[0]), await status(cookies[1])]).toEqual([200, 401])
      expect([(await follow(other, kept.url)).status, (await follow(other, revoked.url)).status]).toEqual([303, 401])
      // A file that is none lets nobody in, and the worker starts.
      await other.stop()
      writeFileSync(join(other.folder, 'state/shares.json'), '{"not": "a list"')
      await other.start()
      expect(await status(cookies[0])).toBe(401)
      expect((await follow(other, (await share(other, {})).url)).status).toBe(303)
    } finally {
      await other.close()
    }
  })
})

describe('the preview', () => {
  it('is opened by guests and by who has a link to its port; both end with their link', async () => {
    const app = createServer((request, response) => {
      response.write(JSON.stringify({ cookie: request.headers.cookie ?? '' }))
      if (request.url !== '/stays') response.end()
    })
    const sockets = new WebSocketServer({ server: app })
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
    const { port } = app.address() as AddressInfo
    const host = previewHost(port)
    try {
      const guest = await share(worker, { access: 'look' })
      const guestCookie = (await follow(worker, guest.url)).cookie ?? ''
      const way = await worker.ask(`/_omega/preview?port=${port}`, { headers: { ...page, cookie: guestCookie } })
      const byGuest = (await follow(worker, way.headers.location ?? '')).cookie ?? ''
      const only = await share(worker, { port, path: '/deep?a=1' })
      const entered = await follow(worker, only.url)
      expect([entered.status, entered.location]).toEqual([303, '/deep?a=1'])
      for (const [link, cookie] of [
        [guest, byGuest],
        [only, entered.cookie ?? ''],
      ] as const) {
        const answer = await worker.ask('/', { host, headers: { cookie } })
        expect([answer.status, answer.json.cookie]).toEqual([200, ''])
        expect((await worker.ask('/', { headers: { cookie } })).status).toBe(401)
        expect((await worker.ask('/', { host: previewHost(port + 1), headers: { cookie } })).status).toBe(401)
        const headers = { host, cookie, origin: `http://${host}` }
        const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/hmr`, { headers })
        await new Promise((resolve) => socket.once('open', resolve))
        const closed = new Promise((resolve) => socket.once('close', resolve))
        const stays = expect(worker.ask('/stays', { host, headers: { cookie } })).rejects.toThrow()
        await new Promise((resolve) => app.once('request', resolve))
        await worker.ask(`/_omega/shares/${link.id}`, { method: 'DELETE', headers: BEARER })
        await closed
        await stays
        expect((await worker.ask('/', { host, headers: { cookie } })).status).toBe(401)
      }
    } finally {
      for (const socket of sockets.clients) socket.terminate()
      app.closeAllConnections()
      app.close()
    }
  })
})

describe('too many', () => {
  it('guests shut nobody out who is at home here', async () => {
    const other = await TestWorker.boot()
    try {
      const headers = await guestOf(other, { access: 'look' })
      for (let count = 0; count < 48; count++) {
        const guest = await other.connect(headers)
        await guest.request('people.at', { idle: false })
      }
      expect(await (await other.connect(headers)).closed).toBe(1013)
      expect((await (await other.connect()).request('hello', {})).access).toBe('owner')
    } finally {
      await other.close()
    }
  })

  it('a hundred links are enough', async () => {
    const other = await TestWorker.boot()
    try {
      for (let count = 0; count < 100; count++) await share(other, {})
      await expect(share(other, {})).rejects.toThrow('429')
    } finally {
      await other.close()
    }
  })
})
