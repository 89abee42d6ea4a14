import { createServer, type Server } from 'node:http'
import type { StateChange } from '../../src/core/wire/manager.ts'

/** As much of a master as a manager sees: registrations and beats, counted; it can go away and come back. */
export class FakeMaster {
  readonly hostKey = 'host-key-of-the-test-0123456789'
  readonly joinToken = 'join-token-of-the-test'
  readonly registrations: unknown[] = []
  /** What it was told became of sandboxes. */
  readonly changes: StateChange[] = []
  beats = 0
  /** Between taking a host in and answering it. */
  answersAfterMs = 0
  /** Forgets the hosts: beats are answered 404 until the next registration. */
  known = false
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async open(): Promise<void> {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part) => {
        body += part
      })
      request.on('end', () => {
        response.setHeader('content-type', 'application/json')
        const own = request.url?.endsWith('/beat') ? this.hostKey : this.joinToken
        if (![`Bearer ${this.joinToken}`, `Bearer ${own}`].includes(request.headers.authorization ?? '')) {
          response.statusCode = 401
          return response.end('{"code":"UNAUTHENTICATED","detail":"wrong join token"}')
        }
        if (request.url === '/v1/hosts') {
          this.registrations.push(JSON.parse(body))
          this.known = true
          return setTimeout(() => response.end(JSON.stringify({ hostKey: this.hostKey })), this.answersAfterMs)
        }
        this.beats++
        if (this.known && body !== '') this.changes.push(...(JSON.parse(body).changes ?? []))
        response.statusCode = this.known ? 204 : 404
        return response.end(this.known ? undefined : '{"code":"HOST_NOT_FOUND","detail":"unknown"}')
      })
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    const address = server.address()
    this.#port = typeof address === 'object' && address ? address.port : 0
    this.#server = server
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
  }
}
