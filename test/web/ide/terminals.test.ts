import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../../../src/core/manual-clock.ts'
import { Tag } from '../../../src/core/wire/frames.ts'
import type { TerminalInfo } from '../../../src/core/wire/operations/terminals.ts'
import { type Screen, Terminals } from '../../../src/web/ide/terminals/terminals.ts'
import { Connection } from '../../../src/web/ide/wire/connection.ts'
import { FakeSocket } from '../support/fake-socket.ts'

class RecordingScreen implements Screen {
  log: string[] = []
  size() {
    return { cols: 100, rows: 30 }
  }
  reset() {
    this.log.push('reset')
  }
  write(bytes: Uint8Array, painted: () => void) {
    if (bytes.length > 0) this.log.push(new TextDecoder().decode(bytes))
    painted()
  }
  mute(muted: boolean) {
    this.log.push(muted ? 'mute' : 'unmute')
  }
}

const shell: TerminalInfo = { terminal: 't1', title: 'bash', cols: 80, rows: 24, kind: 'shell' }
const app: TerminalInfo = { ...shell, terminal: 'app', kind: 'app' }
let clock: ManualClock
let sockets: FakeSocket[]
let terminals: Terminals

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
  const connection = new Connection({
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

describe('a drawn terminal', () => {
  it('is attached with its size, and its past is drawn without being answered', async () => {
    const screen = new RecordingScreen()
    terminals.draw('t1', screen)
    expect(socket().requests().at(-1)).toMatchObject({
      op: 'terminal.attach',
      params: { terminal: 't1', cols: 100, rows: 30 },
    })
    socket().answer('terminal.attach', { ...shell, channel: 5, replay: 4 })
    await settle()
    output(5, 'pa')
    output(5, 'stnow')
    expect(screen.log).toEqual(['reset', 'mute', 'pa', 'mute', 'st', 'unmute', 'now'])
  })

  it('acknowledges what was painted, byte by byte', async () => {
    terminals.draw('t1', new RecordingScreen())
    socket().answer('terminal.attach', { ...shell, channel: 5, replay: 0 })
    await settle()
    output(5, 'hello')
    expect(socket().frames().at(-1)).toMatchObject({ tag: Tag.painted, channel: 5, bytes: 5 })
  })

  it('sends input in pieces a frame can hold', async () => {
    terminals.draw('t1', new RecordingScreen())
    socket().answer('terminal.attach', { ...shell, channel: 5, replay: 0 })
    await settle()
    terminals.input('t1', new Uint8Array(150_000))
    const inputs = socket()
      .frames()
      .filter(({ tag }) => tag === Tag.data)
    expect(inputs.map((frame) => ('payload' in frame ? frame.payload.length : 0))).toEqual([65_536, 65_536, 18_928])
  })

  it('is attached again in a new session, from an empty screen', async () => {
    const screen = new RecordingScreen()
    terminals.draw('t1', screen)
    socket().answer('terminal.attach', { ...shell, channel: 5, replay: 0 })
    await settle()
    socket().onclose?.({ code: 1006 })
    await clock.pass(1_000)
    socket().onopen?.()
    terminals.connected([app, shell])
    socket().answer('terminal.attach', { ...shell, channel: 1, replay: 0 })
    await settle()
    output(1, 'again')
    expect(screen.log).toEqual(['reset', 'reset', 'again'])
  })
})

describe('the list', () => {
  it('shows the one shown last, while it is there', () => {
    const fresh = terminals
    expect(fresh.state.get().active).toBe('app')
    fresh.connected([app, shell], 't1')
    expect(fresh.state.get().active).toBe('app')
    socket().control({ event: 'terminal.closed', data: { terminal: 'app' } })
    expect(fresh.state.get()).toMatchObject({ list: [shell], active: 't1' })
  })

  it('opens a shell, draws it on the channel it came with, and tells its size', async () => {
    const opened = terminals.openShell()
    socket().answer('terminal.open', { ...shell, terminal: 't2', channel: 9, replay: 0 })
    await opened
    expect(terminals.state.get().active).toBe('t2')
    expect(terminals.takeFocus()).toBe(true)
    output(9, '$ ')
    const screen = new RecordingScreen()
    terminals.draw('t2', screen)
    expect(screen.log).toEqual(['$ '])
    expect(socket().requests().at(-1)).toMatchObject({ op: 'terminal.resize', params: { channel: 9, cols: 100 } })
  })

  it('control held makes the next letter a control character, once', async () => {
    terminals.draw('t1', new RecordingScreen())
    socket().answer('terminal.attach', { ...shell, channel: 5, replay: 0 })
    await settle()
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
})
