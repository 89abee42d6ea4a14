import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeMessage, Tag } from '../../../src/core/wire/frames.ts'
import { Random } from '../../support/random.ts'
import { TestWorker, type WireClient } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let worker: TestWorker
let client: WireClient
beforeEach(async () => {
  worker = await TestWorker.boot()
  client = await worker.connect()
  await client.request('hello', {})
})
afterEach(() => worker.close())

const sessionOf = (page: WireClient) => page.welcome?.session

describe('a session over real sockets', () => {
  it('goes on over another connection: answers and events that were under way come, once', async () => {
    await client.request('files.watch', { path: '' })
    const session = sessionOf(client)
    const answer = client.request('files.list', { path: '' })
    client.cut()
    writeFileSync(join(worker.root, 'while-away.txt'), '')
    await client.reconnect()
    expect([sessionOf(client), client.welcome?.resumed]).toEqual([session, true])
    expect((await answer).entries.length).toBeGreaterThanOrEqual(0)
    await client.event('files.changed', ({ names }) => names.includes('while-away.txt'))
  })

  it('goes on although the old connection still looks open, whose late words are not heard any more', async () => {
    const old = client.socket
    client.session.suspend()
    await client.reconnect()
    expect(client.welcome?.resumed).toBe(true)
    const makeDirectory = { id: 99, op: 'files.makeDirectory', params: { path: 'by-the-old-one' } }
    const payload = Buffer.from(JSON.stringify(makeDirectory))
    old.send(encodeMessage({ tag: Tag.control, number: client.session.received + 1, payload }), () => undefined)
    await client.request('files.makeDirectory', { path: 'by-the-new-one' })
    const { entries } = await client.request('files.list', { path: '' })
    expect(entries.map(({ name }) => name)).toEqual(['by-the-new-one'])
  })

  it('does each request once through a storm of cuts', async () => {
    const random = new Random(7)
    const requests: Promise<unknown>[] = []
    for (let round = 0; round < 20; round++) {
      const path = `made-${round}`
      // Made twice it would be refused: there is something at its path already.
      requests.push(client.request('files.makeDirectory', { path }))
      if (random.chance(0.5)) await Promise.race([requests.at(-1), new Promise((done) => setTimeout(done, 1))])
      await client.reconnect()
      expect(client.welcome?.resumed).toBe(true)
    }
    await Promise.all(requests)
    expect((await client.request('files.list', { path: '' })).entries).toHaveLength(20)
  })

  it('that is not known begins anew, and what was open before is not', async () => {
    const { channel } = await client.request('terminal.open', { cols: 80, rows: 24 })
    const session = sessionOf(client)
    await worker.stopRole()
    await worker.start()
    const page = await worker.connect()
    expect((await page.attempt('terminal.detach', { channel })).problem?.code).toBe('NOT_FOUND')
    expect(sessionOf(page)).not.toBe(session)
  })

  it('cannot be taken over by a guess, nor with numbers that cannot be', async () => {
    const session = sessionOf(client) ?? ''
    const strangers = [
      { session: `${session}x`, received: 0 },
      { session: '', received: 0 },
      { session, received: 4_000_000_000 },
    ]
    for (const opening of strangers) {
      const other = await worker.connect()
      other.welcome = { session: opening.session, resumed: true, received: 0 }
      Object.defineProperty(other.session, 'received', { value: opening.received })
      await other.reconnect()
      expect(other.welcome.resumed).toBe(false)
      expect(sessionOf(other)).not.toBe(session)
    }
  })

  it('needs an opening that is one', async () => {
    for (const opening of ['', '{}', '[]', '{"received":-1}', '{"received":0,"more":1}', '\xff']) {
      const other = await worker.connect()
      other.cut()
      const raw = await worker.connectRaw()
      raw.send(Buffer.concat([Buffer.of(Tag.open), Buffer.from(opening, 'latin1')]))
      expect(await new Promise((done) => raw.once('close', done))).toBe(1007)
    }
    expect((await client.request('hello', {})).sandbox.name).toBe('my-app')
  })

  it('of more pages than there is room for: those that are away give way, the others stay', async () => {
    const pages = await Promise.all(Array.from({ length: 63 }, () => worker.connect()))
    await Promise.all(pages.map((page) => page.request('files.list', { path: '' })))
    const refused = await worker.connectRaw()
    refused.send(encodeMessage({ tag: Tag.open, payload: Buffer.from('{"received":0}') }))
    expect(await new Promise((done) => refused.once('close', done))).toBe(1013)
    pages[0]?.end()
    await pages[0]?.closed
    const late = await worker.connect()
    expect((await late.request('hello', {})).sandbox.name).toBe('my-app')
    expect((await client.request('hello', {})).sandbox.name).toBe('my-app')
  })
})
