import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../../../src/core/manual-clock.ts'
import { Tag } from '../../../src/core/wire/frames.ts'
import { Connection } from '../../../src/web/ide/wire/connection.ts'
import { reconnectDelay } from '../../../src/web/ide/wire/reconnect.ts'
import { FakeSocket } from '../support/fake-socket.ts'

let clock: ManualClock
let sockets: FakeSocket[]
let signedIn: boolean
/** Of each socket, whether it was to wake the sandbox. */
let wakes: boolean[]
let connection: Connection

const last = () => {
  const socket = sockets.at(-1)
  if (!socket) throw new Error('No socket was opened')
  return socket
}

beforeEach(() => {
  clock = new ManualClock()
  sockets = []
  wakes = []
  signedIn = true
  connection = new Connection({
    open: (wake) => {
      const socket = new FakeSocket()
      sockets.push(socket)
      wakes.push(wake)
      return socket
    },
    clock,
    random: () => 0.5,
    signedIn: async () => signedIn,
  })
  connection.start()
})

const openingOf = (socket: FakeSocket): unknown => {
  const [first] = socket.sent
  return first?.tag === Tag.open ? JSON.parse(new TextDecoder().decode(first.payload)) : undefined
}

describe('requests', () => {
  it('are answered by their number, in any order', async () => {
    last().onopen?.()
    const first = connection.request('files.read', { path: 'a' })
    const second = connection.request('files.read', { path: 'b' })
    const [a, b] = last().requests().slice(-2)
    last().control({ re: b?.id ?? 0, ok: { text: 'B', version: '2' } })
    last().control({ re: a?.id ?? 0, ok: { text: 'A', version: '1' } })
    expect(await first).toEqual({ text: 'A', version: '1' })
    expect(await second).toEqual({ text: 'B', version: '2' })
  })

  it('reject with the problem of the worker', async () => {
    last().onopen?.()
    const answer = connection.request('files.read', { path: 'a' })
    const id = last().requests().at(-1)?.id ?? 0
    last().control({ re: id, problem: { code: 'FILE_NOT_FOUND', detail: 'There is no a.' } })
    await expect(answer).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: 'There is no a.' })
  })

  it('reject at once before there was a connection', async () => {
    await expect(connection.request('hello', {})).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('go on after a cut: the answer that was lost is sent again, and the request is not made twice', async () => {
    last().onopen?.()
    last().welcome({ session: 's1', resumed: false, received: 0 })
    const answer = connection.request('files.list', { path: '' })
    const id = last().requests().at(-1)?.id ?? 0
    last().onclose?.({ code: 1006 })
    await clock.pass(100)
    last().onopen?.()
    expect(openingOf(last())).toEqual({ session: 's1', received: 0 })
    expect(last().frames()).toEqual([])
    last().welcome({ session: 's1', resumed: true, received: 1 })
    expect(last().frames()).toEqual([])
    last().control({ re: id, ok: { entries: [] } })
    expect(await answer).toEqual({ entries: [] })
  })

  it('that never arrived are sent again, and those made meanwhile after them', async () => {
    last().onopen?.()
    last().welcome({ session: 's1', resumed: false, received: 0 })
    void connection.request('files.list', { path: 'a' })
    last().onclose?.({ code: 1006 })
    void connection.request('files.list', { path: 'b' })
    await clock.pass(100)
    last().onopen?.()
    last().welcome({ session: 's1', resumed: true, received: 0 })
    expect(
      last()
        .requests()
        .map(({ params }) => params),
    ).toEqual([{ path: 'a' }, { path: 'b' }])
    expect(
      last()
        .frames()
        .map(({ number }) => number),
    ).toEqual([1, 2])
  })

  it('reject when the worker does not know the session any more', async () => {
    let sessions = 0
    connection.onSession(() => sessions++)
    last().onopen?.()
    last().welcome({ session: 's1', resumed: false, received: 0 })
    const answer = connection.request('files.list', { path: '' })
    const refused = expect(answer).rejects.toMatchObject({ code: 'UNREACHABLE' })
    last().onclose?.({ code: 1006 })
    await clock.pass(100)
    last().onopen?.()
    expect(sessions).toBe(1)
    last().welcome({ session: 's2', resumed: false, received: 0 })
    await refused
    expect(sessions).toBe(2)
    const next = connection.request('files.list', { path: 'c' })
    expect(last().frames().at(-1)?.number).toBe(1)
    last().control({ re: last().requests().at(-1)?.id ?? 0, ok: { entries: [] } })
    expect(await next).toEqual({ entries: [] })
  })

  it('reject once nobody waits for them any more', async () => {
    last().onopen?.()
    last().welcome({ session: 's1', resumed: false, received: 0 })
    last().onclose?.({ code: 1006 })
    await clock.pass(20_000)
    await expect(connection.request('files.list', { path: '' })).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})

describe('reconnecting', () => {
  it('waits longer after each try that fails, up to a limit, with chance in it', () => {
    const delays = [0, 1_000, 2_000, 5_000, 20_000, 1e9].map((away) => reconnectDelay(away, 0.999))
    expect(delays).toEqual([...delays].sort((a, b) => a - b))
    expect(delays.at(-1)).toBeLessThanOrEqual(4_000)
    expect(reconnectDelay(3_000, 0)).toBeLessThan(reconnectDelay(3_000, 0.9))
    expect(reconnectDelay(0, 0)).toBeGreaterThan(0)
  })

  it('comes back by itself, at once the first time', async () => {
    last().onopen?.()
    last().onclose?.({ code: 1006 })
    expect(connection.state.get().name).toBe('waiting')
    await clock.pass(100)
    expect(sockets).toHaveLength(2)
    last().onopen?.()
    expect(connection.state.get().name).toBe('connected')
  })

  it.each([100, 700, 1_400])(
    'meets a worker again that is back after %d ms within two seconds',
    async (backAfterMs) => {
      last().onopen?.()
      last().welcome({ session: 's1', resumed: false, received: 0 })
      last().onclose?.({ code: 1006 })
      for (let ms = 0; connection.state.get().name !== 'connected'; ms += 10) {
        expect(ms).toBeLessThan(2_000)
        const tries = sockets.length
        await clock.pass(10)
        if (sockets.length === tries) continue
        if (ms < backAfterMs) last().onclose?.({ code: 1006 })
        else {
          last().onopen?.()
          last().welcome({ session: 's1', resumed: true, received: 0 })
        }
      }
      expect(wakes.slice(1)).not.toContain(true)
    },
  )

  it('tries again while the worker is away, and sooner when told to', async () => {
    last().onclose?.({ code: 1006 })
    await clock.pass(60_000)
    const tries = sockets.length
    expect(tries).toBeGreaterThan(1)
    for (let round = 0; round < 3; round++) {
      last().onclose?.({ code: 1006 })
      await settle()
      const before = sockets.length
      connection.retryNow()
      expect(sockets).toHaveLength(before + 1)
    }
  })

  it('stops when the browser is not signed in any more', async () => {
    signedIn = false
    last().onclose?.({ code: 1006 })
    await settle()
    expect(connection.state.get().name).toBe('signed-out')
    await clock.pass(60_000)
    expect(sockets).toHaveLength(1)
  })

  it('ends for good when the link that let the page in has ended, told at once or when it comes back', async () => {
    last().onopen?.()
    last().welcome({ session: 's', resumed: false, received: 0 })
    const waiting = expect(connection.request('files.list', { path: '' })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    })
    last().onclose?.({ code: 4003, reason: 'revoked' })
    await waiting
    expect(connection.state.get()).toEqual({ name: 'ended', why: 'revoked' })
    await clock.pass(60_000)
    connection.retryNow()
    expect(sockets).toHaveLength(1)
  })

  it('ends when it could not connect since its link has ended meanwhile', async () => {
    const closed = new Connection({
      open: () => {
        const socket = new FakeSocket()
        sockets.push(socket)
        return socket
      },
      clock,
      random: () => 0.5,
      signedIn: async () => 'ended',
    })
    closed.start()
    last().onclose?.({ code: 1006 })
    await settle()
    expect(closed.state.get()).toEqual({ name: 'ended' })
  })

  it('gives up a socket that does not answer a ping, as after sleep', async () => {
    last().onopen?.()
    await clock.pass(10_100)
    expect(sockets[0]?.closed).toBe(true)
    expect(sockets.length).toBeGreaterThan(1)
  })

  it('keeps a socket that answers', async () => {
    last().onopen?.()
    for (let round = 0; round < 10; round++) {
      last().pong()
      await clock.pass(6_000)
    }
    expect(sockets).toHaveLength(1)
    expect(connection.state.get()).toMatchObject({ name: 'connected' })
  })
})

describe('a sandbox that sleeps', () => {
  const fallAsleep = (reason = 'asleep') => {
    last().onopen?.()
    last().welcome({ session: 's1', resumed: false, received: 0 })
    last().onclose?.({ code: 4010, reason })
  }

  it('is not connected to again, however long it takes, whatever the browser says', async () => {
    fallAsleep()
    expect(connection.state.get()).toEqual({ name: 'asleep', rest: 'asleep' })
    await clock.pass(8 * 3_600_000)
    connection.check()
    connection.retryNow()
    expect(sockets).toHaveLength(1)
  })

  it('is woken by a person, once, and says what it wakes from', () => {
    fallAsleep('stopped')
    expect(connection.state.get()).toEqual({ name: 'asleep', rest: 'stopped' })
    connection.wake()
    connection.wake()
    expect(wakes).toEqual([true, true])
    expect(connection.state.get()).toMatchObject({ name: 'connecting', waking: 'stopped' })
    last().onopen?.()
    last().welcome({ session: 's1', resumed: true, received: 0 })
    expect(connection.state.get()).toEqual({ name: 'connected' })
  })

  it('gets what was typed meanwhile, in order, and what was asked for since it wakes', async () => {
    fallAsleep()
    await clock.pass(3_600_000)
    connection.data(1, new Uint8Array([65]))
    connection.wake()
    connection.data(1, new Uint8Array([66]))
    const answer = connection.request('files.list', { path: '' })
    last().onopen?.()
    expect(openingOf(last())).toEqual({ session: 's1', received: 0 })
    last().welcome({ session: 's1', resumed: true, received: 0 })
    const frames = last().frames()
    expect(frames.map((frame) => (frame.tag === Tag.data ? frame.payload[0] : 'request'))).toEqual([65, 66, 'request'])
    last().answer('files.list', { entries: [] })
    expect(await answer).toEqual({ entries: [] })
  })

  it('is woken by the first connection of a page, and by its repetitions for a minute', async () => {
    expect(wakes).toEqual([true])
    for (let ms = 0; ms < 59_000; ms += 1_000) {
      if (connection.state.get().name === 'connecting') last().onclose?.({ code: 1006 })
      await clock.pass(1_000)
    }
    expect(wakes).not.toContain(false)
    await clock.pass(60_000)
    if (connection.state.get().name === 'connecting') last().onclose?.({ code: 1006 })
    await clock.pass(10_000)
    expect(wakes.at(-1)).toBe(false)
  })

  it('is not woken by a page that comes back by itself, and is told that it sleeps', async () => {
    last().onopen?.()
    last().welcome({ session: 's1', resumed: false, received: 0 })
    last().onclose?.({ code: 1006 })
    await clock.pass(100)
    expect(wakes).toEqual([true, false])
    last().onopen?.()
    last().onclose?.({ code: 4010, reason: 'asleep' })
    await clock.pass(60_000)
    expect([sockets.length, connection.state.get().name]).toEqual([2, 'asleep'])
  })

  it('goes on waking when a try fails', async () => {
    fallAsleep()
    connection.wake()
    last().onclose?.({ code: 1006 })
    await settle()
    expect(connection.state.get()).toMatchObject({ name: 'waiting', waking: 'asleep' })
    await clock.pass(1_000)
    expect(wakes.slice(0, 3)).toEqual([true, true, true])
  })
})

describe('channels', () => {
  it('deliver output that came before anybody listened, then what follows', () => {
    last().onopen?.()
    const text = (bytes: string) => ({ tag: Tag.data, channel: 3, payload: new TextEncoder().encode(bytes) }) as const
    last().deliver(text('early '))
    const got: string[] = []
    connection.receive(3, (bytes) => got.push(new TextDecoder().decode(bytes)))
    last().deliver(text('late'))
    expect(got).toEqual(['early ', 'late'])
  })

  it('end with their session', async () => {
    last().onopen?.()
    last().welcome({ session: 's1', resumed: false, received: 0 })
    const got: Uint8Array[] = []
    connection.receive(1, (bytes) => got.push(bytes))
    last().onclose?.({ code: 1006 })
    await clock.pass(100)
    last().onopen?.()
    last().welcome({ session: 's2', resumed: false, received: 0 })
    last().deliver({ tag: Tag.data, channel: 1, payload: new Uint8Array([1]) })
    expect(got).toEqual([])
  })

  it('ignore what is no frame', () => {
    last().onopen?.()
    last().onmessage?.({ data: 'text' })
    last().onmessage?.({ data: new Uint8Array([9, 9, 9, 9]).buffer })
    expect(connection.state.get().name).toBe('connected')
  })
})
