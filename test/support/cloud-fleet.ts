import { request } from 'node:http'
import { removeFleet } from './docker.ts'
import { freePort } from './free-port.ts'
import { LOCAL_SECRET, LocalEc2, type LocalInstance } from './local-ec2/server.ts'
import { type CreatedSandbox, loginOf, OmegaProcess, omega, temporaryDataDir } from './omega.ts'
import { type PrivateRedis, startRedis } from './redis.ts'

export interface CloudFleetOptions {
  name: string
  /** The first three numbers of its machines' addresses. */
  block: string
  capacity: number
  maxHosts: number
  /** Which of its hosts' addresses names lead to. */
  address?: 'public' | 'private'
  /** Where its dns answers, on port 53; any free port of loopback if absent. */
  resolver?: string
  /** More of `omega serve`. */
  more?: string[]
}

/** A fleet that gets its hosts from EC2 and gives them back: a local EC2 whose instances really boot, Redis, masters. */
export class CloudFleet {
  readonly cloud: LocalEc2
  readonly redis: PrivateRedis
  readonly data: { path: string; env: Record<string, string>; remove(): Promise<void> }
  readonly domain = 'cloud.omega.test'
  readonly masters: OmegaProcess[] = []
  readonly #options: CloudFleetOptions
  #dns: OmegaProcess | undefined
  #dnsUrl = ''

  private constructor(options: CloudFleetOptions, cloud: LocalEc2, redis: PrivateRedis, data: CloudFleet['data']) {
    this.#options = options
    this.cloud = cloud
    this.redis = redis
    this.data = data
  }

  static async start(options: CloudFleetOptions): Promise<CloudFleet> {
    const cloud = await LocalEc2.start({ block: options.block })
    const fleet = new CloudFleet(options, cloud, await startRedis(), await temporaryDataDir())
    const aws = { AWS_ENDPOINT_URL_EC2: cloud.url, AWS_REGION: 'local-1' }
    const credentials = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: LOCAL_SECRET }
    const secret = { OMEGA_SECRET: 'a secret for tests only, of some length' }
    Object.assign(fleet.data.env, aws, credentials, secret)
    await fleet.#startDns()
    await fleet.startMaster()
    return fleet
  }

  async #startDns(): Promise<void> {
    const { name, resolver } = this.#options
    const listen = resolver ? ['--dns-listen', resolver, '--dns-port', '53'] : ['--dns-port', '0']
    const common = ['--fleet', name, '--domain', this.domain, '--redis', this.redis.url, '--dns-http-port', '0']
    this.#dns = await OmegaProcess.start(['serve', '--role=dns', ...common, ...listen], /"ready"/, this.data.env)
    this.#dnsUrl = /"url":"(http:[^"]+)"[^\n]*"ready"/.exec(this.#dns.output)?.[1] ?? ''
  }

  /** One more of them; the first one is the one that `omega` asks. */
  async startMaster(): Promise<OmegaProcess> {
    const { name, capacity, maxHosts, address = 'private', more = [] } = this.#options
    const port = `${await freePort()}`
    const isFirst = this.masters.length === 0
    const network = `--listen 0.0.0.0 --port ${port} --host-master-url http://${this.cloud.network.gateway}:${port}`
    const provider = `--provider ec2 --offerings m7i.large --ec2-image ami-local --host-address ${address}`
    const scaling = `--max-hosts ${maxHosts} --host-capacity ${capacity} --host-warm 0 --host-templates static`
    const fleet = `--fleet ${name} --domain ${this.domain} --redis ${this.redis.url}`
    const words = ['--role=master', `--dns-url ${this.#dnsUrl}`, network, provider, scaling, fleet].join(' ').split(' ')
    // Of another folder than the first one's, whose address the command line finds there.
    const env = isFirst ? this.data.env : { ...this.data.env, OMEGA_DATA_DIR: `${this.data.path}-${port}` }
    const master = await OmegaProcess.start(['serve', ...words, ...more], /"ready"/, env)
    this.masters.push(master)
    return master
  }

  /** The command line, signed in at the first master; what it printed as JSON. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await omega([...args, '--json'], this.data.env)
    if (code !== 0) throw new Error(`omega ${args.join(' ')}: ${code} ${stderr}`)
    return JSON.parse(stdout) as T
  }

  /** What the first master answers to its operator. */
  async ask<T>(path: string): Promise<T> {
    const { url, token } = await loginOf(this.data.path)
    const answer = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return (await answer.json()) as T
  }

  instanceOf(address: string): LocalInstance {
    const found = [...this.cloud.instances.values()]
      .filter((each) => [each.address, each.publicAddress].includes(address))
      .at(-1)
    if (!found) throw new Error(`No instance has the address ${address}.`)
    return found
  }

  /** What may tell why something did not come to be. */
  get trouble(): string {
    const consoles = [...this.cloud.instances.values()].map(
      ({ address, machine }) => `${address}: ${consoleOf(machine)}`,
    )
    return [...consoles, ...this.masters.map(({ output }) => output.slice(-6_000))].join('\n')
  }

  async close(): Promise<void> {
    for (const master of [...this.masters].reverse()) await master.stop()
    await this.#dns?.stop()
    await this.cloud.close()
    await removeFleet(this.#options.name)
    await this.redis.close()
    await this.data.remove()
  }
}

function consoleOf(machine: LocalInstance['machine']): string {
  try {
    return machine?.console ?? ''
  } catch {
    return '(it is gone)'
  }
}

/** What a sandbox's worker answers to its owner: the status of its page. */
export const pageOf = ({ host, port, subdomain, domain, token }: CreatedSandbox) =>
  new Promise<number>((resolve, reject) => {
    const headers = { host: `${subdomain}.${domain}:${port}`, authorization: `Bearer ${token}` }
    const call = request({ host, port, headers, timeout: 5_000 }, (answer) => resolve(answer.resume().statusCode ?? 0))
    call.once('timeout', () => call.destroy(new Error('no answer within 5 s')))
    call.once('error', reject).end()
  })
