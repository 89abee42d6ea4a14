import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { defaultSnapshotName, type Snapshot } from '../../src/core/snapshot.ts'

/** What it tells of a container: the shape of ContainerStatus; and its snapshots. */
export interface CountedContainer {
  sandboxId: string
  subdomain: string
  name: string
  template: string
  state: 'starting' | 'running' | 'asleep' | 'stopped'
  port: number
  createdAt: number
  expiresAt: number
  hasToken: boolean
  snapshots: Snapshot[]
}

export interface CountingManager {
  apiUrl: string
  /** Sandboxes it holds now. */
  containers: Map<string, CountedContainer>
  /** Sandboxes asked for since the start, repeats included. */
  asked: string[]
  /** Every other call that changes something, `METHOD PATH`. */
  calls: string[]
  /** Set to make the next answers fail. */
  failWith: { status: number; code: string; detail: string } | undefined
  /** Bearer tokens it was called with. */
  tokens: Set<string>
  close(): Promise<void>
}

/** A manager that runs nothing: it speaks the manager's API and counts. */
export async function startCountingManager(delayMs = 0, firstPort = 20_000): Promise<CountingManager> {
  let nextPort = firstPort
  const make = (body: Record<string, unknown>): CountedContainer => ({
    sandboxId: String(body.sandboxId),
    subdomain: String(body.subdomain),
    name: String(body.name),
    template: String(body.template),
    state: 'running',
    port: nextPort++,
    createdAt: Date.now(),
    expiresAt: Number(body.expiresAt ?? 0),
    hasToken: true,
    snapshots: [],
  })
  const server = createServer(async (request, response) => {
    const [, , , id = '', deed, snapshot] = request.url?.split(/[/?]/) ?? []
    const answer = (status: number, body?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    }
    manager.tokens.add(request.headers.authorization ?? '')
    const body = await bodyOf(request)
    if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (request.method !== 'GET' && request.method !== 'PUT') manager.calls.push(`${request.method} ${request.url}`)
    if (request.method === 'DELETE' && deed === undefined) {
      manager.containers.delete(id)
      return answer(204)
    }
    if (manager.failWith) return answer(manager.failWith.status, manager.failWith)
    if (request.method === 'GET' && deed === undefined)
      return answer(200, { containers: [...manager.containers.values()] })
    const known = manager.containers.get(id)
    if (request.method === 'PUT') {
      manager.asked.push(id)
      const container = known ?? make(body)
      Object.assign(container, { hasToken: true, expiresAt: Number(body.expiresAt ?? 0) })
      manager.containers.set(id, container)
      return answer(200, container)
    }
    if (!known) return answer(404, { code: 'SANDBOX_NOT_FOUND', detail: `There is no container for ${id}.` })
    if (deed === 'snapshots') {
      const { snapshots } = known
      if (request.method === 'GET') return answer(200, { snapshots })
      if (request.method === 'DELETE') {
        known.snapshots = snapshots.filter(({ id }) => id !== snapshot)
        return answer(204)
      }
      if (snapshot !== undefined) return answer(200, known)
      const taken = takeSnapshot(known, body)
      snapshots.push(taken)
      return answer(201, taken)
    }
    if (deed === 'fork') {
      const copy = make(body)
      manager.containers.set(copy.sandboxId, copy)
      return answer(200, copy)
    }
    if (deed === 'start') known.state = 'running'
    if (deed === 'stop') known.state = 'stopped'
    if (deed === 'freeze') known.state = 'asleep'
    if (deed === 'rename') known.name = String(body.name)
    return answer(200, known)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const manager: CountingManager = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    containers: new Map(),
    asked: [],
    calls: [],
    failWith: undefined,
    tokens: new Set(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return manager
}

function takeSnapshot({ sandboxId, snapshots }: CountedContainer, { name }: Record<string, unknown>): Snapshot {
  const createdAt = Date.now()
  const id = `sn_${String(snapshots.length).padStart(20, '0')}`
  return { id, sandboxId, name: String(name ?? defaultSnapshotName(createdAt)), createdAt, bytes: 1_500_000 }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const isJson = request.headers['content-type']?.includes('json')
  return isJson ? ((await json(request)) as Record<string, unknown>) : {}
}
