import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'

export interface PrivateRedis {
  url: string
  port: number
  pid: number
  /** Ends the server at once, as a crash does. Its data stays until `close`. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** A redis-server of the test's own, on a free port of 127.0.0.1, with an append-only file in a temporary directory. */
export async function startRedis(...options: string[]): Promise<PrivateRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'omega-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const start = async () => {
    const always = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes']
    const child = spawn('redis-server', [...always, '--daemonize', 'no', ...options], { stdio: 'ignore' })
    await Promise.race([
      once(child, 'spawn'),
      once(child, 'error').then(([error]) => {
        throw new Error(`redis-server could not be started: ${error.message}. Install it (Debian: redis-server).`)
      }),
    ])
    await answers(url, () => child.exitCode === null)
    return child
  }
  let child = await start()
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  return {
    url,
    port,
    get pid() {
      return child.pid ?? 0
    },
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      child = await start()
    },
    async close() {
      await end('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function answers(url: string, isRunning: () => boolean): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  try {
    for (;;) {
      if (!isRunning()) throw new Error('redis-server ended at once; its port may have been taken meanwhile.')
      const answer = await client.connect().then(
        () => client.ping(),
        () => undefined,
      )
      if (answer === 'PONG') return
      client.disconnect()
      await delay(20)
    }
  } finally {
    client.disconnect()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
