import { expect, it } from 'vitest'
import type { Clock } from '../../../../src/core/clock.ts'
import { MemoryDocumentStore } from '../../../../src/core/memory-document-store.ts'
import type { LanguageStatus } from '../../../../src/core/wire/operations/language.ts'
import { Documents } from '../../../../src/roles/worker/documents/documents.ts'
import { FileUris } from '../../../../src/roles/worker/language/file-uri.ts'
import { LanguageHost } from '../../../../src/roles/worker/language/language-host.ts'
import type { ServerProcess, StartServer } from '../../../../src/roles/worker/language/language-session.ts'

/** Time that passes when it is told to. */
class SteppedClock implements Clock {
  #now = 0
  #timers: { at: number; action: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + ms, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      if (!next) break
      this.#now = next.at
      this.#timers = this.#timers.filter((other) => other !== next)
      next.action()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A server that answers everything with null, or nothing at all, until it is told to end. */
class FakeServer implements ServerProcess {
  readonly pid = 1
  readonly received: { id?: number; method?: string }[] = []
  readonly changes: { uri: string; type: number }[] = []
  answers = true
  mebibytes = 50
  readonly #onMessage: (message: object) => void
  readonly #onEnd: (reason: string) => void

  constructor(onMessage: (message: object) => void, onEnd: (reason: string) => void) {
    this.#onMessage = onMessage
    this.#onEnd = onEnd
  }

  send(message: object): void {
    const { id, method, params } = message as { id?: number; method?: string; params?: unknown }
    if (method === 'workspace/didChangeWatchedFiles') this.changes.push(...(params as Pick<this, 'changes'>).changes)
    this.received.push({ ...(id === undefined ? {} : { id }), ...(method === undefined ? {} : { method }) })
    if (id === undefined || method === undefined || !this.answers) return
    const result = method === 'initialize' ? { capabilities: { hoverProvider: true } } : null
    setImmediate(() => this.#onMessage({ id, result }))
  }

  /** Says that it wants to know of changed files. */
  watch(): void {
    const registrations = [{ id: 'files', method: 'workspace/didChangeWatchedFiles' }]
    this.#onMessage({ id: 1, method: 'client/registerCapability', params: { registrations } })
  }

  memory(): number {
    return this.mebibytes
  }

  end(reason: string): void {
    this.#onEnd(reason)
  }

  kill(): void {
    this.#onEnd('It was ended by SIGTERM.')
  }
}

function setUp(find?: () => StartServer | string) {
  const clock = new SteppedClock()
  const servers: FakeServer[] = []
  const told: LanguageStatus[] = []
  const missing = { code: 'FILE_NOT_FOUND' }
  const documents = new Documents({
    files: {
      read: () => Promise.reject(missing),
      write: () => Promise.reject(missing),
      overwrite: () => Promise.reject(missing),
      versionOf: () => '',
      watch: () => Promise.reject(missing),
    },
    store: new MemoryDocumentStore(),
    clock,
    newGeneration: () => 'one',
  })
  const host = new LanguageHost({
    server: 'typescript',
    documents,
    uris: new FileUris('/project'),
    clock,
    find:
      find ??
      (() => (onMessage, onEnd) => {
        const server = new FakeServer(onMessage, onEnd)
        servers.push(server)
        return server
      }),
    python: () => undefined,
    onStatus: (status) => told.push(status),
  })
  return { clock, servers, told, host }
}

it('starts when a page listens, once, and ends when nobody needs it', async () => {
  const { clock, servers, told, host } = setUp()
  expect(servers).toHaveLength(0)
  const stop = host.listen(() => undefined)
  host.listen(() => undefined)
  await settle()
  await settle()
  expect(servers).toHaveLength(1)
  expect(told.map(({ state }) => state)).toEqual(['starting', 'ready'])
  stop()
  await clock.pass(6 * 60_000)
  expect(host.status).toEqual({ server: 'typescript', state: 'stopped' })
  host.close()
})

it('starts again after a death, later each time, and gives up when it dies too often', async () => {
  const { clock, servers, host } = setUp()
  host.listen(() => undefined)
  await settle()
  for (const pause of [250, 1_000, 4_000, 8_000]) {
    const count = servers.length
    servers.at(-1)?.end('It ended with exit code 7.')
    expect(host.status).toMatchObject({ state: 'starting', detail: expect.stringContaining('exit code 7') })
    await clock.pass(pause - 1)
    expect(servers).toHaveLength(count)
    await clock.pass(1)
    await settle()
    expect(servers).toHaveLength(count + 1)
  }
  servers.at(-1)?.end('It ended with exit code 7.')
  expect(host.status).toMatchObject({ state: 'failed', detail: expect.stringContaining('5 times') })
  await expect(host.ready()).rejects.toThrow(/5 times/)
  await clock.pass(60_000)
  expect(servers).toHaveLength(5)
  host.restart()
  await settle()
  await settle()
  expect(host.status.state).toBe('ready')
  host.close()
})

it('a request made while it starts again waits for it', async () => {
  const { clock, servers, host } = setUp()
  host.listen(() => undefined)
  await settle()
  await settle()
  servers.at(-1)?.end('gone')
  const waiting = host.ready()
  await clock.pass(300)
  await settle()
  const session = await waiting
  expect(await session.request('textDocument/hover', {})).toBeNull()
  host.close()
})

it('one that does not answer any more is ended and started again; its requests fail', async () => {
  const { clock, servers, told, host } = setUp()
  host.listen(() => undefined)
  const session = await host.ready()
  const server = servers.at(-1)
  if (server) server.answers = false
  const asked = [1, 2, 3].map(() => session.request('textDocument/hover', {}).catch((error: Error) => error.message))
  await clock.pass(31_000)
  expect(await Promise.all(asked)).toEqual(Array(3).fill('The language server did not answer in time.'))
  expect(told.at(-1)?.detail ?? '').toBe('')
  expect(told.some(({ detail }) => /did not answer any more/.test(detail ?? ''))).toBe(true)
  expect(servers).toHaveLength(2)
  host.close()
})

it('one that takes too much memory is ended, with a word', async () => {
  const { clock, servers, told, host } = setUp()
  host.listen(() => undefined)
  await host.ready()
  const server = servers.at(-1)
  if (server) server.mebibytes = 4_000
  await clock.pass(16_000)
  expect(told.some(({ detail }) => /took 4000 MiB of memory/.test(detail ?? ''))).toBe(true)
  host.close()
})

it('one that is not installed is said to be, and looked for again on demand', async () => {
  let found: StartServer | string = 'The TypeScript language server is not installed. Run: npm install'
  const { told, host } = setUp(() => found)
  host.listen(() => undefined)
  expect(host.status).toMatchObject({ state: 'failed', detail: expect.stringContaining('npm install') })
  await expect(host.ready()).rejects.toThrow(/not installed/)
  found = (onMessage, onEnd) => new FakeServer(onMessage, onEnd)
  host.restart()
  await settle()
  await settle()
  expect(told.at(-1)?.state).toBe('ready')
  host.close()
})

it('one that begins to watch is told of what has changed since it was started, and of what changes then', async () => {
  const { servers, host } = setUp()
  host.listen(() => undefined)
  host.filesChanged([{ path: 'src/early.ts', kind: 'created' }])
  await host.ready()
  host.filesChanged([{ path: 'src/late.ts', kind: 'created' }])
  const [server] = servers
  expect(server?.changes).toEqual([])
  server?.watch()
  expect(server?.changes).toEqual([
    { uri: 'file:///project/src/early.ts', type: 1 },
    { uri: 'file:///project/src/late.ts', type: 1 },
  ])
  server?.watch()
  host.filesChanged([{ path: 'src/late.ts', kind: 'deleted' }])
  expect(server?.changes.slice(2)).toEqual([{ uri: 'file:///project/src/late.ts', type: 3 }])
  host.close()
})

it('one that begins to watch begins anew when more has changed than is kept, as does one that watches', async () => {
  const { servers, host } = setUp()
  host.listen(() => undefined)
  await host.ready()
  const many = Array.from({ length: 1_500 }, (_, index) => ({ path: `${index}.ts`, kind: 'changed' as const }))
  host.filesChanged(many)
  host.filesChanged(many)
  expect(servers).toHaveLength(1)
  servers[0]?.watch()
  expect(servers).toHaveLength(2)
  await host.ready()
  host.filesChanged(undefined)
  expect(servers).toHaveLength(2)
  servers[1]?.watch()
  expect(servers).toHaveLength(3)
  await host.ready()
  servers[2]?.watch()
  expect(servers).toHaveLength(3)
  host.filesChanged(undefined)
  expect(servers).toHaveLength(4)
  expect(servers.flatMap(({ changes }) => changes)).toEqual([])
  host.close()
})
