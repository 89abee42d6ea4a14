import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContainerRequest, ContainerStatus } from '../../src/core/container.ts'
import { OmegaError } from '../../src/core/errors.ts'
import { newSandboxId, newSubdomain } from '../../src/core/names.ts'
import { createLog } from '../../src/drivers/log.ts'
import { type ManagerConfig, type RunningManager, start } from '../../src/roles/manager/index.ts'
import { eventually } from './container-engine-suite.ts'
import { FakeMaster } from './fake-master.ts'
import { writeStubOmega, writeStubTemplate } from './stub-image.ts'

export function requestOf(overrides: Partial<ContainerRequest> = {}): ContainerRequest {
  return {
    sandboxId: newSandboxId(randomBytes),
    subdomain: newSubdomain(randomBytes),
    name: 'my-app',
    template: 'good',
    domain: 'omega.test',
    token: 'the-token-of-the-sandbox-0123456789',
    masterUrl: 'http://omega.test:8080',
    env: { GREETING: 'hello' },
    ...overrides,
  }
}

/** A manager over the process runtime with a fake master, in a folder of its own. */
export class ManagerHarness {
  readonly root = mkdtempSync(join(tmpdir(), 'omega-manager-'))
  readonly master = new FakeMaster()
  readonly config: ManagerConfig
  manager: RunningManager | undefined

  constructor(overrides: Partial<ManagerConfig> = {}) {
    for (const [name, files] of Object.entries({ good: {}, other: {}, broken: { broken: '' }, mute: { mute: '' } })) {
      writeStubTemplate(this.root, name, files as Record<string, string>)
    }
    // Below the ports the system gives to clients: a stopped sandbox must find its port free again.
    // Test files run beside each other: a hundred ports for each of vitest's workers.
    const first = 13_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 60) * 100
    this.config = {
      listen: '127.0.0.1',
      port: 0,
      address: '127.0.0.1',
      masterUrl: '',
      joinToken: this.master.joinToken,
      fleet: 'test',
      capacity: 10,
      runtime: 'process',
      dataDir: join(this.root, 'data'),
      portRange: [first, first + 99],
      limits: { memoryMiB: 256, cpus: 1, pids: 64 },
      omegaPath: writeStubOmega(this.root),
      templates: {
        names: async () => ['good', 'other', 'broken', 'mute'],
        manifestFolder: (name) => join(this.root, name),
        project: async (name) => {
          if (!['good', 'other', 'broken', 'mute'].includes(name))
            throw new OmegaError('UNKNOWN_TEMPLATE', `no ${name}`)
          return join(this.root, name)
        },
      },
      log: createLog('test', 'silent', 2),
      beatEveryMs: 50,
      tickEveryMs: 100,
      leftoverGraceMs: 300,
      warmRestMs: 0,
      ...overrides,
    }
  }

  async open(): Promise<RunningManager> {
    await this.master.open()
    return this.start()
  }

  /** Starts a manager (again) and waits until it is registered. */
  async start(): Promise<RunningManager> {
    this.manager = await start({ ...this.config, masterUrl: this.master.url })
    await eventually(
      async () => (await this.call('GET', '/readyz')).status,
      (status) => status === 200,
    )
    return this.manager
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    token: string | undefined = this.master.hostKey,
  ): Promise<{ status: number; body: unknown; text: string }> {
    const response = await fetch(`${this.manager?.url}${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      parsed = text
    }
    return { status: response.status, body: parsed, text }
  }

  put(request: ContainerRequest) {
    return this.call('PUT', `/v1/containers/${request.sandboxId}`, request)
  }

  async list(): Promise<ContainerStatus[]> {
    const { body } = await this.call('GET', '/v1/containers')
    return (body as { containers: ContainerStatus[] }).containers
  }

  /** Keys of all containers there are, the pool's too. */
  keys(): string[] {
    const folder = join(this.config.dataDir, 'processes')
    return existsSync(folder) ? readdirSync(folder).filter((name) => /^ct_[0-9a-z]{20}$/.test(name)) : []
  }

  /** Those that are nobody's. */
  free(): { key: string }[] {
    const isFree = (key: string) => !existsSync(join(this.config.dataDir, 'processes', key, 'mark.json'))
    return this.keys()
      .filter(isFree)
      .map((key) => ({ key }))
  }

  /** As if the data directory had been lost; the containers are still there. */
  forgetTokens(): void {
    const folder = join(this.config.dataDir, 'sandboxes/127.0.0.1')
    for (const name of readdirSync(folder)) if (name.startsWith('sb_')) rmSync(join(folder, name))
  }

  async metrics(): Promise<string> {
    return (await this.call('GET', '/metrics', undefined, '')).text
  }

  async clear(): Promise<void> {
    for (const { sandboxId } of await this.list()) await this.call('DELETE', `/v1/containers/${sandboxId}`)
  }

  async close(): Promise<void> {
    if (this.manager) await this.clear().catch(() => undefined)
    await this.manager?.stopAll().catch(() => undefined)
    await this.manager?.close()
    await this.master.close()
    rmSync(this.root, { recursive: true, force: true })
  }
}
