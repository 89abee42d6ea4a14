import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../../../src/core/manual-clock.ts'
import { Tag } from '../../../src/core/wire/frames.ts'
import type { TerminalInfo } from '../../../src/core/wire/operations/terminals.ts'
import { type Screen, type Size, Terminals } from '../../../src/web/ide/terminals/terminals.ts'
import { Connection } from '../../../src/web/ide/wire/connection.ts'
import { FakeSocket } from '../support/fake-socket.ts'

class RecordingScreen implements Screen {
  log: string[] = []
  has: Size | undefined = { cols: 100, rows: 30 }
  room() {
    return this.has
  }
  write(bytes: Uint8Array, painted: () => void) {
    this.log.push(new TextDecoder().decode(bytes))
    painted()
  }
  resize({ cols, rows }: Size) {
    this.log.push(`${cols}x${rows}`)
  }
  clear() {
    this.log.push('clear')
  }
}

const shell: TerminalInfo = { terminal: 't1', program: 'bash', folder: '/project', cols: 80, rows: 24, kind: 'shell' }
const app: TerminalInfo = { ...shell, terminal: 'app', kind: 'app' }
const other: TerminalInfo = { ...shell, terminal: 't2' }
let clock: ManualClock
let sockets: FakeSocket[]
let terminals: Terminals
let connection: Connection

const socket = () => {
  const last = sockets.at(-1)
  if (!last) throw new Error('No socket was opened')
  return last
}
const output = (channel: number, text: string) =>
  socket().deliver({ tag: Tag.data, channel, payload: new TextEncoder().encode(text) })

beforeEach(() => {
  clock = new ManualClock()
  sockets = []
  connection = new Connection({
    open: () => {
      sockets.push(new FakeSocket())
      return socket()
    },
    clock,
    random: () => 0,
    signedIn: async () => true,
  })
  connection.start()
  socket().onopen?.()
  terminals = new Terminals(connection)
  terminals.connected([app, shell])
})

/** A screen that is drawn on channel 5. */
async function drawn(screen = new RecordingScreen()): Promise<RecordingScreen> {
  terminals.draw('t1', screen)
  socket().answer('terminal.attach', { ...shell, channel: 5 })
  await settle()
  return screen
}
const asked = (op: string) =>
  socket()
    .requests()
    .filter((request) => request.op === op)

describe('a drawn terminal', () => {
  it('is attached with its room, and draws sizes and output in their order', async () => {
    const screen = await drawn()
    expect(asked('terminal.attach')).toMatchObject([{ params: { terminal: 't1', cols: 100, rows: 30 } }])
    socket().control({ event: 'terminal.resized', data: { channel: 5, cols: 90, rows: 20 } })
    output(5, 'one')
    socket().control({ event: 'terminal.resized', data: { channel: 5, cols: 100, rows: 30 } })
    output(5, 'two')
    socket().control({ event: 'terminal.cleared', data: { channel: 5 } })
    socket().control({ event: 'terminal.resized', data: { channel: 6, cols: 1, rows: 1 } })
    expect(screen.log).toEqual(['90x20', 'one', '100x30', 'two', 'clear'])
  })

  it('acknowledges what was painted, byte by byte', async () => {
    await drawn()
    output(5, 'hello')
    expect(socket().frames().at(-1)).toMatchObject({ tag: Tag.painted, channel: 5, bytes: 5 })
  })

  it('reports a flood that waits to be drawn together, every 16 KiB, and the rest at its end', async () => {
    const screen = await drawn()
    const waiting: (() => void)[] = []
    screen.write = (_bytes, painted) => void waiting.push(painted)
    for (let piece = 0; piece < 9; piece++) output(5, 'x'.repeat(4_096))
    const reported = () =>
      socket()
        .frames()
        .flatMap((frame) => (frame.tag === Tag.painted && 'bytes' in frame ? [frame.bytes] : []))
    for (const painted of waiting.splice(0, 8)) painted()
    expect(reported()).toEqual([16_384, 16_384])
    for (const painted of waiting.splice(0)) painted()
    expect(reported()).toEqual([16_384, 16_384, 4_096])
    output(5, 'echo')
    for (const painted of waiting.splice(0)) painted()
    expect(reported()).toEqual([16_384, 16_384, 4_096, 4])
  })

  it('sends input in pieces a frame can hold', async () => {
    await drawn()
    terminals.input('t1', new Uint8Array(150_000))
    const inputs = socket()
      .frames()
      .filter(({ tag }) => tag === Tag.data)
    expect(inputs.map((frame) => ('payload' in frame ? frame.payload.length : 0))).toEqual([65_536, 65_536, 18_928])
  })

  it('is attached again in a new session', async () => {
    const screen = await drawn()
    socket().onclose?.({ code: 1006 })
    await clock.pass(1_000)
    socket().onopen?.()
    terminals.connected([app, shell])
    socket().answer('terminal.attach', { ...shell, channel: 1 })
    await settle()
    output(1, 'again')
    expect(screen.log).toEqual(['again'])
  })

  it('that is not shown is attached when it is', async () => {
    const screen = new RecordingScreen()
    screen.has = undefined
    terminals.draw('t1', screen)
    expect(asked('terminal.attach')).toEqual([])
    screen.has = { cols: 50, rows: 20 }
    terminals.shown('t1')
    terminals.shown('t1')
    expect(asked('terminal.attach')).toMatchObject([{ params: { cols: 50, rows: 20 } }])
  })

  it('tells its room, and that it is hidden: by itself or with the whole page', async () => {
    const screen = await drawn()
    screen.has = { cols: 60, rows: 10 }
    terminals.shown('t1')
    expect(asked('terminal.resize').at(-1)).toMatchObject({ params: { channel: 5, cols: 60, rows: 10 } })
    terminals.visible = false
    expect(asked('terminal.hide')).toMatchObject([{ params: { channel: 5 } }])
    terminals.visible = true
    expect(asked('terminal.resize').at(-1)).toMatchObject({ params: { channel: 5, cols: 60, rows: 10 } })
    screen.has = undefined
    terminals.shown('t1')
    expect(asked('terminal.hide')).toHaveLength(2)
  })

  it('whose room has changed while it was attached tells the new one', async () => {
    const screen = new RecordingScreen()
    terminals.draw('t1', screen)
    screen.has = { cols: 70, rows: 11 }
    socket().answer('terminal.attach', { ...shell, channel: 5 })
    await settle()
    expect(asked('terminal.resize')).toMatchObject([{ params: { channel: 5, cols: 70, rows: 11 } }])
  })
})

describe('the list', () => {
  it('shows the one shown last, while it is there', () => {
    expect(terminals.state.get().active).toBe('app')
    terminals.connected([app, shell], { groups: [], active: 't1' })
    expect(terminals.state.get().active).toBe('app')
    socket().control({ event: 'terminal.closed', data: { terminal: 'app' } })
    expect(terminals.state.get()).toMatchObject({ list: [shell], active: 't1' })
  })

  it('opens a shell in the folder of the active one, draws it on the channel it came with, and tells its room', async () => {
    terminals.select('t1')
    const opened = terminals.openShell()
    expect(asked('terminal.open')).toMatchObject([{ params: { beside: 't1' } }])
    socket().answer('terminal.open', { ...shell, terminal: 't2', channel: 9 })
    await opened
    expect(terminals.state.get()).toMatchObject({ active: 't2', groups: [['app'], ['t1'], ['t2']] })
    expect(terminals.takeFocus()).toBe(true)
    output(9, '$ ')
    const screen = new RecordingScreen()
    terminals.draw('t2', screen)
    expect(screen.log).toEqual(['$ '])
    expect(asked('terminal.resize')).toMatchObject([{ params: { channel: 9, cols: 100 } }])
  })

  it('splits: the new one stands beside the active one, which is remembered', async () => {
    const remembered: unknown[] = []
    const mine = new Terminals(connection, (memory) => remembered.push(memory))
    mine.connected([app, shell, other], { groups: [['t2', 'app'], ['gone']], active: 't2' })
    expect(mine.state.get()).toMatchObject({ groups: [['t2', 'app'], ['t1']], active: 't2' })
    const opened = mine.openShell({ split: true })
    socket().answer('terminal.open', { ...shell, terminal: 't3', channel: 9 })
    await opened
    expect(mine.state.get()).toMatchObject({ groups: [['t2', 't3', 'app'], ['t1']], active: 't3' })
    expect(remembered.at(-1)).toEqual({ groups: [['t2', 't3', 'app'], ['t1']], active: 't3' })
    socket().control({ event: 'terminal.closed', data: { terminal: 't3' } })
    expect(mine.state.get()).toMatchObject({ groups: [['t2', 'app'], ['t1']], active: 'app' })
  })

  it('marks one that rings until it is looked at', () => {
    terminals.ring('app')
    terminals.ring('t1')
    expect([...terminals.rang.get()]).toEqual(['t1'])
    terminals.select('t1')
    expect([...terminals.rang.get()]).toEqual([])
  })

  it('control held makes the next letter a control character, once', async () => {
    await drawn()
    let released = false
    terminals.holdControl(() => {
      released = true
    })
    terminals.input('t1', new TextEncoder().encode('c'))
    terminals.input('t1', new TextEncoder().encode('c'))
    const sent = socket()
      .frames()
      .flatMap((frame) => (frame.tag === Tag.data ? [...frame.payload] : []))
    expect(sent).toEqual([3, 99])
    expect(released).toBe(true)
  })

  it('tells what the page draws with, once for each session', () => {
    const colors = { foreground: '#000000', background: '#ffffff', cursor: '#111111', palette: ['#123456'] }
    terminals.colors = colors
    terminals.colors = { ...colors }
    expect(asked('terminal.colors')).toMatchObject([{ params: colors }])
    terminals.connected([app, shell])
    expect(asked('terminal.colors')).toHaveLength(2)
  })
})
