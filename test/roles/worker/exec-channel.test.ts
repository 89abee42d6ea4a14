import { existsSync, mkdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { EXEC_WINDOW_BYTES, type ExecTold } from '../../../src/core/wire/exec.ts'
import { BEARER, HOST, TestWorker } from '../../support/worker.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
beforeAll(async () => {
  worker = await TestWorker.boot()
  mkdirSync(`${worker.root}/sub`)
})
afterAll(() => worker.close())

/** A caller that keeps all it is told. */
class Caller {
  readonly socket: WebSocket
  readonly told: ExecTold[] = []
  readonly closed: Promise<number>
  readonly #output: Record<number, Buffer[]> = { 1: [], 2: [] }

  constructor(headers: Record<string, string> = BEARER) {
    this.socket = new WebSocket(`ws://127.0.0.1:${worker.port}/_omega/exec`, { headers: { host: HOST, ...headers } })
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) this.told.push(JSON.parse(String(data)))
      else this.#output[data[0] ?? 0]?.push(data.subarray(1))
    })
  }

  static async run(begin: object): Promise<Caller> {
    const caller = new Caller()
    await new Promise((resolve) => caller.socket.once('open', resolve))
    caller.say(begin)
    await expect.poll(() => caller.told.length).toBeGreaterThan(0)
    return caller
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#output[1] ?? [])
  }

  get stderr(): Buffer {
    return Buffer.concat(this.#output[2] ?? [])
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  get end(): ExecTold | undefined {
    return this.told.at(-1)
  }
}

describe('a command with input', () => {
  it('gets it, gives both outputs, and its exit code', async () => {
    const caller = await Caller.run({
      cmd: ['sh', '-c', 'cat; pwd >&2; echo $MINE; exit 7'],
      cwd: 'sub',
      env: { MINE: 'x' },
      stdin: true,
    })
    caller.socket.send(Buffer.from([0, 255, 10]))
    caller.say({ end: true })
    expect(await caller.closed).toBe(1000)
    expect([...caller.stdout.subarray(0, 3), String(caller.stdout.subarray(3))]).toEqual([0, 255, 10, 'x\n'])
    expect(String(caller.stderr)).toBe(`${worker.root}/sub\n`)
    expect([caller.told[0], caller.end]).toEqual([{ started: true }, { exit: 7 }])
    expect(caller.told).toContainEqual({ taken: 3 })
  })

  it('has none when none was promised', async () => {
    const caller = await Caller.run({ cmd: ['cat'] })
    await caller.closed
    expect(caller.end).toEqual({ exit: 0 })
  })

  it('that it does not read is not gathered: a caller who sends more than the window is refused', async () => {
    const caller = await Caller.run({ cmd: ['sleep', '1000'], stdin: true })
    // A pipe of the kernel's takes 64 KiB of it.
    for (let sent = 0; sent < EXEC_WINDOW_BYTES + 256 * 1024; sent += 65_536) caller.socket.send(Buffer.alloc(65_536))
    await caller.closed
    expect(caller.end).toMatchObject({ problem: { code: 'INVALID_REQUEST' } })
  })

  it('and signals: they reach all of its processes, also while it reads nothing', async () => {
    const caller = await Caller.run({
      cmd: ['sh', '-c', 'trap "echo caught; exit 5" TERM; sleep 1000 & echo $!; wait'],
      stdin: true,
    })
    await expect.poll(() => String(caller.stdout)).toMatch(/^\d+\n$/)
    const pid = String(caller.stdout).trim()
    caller.socket.send(Buffer.alloc(EXEC_WINDOW_BYTES - 1))
    caller.say({ signal: 'SIGTERM' })
    await caller.closed
    expect(String(caller.stdout)).toContain('caught')
    expect(caller.end).toEqual({ exit: 5 })
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false)
  })

  it('says by which signal it died', async () => {
    const caller = await Caller.run({ cmd: ['sleep', '1000'] })
    caller.say({ signal: 'SIGTERM' })
    await caller.closed
    expect(caller.end).toEqual({ exit: 143, signal: 'SIGTERM' })
  })

  it('waits for a caller who does not read', async () => {
    const caller = await Caller.run({ cmd: ['sh', '-c', 'head -c 50000000 /dev/zero; echo end > done'] })
    caller.socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(existsSync(`${worker.root}/done`)).toBe(false)
    caller.socket.resume()
    await caller.closed
    expect(caller.stdout.length).toBe(50_000_000)
    expect(existsSync(`${worker.root}/done`)).toBe(true)
  })

  it('ends with a caller who leaves', async () => {
    const caller = await Caller.run({ cmd: ['sh', '-c', 'sleep 1000 & echo $!; wait'] })
    await expect.poll(() => String(caller.stdout)).toMatch(/\d+\n/)
    caller.socket.terminate()
    await expect.poll(() => existsSync(`/proc/${String(caller.stdout).trim()}`)).toBe(false)
  })
})

describe('a command on a terminal', () => {
  it('has one, of the size that was said, and gets keys', async () => {
    const caller = await Caller.run({
      cmd: ['sh', '-c', 'test -t 0 && stty size; read x; stty size; exit 3'],
      tty: { cols: 91, rows: 33 },
    })
    await expect.poll(() => String(caller.stdout)).toContain('33 91')
    caller.say({ resize: { cols: 40, rows: 12 } })
    caller.socket.send(Buffer.from('go\r'))
    await caller.closed
    expect(String(caller.stdout)).toContain('12 40')
    expect(caller.end).toEqual({ exit: 3 })
  })

  it('is interrupted by the key', async () => {
    const caller = await Caller.run({ cmd: ['sh', '-c', 'echo up; sleep 1000'], tty: { cols: 80, rows: 24 } })
    await expect.poll(() => String(caller.stdout)).toContain('up')
    caller.socket.send(Buffer.from('\x03'))
    await caller.closed
    expect(caller.end).toEqual({ exit: 130 })
  })
})

describe('what cannot be run', () => {
  it.each<[object, string]>([
    [{ cmd: [] }, 'INVALID_REQUEST'],
    [{ cmd: [''] }, 'INVALID_REQUEST'],
    [{ cmd: ['ls'], cwd: '../..' }, 'INVALID_REQUEST'],
    [{ cmd: ['ls'], cwd: 'none' }, 'FILE_NOT_FOUND'],
    [{ cmd: ['ls'], env: { 'A B': 'x' } }, 'INVALID_REQUEST'],
    [{ cmd: ['ls'], tty: { cols: 0, rows: 0 } }, 'INVALID_REQUEST'],
  ])('%j is a problem, told', async (begin, code) => {
    const caller = await Caller.run(begin)
    await caller.closed
    expect(caller.told).toEqual([{ problem: expect.objectContaining({ code }) }])
  })

  it('a program that is not there', async () => {
    const caller = await Caller.run({ cmd: ['no-such-program'] })
    await caller.closed
    expect(caller.end).toEqual({ error: '"no-such-program" cannot be started: there is no such program.' })
  })

  it('nobody without a credential, and nobody who may only look, gets a socket', async () => {
    const refused = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const { socket } = new Caller(headers)
        socket.on('error', () => undefined)
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
        socket.on('open', () => resolve('open'))
      })
    expect(await refused({})).toBe(401)
    const body = { access: 'look' }
    const share = await worker.ask('/_omega/shares', { method: 'POST', headers: BEARER, body })
    const { pathname, search } = new URL(String(share.json.url))
    const cookie = (await worker.ask(pathname + search)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect(await refused({ cookie, origin: `http://${HOST}` })).toBe(403)
  })
})
