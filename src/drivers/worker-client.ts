import { type IncomingMessage, request, STATUS_CODES } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { fromProblem, OmegaError, toProblem } from '../core/errors.ts'
import type { Sandbox } from '../core/sandbox.ts'
import { boundedText } from './bounded-text.ts'

const ANSWER_WITHIN_MS = 15_000
const REFUSAL_BYTES = 64 * 1024
const KEEP_ALIVE_MS = 30_000

export interface WorkerCall {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/_omega/`. */
  path: string
  token: string
  body?: unknown
  /** Instead of a body: bytes, sent as they come and for as long as they do. */
  upload?: Readable
  signal?: AbortSignal
}

/**
 * One request to a sandbox's worker, straight to its host and port and with the Host name it answers to; gives the
 * response as a stream. (`fetch` cannot set Host, and the name need not resolve where a master runs.)
 */
export function callWorker(
  sandbox: Pick<Sandbox, 'host' | 'port' | 'subdomain'>,
  domain: string,
  options: WorkerCall,
): Promise<IncomingMessage> {
  const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: sandbox.host,
        port: sandbox.port,
        method: options.method,
        path: `/_omega/${options.path}`,
        headers: {
          host: `${sandbox.subdomain}.${domain}:${sandbox.port}`,
          authorization: `Bearer ${options.token}`,
          ...(options.upload ? { 'content-type': 'application/octet-stream' } : {}),
          ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
        },
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (response) => {
        if (response.statusCode === 200) return resolve(response)
        collect(response).then((text) => reject(problemOf(text, response.statusCode)), reject)
      },
    )
    const deadline = setTimeout(() => sent.destroy(new Error('no answer within 15 s')), ANSWER_WITHIN_MS)
    sent.once('response', () => clearTimeout(deadline))
    sent.once('close', () => clearTimeout(deadline))
    sent.on('error', (error) => reject(unreachable(sandbox, error)))
    if (!options.upload) return void sent.end(body)
    // From here on it takes as long as the bytes do; the worker ends those that stall.
    sent.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => clearTimeout(deadline))
      else clearTimeout(deadline)
    })
    options.upload.once('error', () => sent.destroy(new Error('who sent it has left')))
    options.upload.once('close', () => {
      if (!options.upload?.readableEnded) sent.destroy(new Error('who sent it has left'))
    })
    options.upload.pipe(sent)
  })
}

/**
 * Joins a switched connection of ours with a WebSocket of the worker's: its handshake answer and then bytes go both ways,
 * as fast as the slower side reads. When the worker cannot be reached or refuses, that is what our side is told.
 */
export function relayToWorker(
  sandbox: Pick<Sandbox, 'host' | 'port' | 'subdomain'>,
  domain: string,
  { path, token }: Pick<WorkerCall, 'path' | 'token'>,
  { request: asked, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
): void {
  const call = request({
    host: sandbox.host,
    port: sandbox.port,
    path: `/_omega/${path}`,
    headers: {
      host: `${sandbox.subdomain}.${domain}:${sandbox.port}`,
      authorization: `Bearer ${token}`,
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': asked.headers['sec-websocket-key'] ?? '',
      'sec-websocket-version': asked.headers['sec-websocket-version'] ?? '13',
    },
    timeout: ANSWER_WITHIN_MS,
  })
  const refuse = (error: OmegaError) => {
    const body = JSON.stringify(toProblem(error))
    socket.end(
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\ncontent-type: application/problem+json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
  socket.once('close', () => call.destroy())
  call.once('timeout', () => call.destroy(new Error('no answer within 15 s')))
  call.once('error', (error) => refuse(unreachable(sandbox, error)))
  call.once('response', (response) => {
    collect(response).then(
      (text) => refuse(problemOf(text, response.statusCode)),
      (error) => refuse(unreachable(sandbox, error)),
    )
  })
  call.once('upgrade', (response, worker, rest) => {
    call.setTimeout(0)
    const fields = response.rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`)
    if (rest.length > 0) socket.write(rest)
    if (head.length > 0) worker.write(head)
    for (const [one, other] of [
      [socket, worker],
      [worker, socket],
    ] as const) {
      one.pipe(other)
      one.on('error', () => one.destroy())
      // Neither outlives the other; what it wrote last is still sent.
      one.once('close', () => other.end())
      one.once('error', () => other.destroy())
      // A side that went away without a word is found out.
      if (one instanceof Socket) one.setNoDelay(true).setTimeout(0).setKeepAlive(true, KEEP_ALIVE_MS)
    }
  })
  call.end()
}

function unreachable({ host, port }: Pick<Sandbox, 'host' | 'port'>, error: Error): OmegaError {
  return new OmegaError(
    'BAD_GATEWAY',
    `The sandbox at ${host}:${port} does not answer (${error.message}). Look at its state with \`omega sandbox get\`.`,
  )
}

/** Why it refused. Its container may answer without end. */
const collect = (response: IncomingMessage) => boundedText(response, REFUSAL_BYTES, ANSWER_WITHIN_MS)

function problemOf(text: string, status: number | undefined): OmegaError {
  try {
    const known = fromProblem(JSON.parse(text))
    if (known) return known
  } catch {
    // Not JSON: told below.
  }
  return new OmegaError('BAD_GATEWAY', `The sandbox answered ${status} without a problem document.`)
}
