import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { MAX_MESSAGE_BYTES } from '../../../src/core/wire/frames.ts'
import { TestWorker } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
beforeAll(async () => {
  worker = await TestWorker.boot({ appPort: 5173 })
})
afterAll(() => worker.close())

/** The worker is as it was: a new page is greeted. */
const expectAlive = async () => {
  const client = await worker.connect()
  expect((await client.request('hello', {})).sandbox.name).toBe('my-app')
  client.end()
}

describe('what is no frame ends the connection, and nothing else', () => {
  const control = (payload: Uint8Array | string) => Buffer.concat([Buffer.of(0, 0, 0, 0, 1), Buffer.from(payload)])
  it.each<[string, string | Buffer, number]>([
    ['a text message', 'hello', 1003],
    ['an empty message', Buffer.of(), 1007],
    ['an unknown tag', Buffer.of(9, 0, 0), 1007],
    ['half a frame', Buffer.of(1, 0), 1007],
    ['a second opening', Buffer.from('\x10{"received":0}'), 1007],
    ['a frame without those before it', Buffer.of(1, 0, 0, 0, 2, 0, 1, 65), 1007],
    ['an acknowledgement of what was not sent', Buffer.of(18, 0, 0, 0, 9), 1007],
    ['no JSON', control('{'), 1007],
    ['no UTF-8', control(Uint8Array.of(0xff, 0xfe)), 1007],
    ['a request without a number', control('{"op":"hello","params":{}}'), 1007],
    ['a list', control('[]'), 1007],
    ['null', control('null'), 1007],
    ['deep nesting', control('['.repeat(1_000_000)), 1007],
    ['deep nesting that ends', control(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`), 1007],
    ['too much', Buffer.alloc(MAX_MESSAGE_BYTES + 1), 1009],
  ])('%s', async (_name, message, code) => {
    const client = await worker.connect()
    client.socket.send(message)
    expect(await client.closed).toBe(code)
    await expectAlive()
  })

  it('whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), async (messages) => {
        const client = await worker.connect()
        for (const message of messages) client.socket.send(message)
        client.socket.close()
        await client.closed
      }),
      { numRuns: 30 },
    )
    await expectAlive()
  })
})

describe('what is no request is answered with a problem', () => {
  it.each<[string, string, unknown]>([
    ['an unknown operation', 'files.eat', {}],
    ['a name every object has', 'toString', {}],
    ['no parameters', 'files.read', undefined],
    ['parameters of the wrong type', 'files.read', { path: 1 }],
    ['too many parameters', 'files.read', { path: 'a', more: 1 }],
    ['a size of nothing', 'terminal.open', { cols: 0, rows: 24 }],
    ['a huge size', 'terminal.open', { cols: 80, rows: 1e9 }],
    ['a path that is far too long', 'files.list', { path: 'a/'.repeat(4000) }],
    ['a prototype', 'files.read', JSON.parse('{"__proto__":{"path":"a"}}')],
  ])('%s', async (_name, op, params) => {
    const client = await worker.connect()
    const { problem } = await client.attempt(op, params)
    expect(problem?.code).toBe('INVALID_REQUEST')
    expect(problem?.detail).toContain(op)
    expect(await client.request('files.list', { path: 'nothing' }).catch(() => 'alive')).toBe('alive')
  })

  it('also one with members it should not have, as long as it has a number', async () => {
    const client = await worker.connect()
    const answered = new Promise((resolve) =>
      client.socket.on('message', (data) => String(data).includes('"re":5') && resolve(data)),
    )
    client.control({ id: 5, op: 'hello', params: {}, more: 1 })
    expect(String(await answered)).toContain('"re":5,"problem":{"code":"INVALID_REQUEST"')
  })

  it('a flood of requests is refused in part, and every one is answered', async () => {
    const client = await worker.connect()
    const answers = await Promise.all(Array.from({ length: 500 }, () => client.attempt('files.list', { path: '' })))
    const codes = answers.map(({ problem }) => problem?.code ?? 'ok')
    expect(new Set(codes)).toEqual(new Set(['ok', 'TOO_MANY_REQUESTS']))
    expect(codes.filter((code) => code === 'ok').length).toBeGreaterThanOrEqual(64)
  })

  it('frames for channels that are not there are passed over', async () => {
    const client = await worker.connect()
    client.type(77, 'x')
    client.paint(77, 4_000_000_000)
    expect((await client.attempt('terminal.resize', { channel: 77, cols: 2, rows: 2 })).problem?.code).toBe('NOT_FOUND')
    expect(await client.request('files.list', { path: 'nothing' }).catch(() => 'alive')).toBe('alive')
  })
})

describe('hello', () => {
  it('says who the sandbox is and what is there', async () => {
    const client = await worker.connect()
    const hello = await client.request('hello', {})
    expect(hello.sandbox).toEqual({
      id: 'sb_00000000000000000000000000',
      name: 'my-app',
      subdomain: 'abcdef',
      domain: 'omega.localhost',
      template: 'tiny',
      port: 20_001,
    })
    expect([hello.appPort, hello.open, hello.masterUrl]).toEqual([5173, 'main.js', 'http://omega.localhost:8080'])
    expect(hello.terminals.map(({ terminal, kind }) => [terminal, kind])).toContainEqual(['app', 'app'])
  })
})

describe('files over the wire', () => {
  it('are read, written and guarded as the driver does', async () => {
    const client = await worker.connect()
    const { version } = await client.request('files.write', { path: 'a.txt', text: 'one\n' })
    expect(await client.request('files.read', { path: 'a.txt' })).toEqual({ text: 'one\n', version })
    const two = await client.request('files.write', { path: 'a.txt', text: 'two', base: version })
    expect((await client.attempt('files.write', { path: 'a.txt', text: 'x', base: version })).problem?.code).toBe(
      'CONFLICT',
    )
    expect((await client.request('files.read', { path: 'a.txt' })).version).toBe(two.version)
    await client.request('files.makeDirectory', { path: 'd' })
    await client.request('files.rename', { from: 'a.txt', to: 'd/b.txt' })
    const { entries } = await client.request('files.list', { path: 'd' })
    expect(entries).toEqual([{ name: 'b.txt', kind: 'file' }])
    await client.request('files.remove', { path: 'd' })
    expect((await client.attempt('files.read', { path: '../template/template.json' })).problem?.code).toBe(
      'INVALID_REQUEST',
    )
  })

  it('tell those who watch, and only them, and only as long as they watch', async () => {
    const [watching, other] = [await worker.connect(), await worker.connect()]
    await watching.request('files.watch', { path: '' })
    writeFileSync(join(worker.root, 'changed.txt'), '1')
    expect(await watching.event('files.changed', ({ names }) => names.includes('changed.txt'))).toMatchObject({
      directory: '',
    })
    await watching.request('files.unwatch', { path: '' })
    watching.events.length = 0
    await other.request('files.watch', { path: '' })
    writeFileSync(join(worker.root, 'again.txt'), '1')
    await other.event('files.changed', ({ names }) => names.includes('again.txt'))
    await watching.request('files.list', { path: '' })
    expect(watching.events).toEqual([])
  })
})

it('a stopping worker says so', async () => {
  const own = await TestWorker.boot()
  const client = await own.connect()
  await Promise.all([own.stopRole(), expect(client.closed).resolves.toBe(1012)])
  await own.close()
})

describe('a client that offers compression', () => {
  const LETTERS = 200_000
  const wireBytes = (socket: unknown) => (socket as { _socket: { bytesRead: number } })._socket.bytesRead

  it('gets large answers compressed', async () => {
    writeFileSync(join(worker.root, 'alike.txt'), 'x'.repeat(LETTERS))
    const client = await worker.connect()
    const before = wireBytes(client.socket)
    expect((await client.request('files.read', { path: 'alike.txt' })).text).toHaveLength(LETTERS)
    expect(wireBytes(client.socket) - before).toBeLessThan(LETTERS / 10)
    client.end()
  })

  it('gets the output of terminals as it is', async () => {
    const client = await worker.connect()
    const before = wireBytes(client.socket)
    const { channel } = await client.request('terminal.open', { cols: 80, rows: 24 })
    client.type(channel, `head -c ${LETTERS} /dev/zero | tr '\\0' x; echo; echo e''nd\r`)
    await client.sees(channel, 'end\r\n')
    expect(wireBytes(client.socket) - before).toBeGreaterThan(LETTERS)
    client.end()
  })
})
