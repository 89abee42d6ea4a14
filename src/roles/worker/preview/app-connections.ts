import { Agent, type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http'
import type { LookupFunction } from 'node:net'

/** Idle connections kept to an app, and for how long: dev servers close theirs after some seconds. */
const IDLE_CONNECTIONS = 32
const IDLE_MS = 4_000
/** Of a script or source map that is fetched to be read here. */
const MOST_TEXT_BYTES = 32 * 1024 * 1024
const TEXT_MS = 5_000

/** Both loopback addresses: dev servers listen on either. Node tries the second when the first refuses or is slow. */
const loopback: LookupFunction = (_hostname, _options, callback) => {
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ])
}

export interface AppRequest {
  /** A port of this machine's loopback; nothing else of the address comes from a request. */
  port: number
  method: string | undefined
  path: string | undefined
  /** Name and value in turn. */
  headers: string[]
  /**
   * Over a connection that may have been used before. The app may close it at the same moment: only for what can be
   * sent again.
   */
  reuse: boolean
}

/** Connections to the sandbox's own servers. */
export class AppConnections {
  readonly #agent = new Agent({
    keepAlive: true,
    maxFreeSockets: IDLE_CONNECTIONS,
    timeout: IDLE_MS,
    scheduling: 'lifo',
  })

  open({ port, method, path, headers, reuse }: AppRequest): ClientRequest {
    const options = {
      host: 'localhost',
      port,
      lookup: loopback,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: 5_000,
      method,
      path,
      headers: [...headers, ...(reuse ? ['Connection', 'keep-alive'] : [])],
      agent: reuse ? this.#agent : false,
      setDefaultHeaders: false,
    } as const
    const request = openRequest(options)
    // The agent's time is for idle connections: an answer may take as long as it likes.
    request.setTimeout(0)
    return request
  }

  /** A text of the app's; rejects unless it is answered with 200. */
  text(port: number, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = ['Host', `localhost:${port}`, 'Accept', '*/*', 'Accept-Encoding', 'identity']
      const request = this.open({ port, method: 'GET', path, headers, reuse: true })
      const timer = setTimeout(() => request.destroy(new Error('it took too long')), TEXT_MS)
      request.on('close', () => clearTimeout(timer))
      request.on('error', reject)
      request.on('response', (answer: IncomingMessage) => {
        if (answer.statusCode !== 200) request.destroy(new Error(`it answered ${answer.statusCode}`))
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          bytes += chunk.length
          if (bytes > MOST_TEXT_BYTES) request.destroy(new Error('it is too large'))
        })
        answer.on('error', reject)
        answer.on('end', () => resolve(Buffer.concat(chunks).toString()))
      })
      request.end()
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
