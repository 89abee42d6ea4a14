import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type OmegaError, toProblem } from '../../core/errors.ts'
import { type DoorRequest, first } from './door-request.ts'

/** What a door says itself, where there is no worker to say it. Each ends the connection. */

export function refuse(socket: Socket, error: OmegaError, retryAfterSeconds?: number): void {
  const problem = toProblem(error)
  const retry = retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]
  say(socket, problem.status, ['content-type: application/problem+json', ...retry], JSON.stringify(problem))
}

export function redirect(socket: Socket, location: string): void {
  say(socket, 303, [`location: ${location.replace(/[^\x21-\x7e]/g, encodeURIComponent)}`], '')
}

/** Opens the WebSocket (RFC 6455 4.2.2) and closes it at once: a page that was refused could not read why. */
export function closeWebSocket(socket: Socket, request: DoorRequest, code: number, reason: string): void {
  const key = first(request, 'sec-websocket-key') ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const text = Buffer.from(reason)
  const frame = Buffer.alloc(4 + text.length)
  frame[0] = 0x88
  frame[1] = 2 + text.length
  frame.writeUInt16BE(code, 2)
  text.copy(frame, 4)
  const head = [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: Upgrade',
    `sec-websocket-accept: ${accept}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  socket.end(frame)
}

function say(socket: Socket, status: number, headers: string[], body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'referrer-policy: no-referrer',
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
