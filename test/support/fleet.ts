import { removeFleet } from './docker.ts'
import { OmegaProcess, temporaryDataDir } from './omega.ts'
import { type PrivateRedis, startRedis } from './redis.ts'

/** Master, dns and managers as processes of their own, with Redis, as in production but on one machine. */
export class TestFleet {
  readonly name: string
  readonly domain: string
  readonly data: { path: string; env: Record<string, string>; remove(): Promise<void> }
  readonly redis: PrivateRedis
  readonly #addresses: string[]
  readonly #capacity: number
  readonly #processes = new Map<string, OmegaProcess>()
  readonly #ports = new Map<string, number>()
  readonly #dnsListen: string
  readonly #dnsPort: number

  private constructor(options: FleetOptions, data: TestFleet['data'], redis: PrivateRedis) {
    this.name = options.name
    this.domain = options.domain
    this.#addresses = options.addresses
    this.#capacity = options.capacity
    this.#dnsListen = options.dnsListen ?? '127.0.0.1'
    this.#dnsPort = options.dnsPort ?? 0
    this.data = data
    this.redis = redis
  }

  static async start(options: FleetOptions): Promise<TestFleet> {
    const fleet = new TestFleet(options, await temporaryDataDir(), await startRedis())
    await fleet.startRole('dns')
    await fleet.startRole('master')
    for (const address of options.addresses) await fleet.startRole(address)
    return fleet
  }

  get dnsPort(): number {
    return this.#ports.get('dnsQueries') ?? 0
  }

  get masterUrl(): string {
    return `http://127.0.0.1:${this.#ports.get('master')}`
  }

  /** Starts `dns`, `master` or the manager of an address; on the same ports when it ran before. */
  async startRole(what: string): Promise<void> {
    const port = (key: string) => String(this.#ports.get(key) ?? 0)
    const common = ['--fleet', this.name, '--domain', this.domain]
    const redis = ['--redis', this.redis.url]
    const args =
      what === 'dns'
        ? ['--role=dns', ...redis, '--dns-listen', this.#dnsListen, '--dns-http-port', port('dns')].concat([
            '--dns-port',
            String(this.#ports.get('dnsQueries') ?? this.#dnsPort),
          ])
        : what === 'master'
          ? ['--role=master', ...redis, '--port', port('master'), '--dns-url', `http://127.0.0.1:${port('dns')}`]
          : ['--role=manager', '--address', what, '--port', port(what), '--capacity', String(this.#capacity)].concat([
              '--master-url',
              this.masterUrl,
              '--runtime',
              'docker',
              '--sandbox-ports',
              '22000-22499',
              // Containers are counted: none that are nobody's yet.
              '--warm',
              '0',
            ])
    const ready = what.startsWith('1') ? /registered with the master/ : /"ready"/
    const process = await OmegaProcess.start(['serve', ...common, ...args], ready, this.data.env)
    this.#processes.set(what, process)
    this.#ports.set(what, Number(/"url":"http:\/\/[^"]*:(\d+)"[^\n]*"ready"/.exec(process.output)?.[1] ?? 0))
    if (what === 'dns') this.#ports.set('dnsQueries', Number(/"dnsPort":(\d+)/.exec(process.output)?.[1]))
  }

  /** Ends a role's process, by default as a crash does. */
  async stopRole(what: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    const code = await this.#processes.get(what)?.stop(signal)
    this.#processes.delete(what)
    return code ?? -1
  }

  outputOf(what: string): string {
    return this.#processes.get(what)?.output ?? ''
  }

  async close(): Promise<void> {
    for (const what of [...this.#processes.keys()].reverse()) await this.stopRole(what, 'SIGTERM')
    await removeFleet(this.name)
    await this.redis.close()
    await this.data.remove()
  }
}

export interface FleetOptions {
  name: string
  domain: string
  addresses: string[]
  /** Of each host. */
  capacity: number
  dnsListen?: string
  dnsPort?: number
}
