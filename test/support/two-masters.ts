import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Static } from 'typebox'
import type { ContainerList } from '../../src/core/wire/manager.ts'
import { derive } from '../../src/drivers/credentials.ts'
import { DnsClient } from '../../src/drivers/dns-client.ts'
import { call } from '../../src/drivers/http-client.ts'
import { packageRoot } from '../../src/drivers/package-root.ts'
import { freePort } from './free-port.ts'
import { bundleRoles, OWN_PROCESSES, type RoleProcess, runRole } from './role-process.ts'

const SECRET = 'a secret for tests only'
const PORT = 7070
const pace = { everyMs: 300, leaseMs: 2_000, inventoryEveryMs: 500, suspectMs: 2_000, placingDeadlineMs: 15_000 }

/** Two masters, a dns and hosts whose sandboxes are plain processes, each role a process of its own. */
export class TwoMasters {
  readonly domain = 'omega.test'
  readonly addresses: readonly string[]
  readonly capacity: number
  readonly masters: string[] = []
  readonly zone: DnsClient
  readonly #dir: string
  readonly #parts: RoleProcess[]

  private constructor(
    dir: string,
    parts: RoleProcess[],
    dnsUrl: string,
    addresses: readonly string[],
    capacity: number,
  ) {
    this.#dir = dir
    this.#parts = parts
    this.zone = new DnsClient(dnsUrl, derive(SECRET, 'dns'))
    this.addresses = addresses
    this.capacity = capacity
  }

  static async start(redis: string, addresses: readonly string[], capacity: number): Promise<TwoMasters> {
    const dir = mkdtempSync(join(tmpdir(), 'omega-two-masters-'))
    const program = await bundleRoles(dir)
    const fleet = `two${process.pid}`
    const shared = { domain: 'omega.test', fleet, redis }
    const dns = await runRole(program, 'dns', {
      ...{ ...shared, dataDir: join(dir, 'dns'), dnsAddress: '127.0.0.1', dnsPort: 0, httpAddress: '127.0.0.1' },
      ...{ httpPort: 0, token: derive(SECRET, 'dns'), nameServers: [], ttl: 1 },
    })
    const it = new TwoMasters(dir, [dns], dns.url, addresses, capacity)
    try {
      for (const name of ['first', 'second']) {
        const at = { listen: '127.0.0.1', port: await freePort(), dataDir: join(dir, name) }
        const config = { ...shared, ...at, secret: SECRET, dnsUrl: dns.url, ttl: 1, pace }
        const master = await runRole(program, 'master', config)
        it.#parts.push(master)
        it.masters.push(master.url)
      }
      for (const [index, address] of addresses.entries()) {
        const config = {
          ...{ listen: address, port: PORT, address, masterUrl: it.masters[index % 2], fleet, capacity },
          ...{ joinToken: derive(SECRET, 'join'), runtime: 'process', dataDir: join(dir, address) },
          ...{ templatesFolder: join(packageRoot, 'templates'), portRange: [24_100, 24_199] },
          ...{ limits: { memoryMiB: 256, cpus: 1, pids: 64, diskBytes: 0 }, beatEveryMs: 500, tickEveryMs: 1_000 },
          omegaPath: join(packageRoot, 'dist/bin/omega.js'),
        }
        it.#parts.push(await runRole(program, 'manager', config as never, { within: OWN_PROCESSES }))
      }
      return it
    } catch (error) {
      await it.close()
      throw error
    }
  }

  /** Asks one of the masters. */
  ask<T>(master: number, path: string, options: Parameters<typeof call>[1] = {}): Promise<T> {
    return call<T>(`${this.masters[master]}${path}`, { token: derive(SECRET, 'api'), ...options })
  }

  /** What a host itself says it has. */
  async containersOf(address: string): Promise<Static<typeof ContainerList>['containers']> {
    const token = derive(SECRET, `host/${address}`)
    const { containers } = await call<Static<typeof ContainerList>>(`http://${address}:${PORT}/v1/containers`, {
      token,
    })
    return containers
  }

  tokenOf(id: string): string {
    return derive(SECRET, `sandbox/${id}`)
  }

  async close(): Promise<void> {
    for (const part of [...this.#parts].reverse()) await part.kill()
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
