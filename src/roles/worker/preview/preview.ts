import { type ClientRequest, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import type { LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { OmegaError } from '../../../core/errors.ts'
import type { Claim } from '../../../core/wire/worker.ts'
import type { HostName } from '../admission/host-name.ts'
import { appCookie, isBearer, withoutSession } from '../admission/sessions.ts'
import { answerPage, answerProblem, refuseUpgrade } from '../problem-answer.ts'

/** Of one connection only (RFC 9110 7.6.1); the next one has its own. */
const hopByHop = new Set(
  'connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect'.split(
    ' ',
  ),
)

/** Ours to say, whoever said it before. */
const forwarding = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
])

export interface PreviewTarget {
  claim: Claim
  host: HostName
  /** A port of this machine's loopback, 1 to 65535; nothing else of the address comes from the request. */
  port: number
  scheme: 'http' | 'https'
}

/** Both loopback addresses: dev servers listen on either. Node tries the second when the first refuses or is slow. */
const loopback: LookupFunction = (_hostname, _options, callback) => {
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ])
}

/** Sends a request on to the app and its answer back, both as streams, without our own credentials in either. */
export function proxyRequest(
  target: PreviewTarget,
  request: IncomingMessage,
  response: ServerResponse,
  navigation: boolean,
): void {
  const upstream = connect(target, request, requestHeaders(target, request))
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', responseHeaders(answer))
    // Server-sent events: the head must not wait for the first event.
    response.flushHeaders()
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    request.unpipe(upstream)
    if (response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    request.resume()
    const problem = nothingThere(target.port, error)
    if (navigation) answerPage(response, problem.status, 'Starting...', `${problem.message} This page asks again.`, 1)
    else answerProblem(response, problem, false)
  })
  response.on('close', () => upstream.destroy())
  request.on('error', () => upstream.destroy())
  request.pipe(upstream)
}

/** The same for a WebSocket: once the app has agreed, bytes are moved and not looked at. */
export function proxyUpgrade(target: PreviewTarget, request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
  const headers = [...requestHeaders(target, request), 'Connection', 'Upgrade', 'Upgrade', 'websocket']
  const upstream = connect(target, request, headers)
  socket.on('error', () => upstream.destroy())
  const abandon = () => upstream.destroy()
  socket.on('close', abandon)
  upstream.on('upgrade', (answer, appSocket, appHead) => {
    socket.off('close', abandon)
    const answered = [...responseHeaders(answer), 'Connection', 'Upgrade', 'Upgrade', 'websocket']
    socket.write(headOf(answer, answered))
    socket.write(appHead)
    appSocket.write(head)
    appSocket.on('error', () => socket.destroy())
    socket.on('error', () => appSocket.destroy())
    appSocket.on('close', () => socket.destroy())
    socket.on('close', () => appSocket.destroy())
    socket.pipe(appSocket).pipe(socket)
  })
  upstream.on('response', (answer) => {
    // Not switched: its answer ends with the connection.
    socket.write(headOf(answer, [...responseHeaders(answer), 'Connection', 'close']))
    answer.on('error', () => socket.destroy())
    answer.pipe(socket)
  })
  upstream.on('error', (error) => {
    if (!socket.destroyed && socket.writable) refuseUpgrade(socket, nothingThere(target.port, error))
  })
  upstream.end()
}

function connect(target: PreviewTarget, request: IncomingMessage, headers: string[]): ClientRequest {
  const options = {
    host: 'localhost',
    port: target.port,
    lookup: loopback,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 5_000,
    method: request.method,
    path: request.url,
    headers,
    agent: false,
    setDefaultHeaders: false,
  } as const
  return openRequest(options)
}

function nothingThere(port: number, error: NodeJS.ErrnoException): OmegaError {
  const refused = error.code === 'ECONNREFUSED' || error.name === 'AggregateError'
  return new OmegaError(
    'BAD_GATEWAY',
    refused
      ? `Nothing listens on port ${port} yet. If the app is starting, it will be here in a moment; otherwise look at its terminal.`
      : `The app on port ${port} broke off (${error.code ?? error.message}). Look at its terminal.`,
    { port },
  )
}

function requestHeaders({ claim, host, scheme }: PreviewTarget, request: IncomingMessage): string[] {
  const kept = pairs(request, (name, value) => {
    if (forwarding.has(name) || name.startsWith('x-omega-')) return undefined
    if (name === 'authorization' && isBearer(value, claim)) return undefined
    return name === 'cookie' ? withoutSession(value) : value
  })
  // How the body is framed is kept, so that it is framed the same way again.
  if (request.headers['transfer-encoding'] !== undefined) kept.push('Transfer-Encoding', 'chunked')
  if (request.headers.upgrade === undefined) kept.push('Connection', 'close')
  return [
    ...kept,
    ...['X-Forwarded-For', request.socket.remoteAddress ?? 'unknown'],
    ...['X-Forwarded-Host', host.authority],
    ...['X-Forwarded-Proto', scheme],
  ]
}

function responseHeaders(answer: IncomingMessage): string[] {
  return pairs(answer, (name, value) => {
    // Browsers clear the cookies of the whole domain by it: the dashboard's and every other sandbox's.
    if (name === 'clear-site-data') return undefined
    return name === 'set-cookie' ? appCookie(value) : value
  })
}

/** Name and value of each header that goes on, flat as in rawHeaders, so that their case and repetition stay. */
function pairs(message: IncomingMessage, map: (name: string, value: string) => string | undefined): string[] {
  const named = (message.headers.connection ?? '').toLowerCase().split(/[\s,]+/)
  const kept: string[] = []
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const [name = '', raw = ''] = message.rawHeaders.slice(index, index + 2)
    const lower = name.toLowerCase()
    const value = hopByHop.has(lower) || named.includes(lower) ? undefined : map(lower, raw)
    if (value !== undefined) kept.push(name, value)
  }
  return kept
}

function headOf(answer: IncomingMessage, headers: string[]): string {
  let head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  return `${head}\r\n`
}
