import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HIGH_WATER_BYTES } from '../../../src/core/wire/operations/terminals.ts'
import { TestWorker, type WireClient } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
let client: WireClient
beforeEach(async () => {
  worker = await TestWorker.boot({ start: 'echo "the app is $((40+2))"; read line; exit 7' })
  client = await worker.connect()
})
afterEach(() => worker.close())

const size = { cols: 80, rows: 24 }

describe('a terminal', () => {
  it('runs a shell in the project and shows what is typed', async () => {
    const { channel, kind, folder } = await client.shell()
    expect([kind, folder]).toEqual(['shell', worker.root])
    client.type(channel, 'pwd; echo $((6*7)) $TERM\n')
    const output = await client.sees(channel, '42 xterm-256color')
    expect(output).toContain(worker.root)
  })

  it('is as it was after a reload, and goes on', async () => {
    const first = await client.shell()
    client.type(first.channel, 'export KEPT=yes; echo before-$((1+1)); sleep 0.3; echo during-$((2+2))\n')
    await client.sees(first.channel, 'before-2')
    client.end()
    const again = await worker.connect()
    const { terminals } = await again.request('hello', {})
    expect(terminals.map(({ terminal }) => terminal)).toEqual(['app', first.terminal])
    const second = await again.request('terminal.attach', { terminal: first.terminal, ...size })
    expect(await again.sees(second.channel, 'during-4')).toContain('before-2')
    again.type(second.channel, 'echo kept-$KEPT\n')
    await again.sees(second.channel, 'kept-yes')
  })

  it('shows the same to two pages at once, of which one may leave', async () => {
    const { channel, terminal } = await client.shell()
    const other = await worker.connect()
    const view = await other.request('terminal.attach', { terminal, ...size })
    other.type(view.channel, 'echo both-$((1+1))\n')
    await Promise.all([client.sees(channel, 'both-2'), other.sees(view.channel, 'both-2')])
    await other.request('terminal.detach', { channel: view.channel })
    client.type(channel, 'echo alone-$((1+1))\n')
    await client.sees(channel, 'alone-2')
    expect(other.output.get(view.channel)).not.toContain('alone-2')
  })

  it('has one channel for each connection', async () => {
    const { channel, terminal } = await client.shell()
    const second = await client.request('terminal.attach', { terminal, ...size })
    client.type(second.channel, 'echo once-$((1+1))\n')
    await client.sees(second.channel, 'once-2')
    expect(client.output.get(channel) === client.output.get(second.channel) || channel !== second.channel).toBe(true)
    const all = [...client.output.values()].join('')
    expect(all.match(/once-2/g)).toHaveLength(1)
  })

  it('knows its size', async () => {
    const { channel, terminal } = await client.shell()
    await client.request('terminal.resize', { channel, cols: 101, rows: 33 })
    expect(await client.event('terminal.changed', ({ cols }) => cols === 101)).toMatchObject({ terminal, rows: 33 })
    client.type(channel, 'stty size\n')
    await client.sees(channel, '33 101')
  })

  it('tells how it ended, and can be read and closed afterwards', async () => {
    const { channel, terminal } = await client.shell()
    client.type(channel, 'echo last-$((1+1)); exit 5\n')
    const ended = await client.event('terminal.changed', (info) => info.exitCode !== undefined)
    expect(ended).toMatchObject({ terminal, exitCode: 5 })
    expect(client.output.get(channel)).toContain('last-2')
    client.type(channel, 'nobody reads this\n')
    await client.request('terminal.close', { terminal })
    expect(await client.event('terminal.closed')).toEqual({ terminal })
    expect((await client.attempt('terminal.attach', { terminal, ...size })).problem?.code).toBe('NOT_FOUND')
  })

  it('takes all with it when it is closed, also what does not want to go', async () => {
    const { channel, terminal } = await client.shell()
    client.type(channel, "trap '' HUP TERM; (trap '' HUP TERM; echo pid=$BASHPID.; sleep 1000) & sleep 1001 &\n")
    const pid = /pid=(\d+)\./.exec((await client.sees(channel, 'pid=')) && (await seesPid(channel)))?.[1]
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    await client.request('terminal.close', { terminal })
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 20_000 }).toBe(false)
  })

  async function seesPid(channel: number): Promise<string> {
    await client.until(() => /pid=\d+\./.test(client.output.get(channel) ?? ''))
    return client.output.get(channel) ?? ''
  }

  it('is one of at most 32', async () => {
    const opened = await Promise.all(Array.from({ length: 31 }, () => client.attempt('terminal.open', size)))
    expect(opened.filter(({ problem }) => problem)).toEqual([])
    const { problem } = await client.attempt('terminal.open', size)
    expect(problem?.code).toBe('TOO_MANY_REQUESTS')
  })
})

describe('a flood', () => {
  it('ends with the prompt, and costs the worker no memory when nobody draws it', async () => {
    const { channel } = await client.shell()
    client.paints = false
    client.output.set(channel, '')
    const before = client.received.get(channel) ?? 0
    client.type(channel, 'seq 1 300000; echo flood-$((1+1))\n')
    await client.until(() => (client.received.get(channel) ?? 0) - before > HIGH_WATER_BYTES)
    // Nothing was drawn: it stands still just above the mark.
    await client.request('files.list', { path: '' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect((client.received.get(channel) ?? 0) - before).toBeLessThan(HIGH_WATER_BYTES + 200_000)
    client.paints = true
    client.paint(channel, client.received.get(channel) ?? 0)
    const output = await client.sees(channel, 'flood-2')
    expect(output).toContain('300000\r\n')
    // All of it, in order.
    const numbers = output.match(/^\d+(?=\r$)/gm) ?? []
    expect(numbers.length).toBe(300_000)
    expect(numbers[150_000]).toBe('150001')
  })

  it('is interrupted by Ctrl-C, whether it is drawn or not', async () => {
    const { channel } = await client.shell()
    for (const paints of [true, false]) {
      client.paints = paints
      const before = client.received.get(channel) ?? 0
      client.type(channel, 'yes flooding\n')
      await client.until(() => (client.received.get(channel) ?? 0) - before > HIGH_WATER_BYTES)
      client.type(channel, '\x03')
      client.type(channel, `echo stopped-$((1+1))-${paints}\n`)
      client.paints = true
      client.paint(channel, 100_000_000)
      await client.sees(channel, `stopped-2-${paints}`)
    }
  })

  it('is not lost when its program ends while it stands still', async () => {
    const { channel, terminal } = await client.shell()
    client.paints = false
    client.output.set(channel, '')
    // A little more than what may be undrawn: the rest fits into the kernel's buffer, so the program can end.
    client.type(channel, 'exec sh -c "seq 1 42000; echo very-$((1+1))-end; echo > ended; exit 6"\n')
    await expect.poll(() => existsSync(`${worker.root}/ended`)).toBe(true)
    client.paints = true
    client.paint(channel, 100_000_000)
    await client.event('terminal.changed', ({ terminal: id, exitCode }) => id === terminal && exitCode === 6)
    expect(client.output.get(channel)?.match(/^\d+(?=\r$)/gm)).toHaveLength(42_000)
    expect(client.output.get(channel)).toContain('very-2-end')
  })

  it('stops neither for a page that draws nothing, as long as another does, and that page catches up', async () => {
    const { channel, terminal } = await client.shell()
    const lazy = await worker.connect()
    lazy.paints = false
    const view = await lazy.request('terminal.attach', { terminal, ...size })
    client.type(channel, 'seq 1 400000; echo flood-$((1+1))\n')
    await client.sees(channel, 'flood-2')
    const got = lazy.received.get(view.channel) ?? 0
    expect(got).toBeLessThan(5 * HIGH_WATER_BYTES)
    expect(lazy.output.get(view.channel)).not.toContain('flood-2')
    lazy.paints = true
    lazy.paint(view.channel, got)
    const caughtUp = await lazy.sees(view.channel, 'flood-2')
    expect(caughtUp.lastIndexOf('\x1bc')).toBeGreaterThan(0)
  })

  it('of input that nobody reads is kept in bounds, and a paste arrives whole', async () => {
    const { channel } = await client.shell()
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} of a paste`)
    client.type(channel, `stty -echo; cat > pasted; stty echo; wc -l pasted | tr a-z A-Z\n`)
    await client.request('files.list', { path: '' })
    client.type(channel, `${lines.join('\n')}\n`)
    client.type(channel, '\x04')
    await client.sees(channel, '20000 PASTED')
    expect(readFileSync(`${worker.root}/pasted`, 'utf8')).toBe(`${lines.join('\n')}\n`)
    client.type(channel, 'stty -echo; sleep 1000\n')
    for (let index = 0; index < 10; index++) client.type(channel, 'x\n'.repeat(1_000_000))
    expect(await client.request('files.list', { path: '' })).toMatchObject({ entries: [{ name: 'pasted' }] })
  })
})

describe('the app', () => {
  it('runs before anybody looks, ends with a word, and starts again', async () => {
    const app = await client.request('terminal.attach', { terminal: 'app', ...size })
    await client.sees(app.channel, 'the app is 42')
    client.type(app.channel, '\n')
    expect(await client.event('terminal.changed', ({ exitCode }) => exitCode === 7)).toMatchObject({ kind: 'app' })
    await client.sees(app.channel, 'ended with exit code 7')
    await client.request('app.restart', {})
    await client.until(() => client.output.get(app.channel)?.match(/the app is 42/g)?.length === 2)
    const { terminals } = await client.request('hello', {})
    expect(terminals[0]).not.toHaveProperty('exitCode')
    await client.request('terminal.close', { terminal: 'app' })
    await client.event('terminal.changed', ({ exitCode }) => exitCode !== undefined && exitCode > 128)
    expect((await client.request('hello', {})).terminals).toHaveLength(1)
  })

  it('is restarted by several at once as one after another', async () => {
    await Promise.all(Array.from({ length: 5 }, () => client.request('app.restart', {})))
    const app = await client.request('terminal.attach', { terminal: 'app', ...size })
    client.type(app.channel, '\n')
    await client.event('terminal.changed', ({ exitCode }) => exitCode === 7)
  })
})
