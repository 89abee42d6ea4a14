import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectionLimits, DnsConnections, type Respond } from '../../src/drivers/dns-connections.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Gives every message back, and counts the writes. */
async function serve(limits: Partial<ConnectionLimits>, respond: Respond = (message) => Buffer.from(message)) {
  const connections = new DnsConnections(respond, limits)
  const writes: number[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const write = socket.write.bind(socket)
    socket.write = ((bytes: Buffer) => {
      writes.push(bytes.length)
      return write(bytes)
    }) as typeof socket.write
    connections.add(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    connections.closeAll()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const dial = async () => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.on('error', () => {})
    await once(socket, 'connect')
    closers.push(() => socket.destroy())
    return socket
  }
  return { connections, writes, dial }
}

const framed = (text: string) => Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)])

async function readMessages(socket: Socket, count: number): Promise<string[]> {
  let held: Buffer = Buffer.alloc(0)
  const messages: string[] = []
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    held = Buffer.concat([held, chunk])
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      const end = 2 + held.readUInt16BE(0)
      messages.push(held.toString('utf8', 2, end))
      held = held.subarray(end)
    }
    if (messages.length >= count) break
  }
  return messages
}

describe('DNS over TCP', { timeout: 30_000 }, () => {
  const texts = Array.from({ length: 20 }, (_, index) => `message ${index} ${'x'.repeat(index * 13)}`)

  it('answers many messages of one chunk in order and with one write', async () => {
    const { dial, writes } = await serve({})
    const socket = await dial()
    socket.write(Buffer.concat(texts.map(framed)))
    expect(await readMessages(socket, texts.length)).toEqual(texts)
    expect(writes).toHaveLength(1)
  })

  it('puts messages together from pieces of seven bytes', async () => {
    const { dial } = await serve({})
    const socket = await dial()
    const all = Buffer.concat(texts.map(framed))
    const reading = readMessages(socket, texts.length)
    for (let at = 0; at < all.length; at += 7) {
      socket.write(all.subarray(at, at + 7))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await reading).toEqual(texts)
  })

  it('answers what was asked before the asker ended its side', async () => {
    const { dial } = await serve({})
    const socket = await dial()
    socket.end(Buffer.concat(texts.map(framed)))
    expect(await readMessages(socket, texts.length)).toEqual(texts)
  })

  it('takes no more queries from one who does not read the answers', async () => {
    let asked = 0
    const { dial } = await serve({ burst: 64 * 1024 }, () => {
      asked++
      return Buffer.alloc(60_000)
    })
    const socket = await dial()
    socket.pause()
    const all = Buffer.concat(Array.from({ length: 1000 }, () => framed('q')))
    socket.write(all)
    let before = -1
    while (asked !== before) {
      before = asked
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(asked).toBeLessThan(700)
    const messages = await readMessages(socket, 1000)
    expect(messages).toHaveLength(1000)
    expect(asked).toBe(1000)
  })

  it('ends a connection that sends single bytes and never a message', async () => {
    const { dial, connections } = await serve({ idleMs: 60 })
    const socket = await dial()
    socket.resume()
    const timer = setInterval(() => socket.write('\0'), 10)
    socket.write(Buffer.from([255, 255]))
    await once(socket, 'close')
    clearInterval(timer)
    while (connections.size > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(socket.destroyed).toBe(true)
  })

  it('ends a connection after its share of messages, answered all', async () => {
    const { dial } = await serve({ messages: 5 })
    const socket = await dial()
    socket.write(Buffer.concat(texts.map(framed)))
    expect(await readMessages(socket, 6)).toEqual(texts.slice(0, 5))
  })

  it('makes room for a new connection by ending the one silent for longest', async () => {
    const { dial, connections } = await serve({ connections: 3 })
    const sockets = [await dial(), await dial(), await dial()] as const
    for (const socket of sockets) socket.write(framed('hello'))
    for (const socket of sockets) await readMessages(socket, 1)
    sockets[0].write(framed('again'))
    await readMessages(sockets[0], 1)
    const [fourth] = await Promise.all([dial(), once(sockets[1].resume(), 'close')])
    fourth.write(framed('new'))
    expect(await readMessages(fourth, 1)).toEqual(['new'])
    expect(connections.size).toBe(3)
    expect([sockets[0].destroyed, sockets[2].destroyed]).toEqual([false, false])
  })

  it('sends nothing where there is no reply', async () => {
    const { dial } = await serve({}, (message) => (message.length === 0 ? undefined : message))
    const socket = await dial()
    socket.write(Buffer.concat([Buffer.alloc(20), framed('asked')]))
    expect(await readMessages(socket, 1)).toEqual(['asked'])
  })
})
