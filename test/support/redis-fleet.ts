import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Several redis-servers that belong together, on free ports of 127.0.0.1. */
export class RedisServers {
  readonly #dir = mkdtempSync(join(tmpdir(), 'omega-redis-'))
  readonly #children = new Map<number, ChildProcess>()

  /** A master with a replica, and three Sentinels that call a master dead which did not answer for a second. */
  static async withSentinels(): Promise<{ servers: RedisServers; url: string; master: number }> {
    const servers = new RedisServers()
    const [master = 0, replica = 0, ...sentinels] = await freePorts(5)
    await servers.start(master)
    await servers.start(replica, '--replicaof', '127.0.0.1', `${master}`)
    for (const port of sentinels) {
      const config = join(servers.#dir, `sentinel-${port}.conf`)
      writeFileSync(
        config,
        [
          `port ${port}`,
          'bind 127.0.0.1',
          `dir ${servers.#dir}`,
          `sentinel monitor omega 127.0.0.1 ${master} 2`,
          'sentinel down-after-milliseconds omega 1000',
          'sentinel failover-timeout omega 5000',
          '',
        ].join('\n'),
      )
      await servers.start(port, config, '--sentinel')
    }
    const says = (port: number, ...command: string[]) => cli(port, ...command)
    // They have found the replica and each other.
    await until(() =>
      sentinels.every((port) => /num-other-sentinels\n2/.test(says(port, 'sentinel', 'master', 'omega'))),
    )
    await until(() => sentinels.every((port) => /num-slaves\n1/.test(says(port, 'sentinel', 'master', 'omega'))))
    await until(() => /master_link_status:up/.test(says(replica, 'info', 'replication')))
    return { servers, url: `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/omega`, master }
  }

  static async asCluster(): Promise<{ servers: RedisServers; url: string }> {
    const servers = new RedisServers()
    const ports = await freePorts(3)
    for (const port of ports) {
      const bus = (await freePorts(1))[0] ?? 0
      await servers.start(
        port,
        '--cluster-enabled',
        'yes',
        '--cluster-config-file',
        `nodes-${port}.conf`,
        '--cluster-port',
        `${bus}`,
      )
    }
    const places = ports.map((port) => `127.0.0.1:${port}`)
    spawnSync('redis-cli', ['--cluster', 'create', ...places, '--cluster-yes'])
    await until(() => ports.every((port) => /cluster_state:ok/.test(cli(port, 'cluster', 'info'))))
    return { servers, url: `redis+cluster://${places.join(',')}` }
  }

  async start(port: number, ...options: string[]): Promise<void> {
    const [config, ...rest] = options[0]?.endsWith('.conf') ? options : ['', ...options]
    const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', this.#dir, '--save', '']
    const args = config ? [config, ...rest] : [...own, ...rest]
    this.#children.set(port, spawn('redis-server', args, { stdio: 'ignore' }))
    await until(() => cli(port, 'ping').trim() === 'PONG')
  }

  signal(port: number, signal: NodeJS.Signals): void {
    this.#children.get(port)?.kill(signal)
  }

  close(): void {
    for (const child of this.#children.values()) child.kill('SIGKILL')
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

function cli(port: number, ...command: string[]): string {
  return spawnSync('redis-cli', ['-p', `${port}`, ...command], { encoding: 'utf8', timeout: 2_000 }).stdout ?? ''
}

async function until(check: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(100)) if (check()) return
  throw new Error('The redis-servers did not come to be as they should within 30 s.')
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
