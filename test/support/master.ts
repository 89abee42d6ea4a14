import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { derive } from '../../src/drivers/credentials.ts'
import { createLog } from '../../src/drivers/log.ts'
import { webhookTargets } from '../../src/drivers/webhook-sender.ts'
import { type RunningMaster, start } from '../../src/roles/master/index.ts'
import type { ScalingConfig } from '../../src/roles/master/scaling-config.ts'

export const SECRET = 'a secret for tests only'
export const API_TOKEN = derive(SECRET, 'api')
export const DOMAIN = 'omega.test'

export interface TestMaster {
  master: RunningMaster
  url: string
  /** A call of its API as an operator. */
  api(path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, never>; headers: Headers }>
  /** Registers a host as a manager would. */
  join(address: string, apiUrl: string, capacity: number): Promise<void>
  close(): Promise<void>
}

/** The real master role on a free port with a data directory of its own. */
export async function startTestMaster(
  options: {
    redis?: string
    dnsUrl?: string
    fleet?: string
    maxSandboxes?: number
    webhooks?: string
    scaling?: ScalingConfig
  } = {},
): Promise<TestMaster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'omega-master-'))
  const master = await start({
    listen: '127.0.0.1',
    port: 0,
    domain: DOMAIN,
    dataDir,
    fleet: options.fleet ?? 'omega',
    secret: SECRET,
    ttl: 5,
    webhooks: webhookTargets(options.webhooks ?? ''),
    log: createLog('test', 'silent', 2),
    ...(options.redis ? { redis: options.redis } : {}),
    ...(options.scaling ? { scaling: options.scaling } : {}),
    ...(options.maxSandboxes ? { maxSandboxes: options.maxSandboxes } : {}),
    ...(options.dnsUrl ? { dnsUrl: options.dnsUrl } : {}),
  })
  const send = async (path: string, init: RequestInit = {}, token = API_TOKEN) => {
    const response = await fetch(`${master.url}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        ...(init.body ? { 'content-type': 'application/json' } : {}),
        ...init.headers,
      },
      redirect: 'manual',
    })
    const text = await response.text()
    const isJson = (response.headers.get('content-type') ?? '').includes('json')
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }
  return {
    master,
    url: master.url,
    api: send,
    async join(address, apiUrl, capacity) {
      const body = JSON.stringify({ address, apiUrl, capacity, runtime: 'docker', version: '0' })
      const { status } = await send('/v1/hosts', { method: 'POST', body }, derive(SECRET, 'join'))
      if (status !== 200) throw new Error(`The master answered ${status} to a registration.`)
    },
    async close() {
      await master.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
