import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OmegaError } from '../../../src/core/errors.ts'
import type { FleetView } from '../../../src/core/wire/fleet.ts'
import type { HostView, SandboxView } from '../../../src/core/wire/http.ts'
import { derive } from '../../../src/drivers/credentials.ts'
import { DnsClient } from '../../../src/drivers/dns-client.ts'
import { call } from '../../../src/drivers/http-client.ts'
import { pageOf } from '../cloud-fleet.ts'
import { freePort } from '../free-port.ts'
import { LOCAL_SECRET, LocalEc2, type LocalInstance } from '../local-ec2/server.ts'
import { eventually } from '../omega.ts'
import type { PrivateRedis } from '../redis.ts'
import { type RoleConfigs, type RoleProcess, runRole } from '../role-process.ts'
import { QuickMachine } from './machine.ts'
import { type CrashCase, shownCase } from './points.ts'
import { CrashWatch, httpWay, redisWay, type Way } from './watches.ts'

/** What all courses share. */
export interface Ground {
  redis: PrivateRedis
  /** Bundled roles. */
  program: string
  templatesFolder: string
  /** Where each part's log is kept; nothing is said if absent. */
  logs?: string | undefined
}

const SECRET = 'a secret for tests only'
const DOMAIN = 'omega.test'
const MAX_HOSTS = 2
const WITHIN_MS = 60_000
/** All waits, so short that a fleet settles within seconds; their order and proportions are about the usual ones. */
const pace = {
  ...{ everyMs: 100, leaseMs: 1_000, inventoryEveryMs: 250, silentAfterMs: 2_500, lostAfterMs: 6_000 },
  ...{ suspectMs: 1_500, tellAgainMs: 600, placingDeadlineMs: 6_000, deletingGraceMs: 200, deletingDeadlineMs: 20_000 },
}
const scalingPace = {
  ...{ everyMs: 100, leaseMs: 1_000, listBusyMs: 200, listIdleMs: 500, launchWithinMs: 6_000, joinWithinMs: 8_000 },
  ...{ offeringRestMs: 500, accountRestMs: 1_000, faultRestMs: 300, visibleWithinMs: 3_000, orphanMs: 2_000 },
  ...{ deadEmptyMs: 4_000, waitMs: 30_000 },
}

/** One course: three ask for a sandbox where two hosts may be, a master dies on the way, and all goes again. */
export class CrashCourse {
  readonly #ground: Ground
  readonly #case: CrashCase
  readonly #fleet: string
  readonly #dir = mkdtempSync(join(tmpdir(), 'omega-course-'))
  readonly #watch: CrashWatch
  readonly #ways: Way[] = []
  readonly #token = derive(SECRET, 'api')
  #cloud: LocalEc2 | undefined
  #dns: RoleProcess | undefined
  #zone: DnsClient | undefined
  #master: RoleProcess | undefined
  #config: RoleConfigs['master'] | undefined
  #coming: Promise<void> | undefined
  #isOver = false
  #isFirst = true
  /** Which call to EC2 of the point's kind is under way. */
  #number = 0

  private constructor(ground: Ground, one: CrashCase, name: string) {
    this.#ground = ground
    this.#case = one
    this.#fleet = name
    this.#watch = new CrashWatch(one.point, () => this.#crash())
  }

  /** `block`: the first three numbers of its machines' addresses, of loopback. Rejects with what did not hold. */
  static async run(ground: Ground, one: CrashCase, name: string, block: string): Promise<void> {
    const course = new CrashCourse(ground, one, name)
    try {
      await course.#start(block)
      await course.#go()
    } catch (error) {
      throw new Error(`${shownCase(one)}: ${error instanceof Error ? error.message : String(error)}\n${course.#told()}`)
    } finally {
      await course.#close()
    }
  }

  async #start(block: string): Promise<void> {
    const { redis, program } = this.#ground
    const { fault } = this.#case
    const watch = this.#watch
    this.#cloud = await LocalEc2.start({
      ...{ block, real: false, delayMs: 30, visibleAfterMs: fault.visibleAfterMs ?? 0 },
      watch: async (action, when) => this.#isAt(`ec2 ${action}`, when),
      boot: (instance) => this.#boot(instance),
    })
    this.#cloud.faults.push(...fault.requests.map((each) => ({ ...each })))
    const dnsPort = await freePort()
    const zone = { domain: DOMAIN, dataDir: join(this.#dir, 'dns'), fleet: this.#fleet, redis: redis.url }
    const at = { dnsAddress: '127.0.0.1', dnsPort: 0, httpAddress: '127.0.0.1', httpPort: dnsPort }
    const token = derive(SECRET, 'dns')
    this.#dns = await runRole(program, 'dns', { ...zone, ...at, token, nameServers: [], ttl: 1 })
    this.#zone = new DnsClient(this.#dns.url, token)
    const [redisPort, zonePort] = await this.#open([
      redisWay(redis.port, watch),
      httpWay('dns', `http://127.0.0.1:${dnsPort}`, watch),
    ])
    const port = await freePort()
    this.#config = {
      ...{ listen: '127.0.0.1', port, dataDir: join(this.#dir, 'master'), fleet: this.#fleet },
      ...{ domain: DOMAIN, secret: SECRET, redis: `redis://127.0.0.1:${redisPort}`, ttl: 1, pace },
      dnsUrl: `http://127.0.0.1:${zonePort}`,
      scaling: {
        flags: {
          ...{ provider: 'ec2', offerings: 'm7i.large:spot:0.04,m7i.large:0.1', ec2Image: 'ami-local' },
          ...{ maxHosts: `${MAX_HOSTS}`, maxLaunches: '30', hostCapacity: '1', hostWarm: '0', hostIdle: '1s' },
          ...{ fleet: this.#fleet, hostAddress: 'private', hostMasterUrl: `http://127.0.0.1:${port}` },
        },
        settings: { idleMs: 400, quietMs: 400 },
        pace: scalingPace,
      },
    }
    await this.#startMaster()
  }

  async #open(ways: Promise<Way>[]): Promise<number[]> {
    const open = await Promise.all(ways)
    this.#ways.push(...open)
    return open.map(({ port }) => port)
  }

  async #startMaster(): Promise<void> {
    const { program, logs } = this.#ground
    const credentials = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: LOCAL_SECRET }
    const env = { ...credentials, AWS_REGION: 'local-1', AWS_ENDPOINT_URL_EC2: this.#cloud?.url }
    const logFile = logs && join(logs, `${this.#fleet}-master.log`)
    if (this.#config) this.#master = await runRole(program, 'master', this.#config, { env, logFile })
  }

  /** Ends the master as a crash does; it is started again, as a supervisor does. */
  async #crash(): Promise<void> {
    await this.#master?.kill()
    this.#coming = this.#again()
  }

  async #again(): Promise<void> {
    while (!this.#isOver) {
      await sleep(100)
      if (
        await this.#startMaster().then(
          () => true,
          () => false,
        )
      )
        return
    }
  }

  async #isAt(name: string, when: 'before' | 'after'): Promise<boolean> {
    if (when === 'before') this.#number = this.#watch.begin(name)
    const isDue = name === this.#case.point.call && this.#watch.isAt(this.#number, when)
    if (isDue) await this.#watch.strike()
    return isDue
  }

  #boot(instance: LocalInstance): { stop(): Promise<void> } {
    const { first } = this.#case.fault
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (!isFirst || first === undefined) return new QuickMachine(this.#ground, instance, this.#watch)
    if (first === 'dies') setTimeout(() => void this.#cloud?.lose(instance.id), 100)
    return { stop: async () => undefined }
  }

  async #go(): Promise<void> {
    const cloud = this.#cloud as LocalEc2
    const served = new Map<string, SandboxView>()
    const others: Promise<unknown>[] = []
    const asked = ['a', 'b', 'c'].map(async (name) => {
      const sandbox = await this.#serve(name)
      // Two have a place; who has one first makes room for the third.
      if (served.size === 0) others.push(this.#remove(name))
      served.set(name, sandbox)
    })
    await Promise.all(asked)
    await Promise.all(others)
    const [, ...left] = [...served.values()]
    for (const sandbox of left) await this.#use(sandbox)
    for (const { name } of left) await this.#remove(name)
    await eventually(async () => (await this.#leftovers()).length === 0, 'nothing is left', WITHIN_MS).catch(
      async (error) => {
        throw new Error(`${error} ${(await this.#leftovers()).join('; ')}`)
      },
    )
    if (!this.#watch.struck) throw new Error('The point was not reached.')
    if (cloud.highWater > MAX_HOSTS)
      throw new Error(`There were ${cloud.highWater} machines; ${MAX_HOSTS} are allowed.`)
    const launches = [...cloud.instances.values()].map(({ tags }) => tags.get('omega:launch') ?? 'none')
    if (new Set(launches).size < launches.length) throw new Error(`One launch, several machines: ${launches}`)
  }

  /** As somebody does who wants a sandbox and does not give up, however often the master ends in the middle. */
  async #serve(name: string): Promise<SandboxView> {
    const isOnce = this.#case.point.call.endsWith('Once')
    let headers: Record<string, string> = isOnce ? { 'idempotency-key': `key-${name}` } : {}
    const deadline = Date.now() + WITHIN_MS
    for (let refusal = ''; ; await sleep(150)) {
      if (Date.now() > deadline) throw new Error(`${name} was not served: ${refusal}`)
      try {
        return await this.#call<SandboxView>('/v1/sandboxes', { body: { name, template: 'static' }, headers })
      } catch (error) {
        refusal = String(error)
        headers = {}
        const found = await this.#find(name)
        if (found?.state === 'running') return found
        if (found) await this.#call(`/v1/sandboxes/${name}`, { method: 'DELETE' }).catch(() => undefined)
        else if (
          !(error instanceof OmegaError) ||
          !['UNREACHABLE', 'NO_CAPACITY', 'CREATE_FAILED'].includes(error.code)
        )
          throw error
      }
    }
  }

  async #find(name: string): Promise<SandboxView | undefined> {
    const list = await this.#list().catch(() => [])
    return list.find((sandbox) => sandbox.name === name)
  }

  async #list(): Promise<SandboxView[]> {
    return (await this.#call<{ sandboxes: SandboxView[] }>('/v1/sandboxes')).sandboxes
  }

  /** Its page answers at the address its name has. */
  async #use(sandbox: SandboxView): Promise<void> {
    const { id, name, subdomain, host } = sandbox
    const token = derive(SECRET, `sandbox/${id}`)
    const page = () => pageOf({ ...sandbox, token, openUrl: '' } as never)
    await eventually(async () => (await page()) === 200, `the page of ${name} answers`, 10_000)
    const { rrsets } = await (this.#zone as DnsClient).list(DOMAIN)
    const records = rrsets.filter((rrset) => rrset.name.startsWith(subdomain))
    const addresses = JSON.stringify(records)
    if (!addresses.includes(host)) throw new Error(`${name} is on ${host} and its name says ${addresses}.`)
  }

  async #remove(name: string): Promise<void> {
    const gone = async () => {
      await this.#call(`/v1/sandboxes/${name}`, { method: 'DELETE' }).catch((error) => {
        if (!(error instanceof OmegaError && error.code === 'SANDBOX_NOT_FOUND')) throw error
      })
      return !(await this.#list()).some((sandbox) => sandbox.name === name)
    }
    await eventually(gone, `${name} is deleted`, WITHIN_MS)
  }

  /** What there still is of anything. */
  async #leftovers(): Promise<string[]> {
    const { launches } = await this.#call<FleetView>('/v1/fleet')
    const { hosts } = await this.#call<{ hosts: HostView[] }>('/v1/hosts')
    const { rrsets } = await (this.#zone as DnsClient).list(DOMAIN)
    return [
      ...(this.#cloud?.billed ?? []).map(({ id, state }) => `machine ${id} ${state}`),
      ...launches.map(({ id, state }) => `launch ${id} ${state}`),
      ...hosts.map(({ address, state, containers }) => `host ${address} ${state} ${containers}`),
      ...(await this.#list()).map(({ name, state }) => `sandbox ${name} ${state}`),
      ...rrsets.map((rrset) => `name ${rrset.name}`),
    ]
  }

  #call<T>(path: string, options: Parameters<typeof call>[1] = {}): Promise<T> {
    const url = `http://127.0.0.1:${this.#config?.port}${path}`
    return call<T>(url, { token: this.#token, timeoutMs: WITHIN_MS, ...options })
  }

  /** For who wonders what happened. */
  #told(): string {
    const all = [...(this.#cloud?.instances.values() ?? [])]
    const machines = all.map(
      ({ id, state, reason = '', launchedAt, endedAt = 0 }) => `${id} ${state} ${reason} ${endedAt - launchedAt}`,
    )
    const requests = (this.#cloud?.requests ?? []).map(({ action }) => action)
    return [...machines, requests.filter((action) => action !== 'DescribeInstances').join(' ')].join('\n')
  }

  async #close(): Promise<void> {
    this.#isOver = true
    await this.#coming
    await this.#master?.kill()
    await this.#cloud?.close()
    await this.#dns?.kill()
    for (const way of this.#ways) way.close()
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
