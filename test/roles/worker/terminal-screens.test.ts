import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HIGH_WATER_BYTES, type TerminalInfo } from '../../../src/core/wire/operations/terminals.ts'
import { guestOf } from '../../support/guests.ts'
import { TerminalPage } from '../../support/terminal-page.ts'
import { TestWorker, type WireClient } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const size = { cols: 80, rows: 24 }
let worker: TestWorker
let client: WireClient
beforeEach(async () => {
  worker = await TestWorker.boot({ start: 'read line; exit 7' })
  client = await worker.connect()
})
afterEach(() => worker.close())

const changed = (matches: (info: TerminalInfo) => boolean) => client.event('terminal.changed', matches)

async function shellPage(): Promise<TerminalPage & { id: string }> {
  const { terminal } = await client.shell()
  return Object.assign(await TerminalPage.open(client, terminal), { id: terminal })
}

/** A program that has drawn a screen of its own and waits for a key. */
const fullScreen =
  String.raw`printf '\e[?1049h\e[?1h\e=\e[?25l\e[?1002;1006h\e[2J\e[3;20r\e[1;31mtop\e[0m\e[24;1H\e[7mstatus\e[0m\e[5;5H\e)0\x0eqqx\x0f漢字'; read -rsn1 key; printf '\e[?1049l\e[?25h\e[?1l'; echo left` +
  '\n'

describe('a reload', () => {
  it('shows the identical screen, in the alternate screen and back', async () => {
    const page = await shellPage()
    page.type('seq 1 50\n')
    await page.shows(/^50$/m)
    page.type(fullScreen)
    await page.shows('漢字')
    const other = await TerminalPage.open(await worker.connect(), page.id)
    await other.shows('漢字')
    expect(await other.state()).toEqual(await page.state())
    page.type('x')
    await Promise.all([page.shows(/^left$/m), other.shows(/^left$/m)])
    await Promise.all([page.shows(/^ready> $/m), other.shows(/^ready> $/m)])
    expect(await other.state()).toEqual(await page.state())
  })

  it('in the middle of output gives all of it once', async () => {
    const page = await shellPage()
    page.type('for i in $(seq 1 3000); do echo "line-$i"; done; echo all-$((1+1))\n')
    const others = []
    for (let round = 0; round < 10; round++) others.push(await TerminalPage.open(await worker.connect(), page.id))
    for (const one of [page, ...others]) {
      await one.shows('all-2')
      const numbers = one.text().match(/(?<=^line-)\d+$/gm)
      expect(numbers?.map(Number)).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1))
    }
  })

  it('shows what was cleared as cleared', async () => {
    const page = await shellPage()
    page.type('seq 1 100\n')
    await page.shows(/^100$/m)
    await client.request('terminal.clear', { terminal: page.id })
    const other = await TerminalPage.open(await worker.connect(), page.id)
    await other.shows('ready> ')
    expect(await other.state()).toEqual(await page.state())
    expect(other.text()).not.toContain('99')
  })
})

describe('a connection that breaks', () => {
  it('twenty times in the middle of output loses nothing and repeats nothing', async () => {
    const page = await shellPage()
    page.type('for i in $(seq 1 20000); do echo "line-$i"; done; echo all-$((1+1))\n')
    for (let round = 0; round < 20; round++) {
      const before = page.text().length
      await client.reconnect()
      if (round < 5) await expect.poll(() => page.text().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(before)
    }
    await page.shows('all-2')
    const numbers = (page.text().match(/(?<=^line-)\d+$/gm) ?? []).map(Number)
    expect(numbers.at(-1)).toBe(20_000)
    expect(numbers).toEqual(numbers.map((_, index) => 20_000 - numbers.length + 1 + index))
    expect(numbers.length).toBeGreaterThan(4_900)
  })

  it('holds no program up while the page is away, and the page has the screen when it is back', async () => {
    const page = await shellPage()
    const other = await worker.connect()
    client.cut()
    const watched = await TerminalPage.open(other, page.id)
    // Only the one that is away has ever shown it.
    await other.request('terminal.hide', { channel: watched.channel })
    watched.type('seq 1 300000; touch finished\n')
    await expect
      .poll(async () => (await other.request('files.list', { path: '' })).entries, { timeout: 30_000 })
      .toEqual(expect.arrayContaining([expect.objectContaining({ name: 'finished' })]))
    await client.reconnect()
    await page.shows(/^300000\nready> /m)
    await other.request('terminal.resize', { channel: watched.channel, ...size })
    await watched.shows(/^300000\nready> /m)
    expect(await watched.state()).toEqual(await page.state())
  })

  it('is too slow for a flood, which waits for the page that looks', async () => {
    const { channel, terminal } = await client.shell()
    client.paints = false
    const other = await worker.connect()
    const view = await other.request('terminal.attach', { terminal, ...size })
    await other.request('terminal.hide', { channel: view.channel })
    const before = client.received.get(channel) ?? 0
    client.type(channel, 'seq 1 400000\n')
    await client.until(() => (client.received.get(channel) ?? 0) - before > HIGH_WATER_BYTES)
    await client.request('files.list', { path: '' })
    expect((client.received.get(channel) ?? 0) - before).toBeLessThan(HIGH_WATER_BYTES + 200_000)
    // The hidden one gets less, however fast it draws.
    await client.request('terminal.hide', { channel })
    other.type(view.channel, 'echo went-$((1+1))-on\n')
    await other.request('terminal.resize', { channel: view.channel, ...size })
    await other.sees(view.channel, 'went-2-on')
  })
})

describe('a question of a program', () => {
  const ask =
    String.raw`stty -echo -icanon min 0 time 5; printf '\e[6n\e[c'; sleep 0.5; answer=$(dd bs=100 count=1 2>/dev/null | od -An -c | tr -d ' \n'); stty sane; echo "answer<$answer>"` +
    '\n'

  it.each([0, 1, 3])('is answered once with %i pages that look', async (pages) => {
    const { channel, terminal } = await client.shell()
    for (let extra = 1; extra < pages; extra++) await TerminalPage.open(await worker.connect(), terminal)
    if (pages === 0) await client.request('terminal.hide', { channel })
    client.type(channel, ask)
    const output = await client.sees(channel, 'answer<033')
    await client.until(() => /answer<033.*>\r/.test(client.output.get(channel) ?? ''))
    expect(output).toBeDefined()
    expect(client.output.get(channel)).toMatch(/answer<033\[\d+;1R033\[\?1;2c>/)
  })

  it('about colours is answered with those of the page', async () => {
    const { channel } = await client.shell()
    const palette = Array.from({ length: 16 }, (_, index) => `#0000${index.toString(16)}0`)
    await client.request('terminal.colors', {
      foreground: '#111111',
      background: '#fafbfc',
      cursor: '#222222',
      palette,
    })
    client.type(channel, ask.replace(String.raw`\e[6n\e[c`, String.raw`\e]11;?\a\e]4;3;?;200;?\a`))
    await client.until(() => /answer<033.*>\r/.test(client.output.get(channel) ?? ''))
    expect(client.output.get(channel)).toContain(
      String.raw`answer<033]11;rgb:fafa/fbfb/fcfc033\033]4;3;rgb:0000/0000/3030033\033]4;200;rgb:ffff/0000/d7d7033\>`,
    )
  })
})

describe('the size', () => {
  it('is that of the smallest page that shows the terminal and may change it', async () => {
    const page = await shellPage()
    const small = await worker.connect()
    const shown = await TerminalPage.open(small, page.id, { cols: 60, rows: 30 })
    await changed(({ cols, rows }) => cols === 60 && rows === 24)
    await small.request('terminal.hide', { channel: shown.channel })
    await changed(({ cols, rows }) => cols === 80 && rows === 24)
    await small.request('terminal.resize', { channel: shown.channel, cols: 70, rows: 10 })
    await changed(({ cols, rows }) => cols === 70 && rows === 10)
    page.type('stty size\n')
    await page.shows('10 70')
    await shown.shows('10 70')
    expect(await shown.state()).toEqual(await page.state())
    small.cut()
    await changed(({ cols, rows }) => cols === 80 && rows === 24 && client.events.at(-1)?.event !== undefined)
    const looker = await worker.connect(await guestOf(worker, { access: 'look' }))
    const watching = await TerminalPage.open(looker, page.id, { cols: 20, rows: 5 })
    await watching.shows('10 70')
    expect((await client.request('hello', {})).terminals.at(-1)).toMatchObject({ cols: 80, rows: 24 })
    expect(await watching.state()).toEqual(await page.state())
  })

  it('changes between the same bytes for all', async () => {
    const page = await shellPage()
    const other = await TerminalPage.open(await worker.connect(), page.id, { cols: 200, rows: 50 })
    page.type(
      'for i in $(seq 1 2000); do echo "a rather long line of text number $i that wraps"; done; echo end-$((1+1))\n',
    )
    for (let cols = 30; cols < 80; cols += 5) {
      await client.request('terminal.resize', { channel: page.channel, cols, rows: 10 + (cols % 7) })
    }
    await Promise.all([page.shows('end-2'), other.shows('end-2')])
    await Promise.all([page.shows(/ready> $/), other.shows(/ready> $/)])
    expect(await other.state()).toEqual(await page.state())
    const late = await TerminalPage.open(await worker.connect(), page.id, { cols: 200, rows: 50 })
    await late.shows('end-2')
    expect(await late.state()).toEqual(await page.state())
  })
})

describe('what is told of a terminal', () => {
  it('is its program, its folder and its name', async () => {
    const { terminal, channel } = await client.request('terminal.open', size)
    await changed((info) => info.terminal === terminal && info.program === 'bash')
    mkdirSync(join(worker.root, 'a folder/ü'), { recursive: true })
    client.type(channel, 'cd "a folder/ü"; sleep 100\n')
    const folder = join(realpathSync(worker.root), 'a folder/ü')
    await changed((info) => info.terminal === terminal && info.program === 'sleep')
    client.type(channel, '\x03')
    await changed((info) => info.folder === folder && info.program === 'bash')
    await client.request('terminal.rename', { terminal, name: 'build' })
    await changed((info) => info.name === 'build')
    const beside = await client.request('terminal.open', { ...size, beside: terminal })
    expect(beside.folder).toBe(folder)
    client.type(beside.channel, 'pwd\n')
    await client.sees(beside.channel, Buffer.from(folder).toString('latin1'))
    const looker = await worker.connect(await guestOf(worker, { access: 'look' }))
    for (const op of ['terminal.rename', 'terminal.clear'] as const) {
      expect((await looker.attempt(op, { terminal, name: 'x' } as never)).problem?.code).toBe(
        op === 'terminal.rename' ? 'FORBIDDEN' : 'INVALID_REQUEST',
      )
    }
  })

  it('ends when a person leaves the shell, and stays when it failed, for another', async () => {
    const page = await shellPage()
    page.type('exit 3\n')
    await page.shows('ended with exit code 3. Press Enter for a new one.')
    page.type('\r')
    await changed((info) => info.terminal === page.id && info.exitCode === undefined && info.program === 'bash')
    page.type('echo again-$((1+1))\n')
    await page.shows('again-2')
    page.type('exit 0\n')
    expect(await client.event('terminal.closed')).toEqual({ terminal: page.id })
  })
})

describe('a restart of the worker', () => {
  it('is told in the terminal, above a new shell in the same folder', async () => {
    const page = await shellPage()
    await client.request('terminal.rename', { terminal: page.id, name: 'mine' })
    mkdirSync(join(worker.root, 'deep'))
    page.type(`printf '\\e]7;file://x%s/deep\\a' "$PWD"; echo before-$((1+1)); ${fullScreen}`)
    await page.shows('漢字')
    await client.event('terminal.changed', (info) => info.folder.endsWith('/deep'))
    await worker.stopRole()
    await worker.start()
    const again = await worker.connect()
    const { terminals } = await again.request('hello', {})
    expect(terminals.find(({ terminal }) => terminal === page.id)).toMatchObject({ name: 'mine', program: '' })
    const back = await TerminalPage.open(again, page.id)
    await back.shows('The sandbox restarted. What ran here has ended; this is what was on the screen.')
    expect(back.text()).toContain('before-2')
    expect((await back.state()).screen).toBe('normal')
    back.type('pwd\n')
    await back.shows(/\/deep$/m)
    await again.request('terminal.close', { terminal: page.id })
    await worker.stopRole()
    await worker.start()
    expect((await (await worker.connect()).request('hello', {})).terminals.map(({ terminal }) => terminal)).toEqual([
      'app',
    ])
  })
})
