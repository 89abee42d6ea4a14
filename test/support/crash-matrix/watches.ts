import { createHash } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { scripts } from '../../../src/drivers/redis/scripts.ts'
import type { CrashPoint } from './points.ts'

/** Waits for one moment among a master's calls, and kills it there. */
export class CrashWatch {
  readonly #point: CrashPoint
  readonly #kill: () => Promise<void>
  #calls = 0
  /** The moment has come. */
  struck = false

  constructor(point: CrashPoint, kill: () => Promise<void>) {
    this.#point = point
    this.#kill = kill
  }

  /** A call has begun: which of its kind it is; 0 for those nobody waits for. */
  begin(call: string): number {
    return call === this.#point.call ? ++this.#calls : 0
  }

  isAt(number: number, when: CrashPoint['when']): boolean {
    return !this.struck && number === this.#point.nth && when === this.#point.when
  }

  /** Resolves once the master is gone. */
  async strike(): Promise<void> {
    this.struck = true
    await this.#kill()
  }
}

export interface Way {
  port: number
  close(): void
}

const scriptOf = new Map(Object.entries(scripts).map(([name, { sha }]) => [sha, name]))
/** Redis has done by then what it was given. */
const EFFECT_MS = 40

/** A way to a Redis that knows each script by its name. */
export async function redisWay(target: number, watch: CrashWatch): Promise<Way> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    const commands = new RedisCommands()
    const end = () => {
      near.destroy()
      far.destroy()
    }
    let isDeaf = false
    let turn = Promise.resolve()
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', () => sockets.delete(socket) && (isDeaf || end()))
    }
    far.on('data', (data) => isDeaf || near.write(data))
    const pass = async (data: Buffer) => {
      for (const { bytes, words } of commands.read(data)) {
        const number = watch.begin(`redis ${scriptNameOf(words)}`)
        if (watch.isAt(number, 'before')) {
          await watch.strike()
          return end()
        }
        isDeaf = watch.isAt(number, 'after')
        if (isDeaf) watch.struck = true
        far.write(bytes)
        if (!isDeaf) continue
        await sleep(EFFECT_MS)
        await watch.strike()
        return end()
      }
    }
    near.on('data', (data) => {
      turn = turn.then(() => (isDeaf ? undefined : pass(data)))
    })
  })
  return { port: await listen(server), close: closing(server, sockets) }
}

/** Of EVALSHA and EVAL; empty for any other command. */
function scriptNameOf([command = '', script = '']: readonly string[]): string {
  const name = command.toLowerCase()
  if (name === 'evalsha') return scriptOf.get(script) ?? ''
  return name === 'eval' ? (scriptOf.get(createHash('sha1').update(script).digest('hex')) ?? '') : ''
}

/** Takes a client's commands apart, as RESP has them: arrays of bulk strings. */
class RedisCommands {
  #rest = Buffer.alloc(0)

  read(data: Buffer): { bytes: Buffer; words: string[] }[] {
    this.#rest = Buffer.concat([this.#rest, data])
    const found: { bytes: Buffer; words: string[] }[] = []
    for (let one = this.#next(); one; one = this.#next()) found.push(one)
    return found
  }

  #next(): { bytes: Buffer; words: string[] } | undefined {
    const rest = this.#rest
    let at = 0
    const line = () => {
      const end = rest.indexOf('\r\n', at)
      if (end < 0) return undefined
      const text = rest.toString('latin1', at, end)
      at = end + 2
      return text
    }
    const head = line()
    if (head === undefined) return undefined
    const words: string[] = []
    for (let left = Number(head.slice(1)); left > 0; left--) {
      const length = Number(line()?.slice(1) ?? Number.NaN)
      if (Number.isNaN(length) || rest.length < at + length + 2) return undefined
      words.push(rest.toString('utf8', at, at + length))
      at += length + 2
    }
    this.#rest = rest.subarray(at)
    return { bytes: rest.subarray(0, at), words }
  }
}

/** A way to an HTTP API; calls are named `NAME METHOD`. */
export async function httpWay(name: string, target: string, watch: CrashWatch): Promise<Way> {
  const sockets = new Set<Socket>()
  const server = createHttpServer((asked, answer) => {
    forward(asked, answer).catch(() => answer.destroy())
  })
  async function forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = asked
    const body = await buffer(asked)
    const number = watch.begin(`${name} ${method}`)
    const strike = async () => {
      await watch.strike()
      answer.destroy()
    }
    if (watch.isAt(number, 'before')) return strike()
    const response = await new Promise<IncomingMessage>((done, fail) => {
      const call = request(new URL(url, target), { method, headers }, done)
      call.once('error', fail).end(body)
    })
    const text = await buffer(response)
    if (watch.isAt(number, 'after')) return strike()
    answer.writeHead(response.statusCode ?? 502, response.headers).end(text)
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return { port: await listen(server), close: closing(server, sockets) }
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

const closing = (server: ReturnType<typeof createServer>, sockets: Set<Socket>) => () => {
  server.close()
  for (const socket of sockets) socket.destroy()
}
