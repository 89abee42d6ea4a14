import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CountingManager {
  apiUrl: string
  /** Sandboxes it holds now, with the port it gave each. */
  containers: Map<string, number>
  /** Sandboxes asked for since the start, repeats included. */
  asked: string[]
  /** Set to make the next answers fail. */
  failWith: { status: number; code: string; detail: string } | undefined
  /** Bearer tokens it was called with. */
  tokens: Set<string>
  close(): Promise<void>
}

/** A manager that runs nothing: it speaks the manager's API and counts. */
export async function startCountingManager(delayMs = 0, firstPort = 20_000): Promise<CountingManager> {
  let nextPort = firstPort
  const server = createServer(async (request, response) => {
    const id = request.url?.split('/')[3] ?? ''
    const answer = (status: number, body?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    }
    manager.tokens.add(request.headers.authorization ?? '')
    for await (const _ of request) {
      // The body is of no interest here.
    }
    if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (request.method === 'DELETE') {
      manager.containers.delete(id)
      return answer(204)
    }
    if (manager.failWith) return answer(manager.failWith.status, manager.failWith)
    if (request.method === 'PUT') {
      manager.asked.push(id)
      const port = manager.containers.get(id) ?? nextPort++
      manager.containers.set(id, port)
      return answer(200, { sandboxId: id, subdomain: 'x', template: 'react', state: 'running', port })
    }
    return answer(200, { containers: [] })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const manager: CountingManager = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    containers: new Map(),
    asked: [],
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
