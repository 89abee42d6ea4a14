import type { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { OmegaError } from '../../core/errors.ts'
import { EXEC_ADDRESS } from '../../core/wire/exec.ts'
import { IMPORT_ADDRESS } from '../../core/wire/export.ts'
import { FILE_ADDRESS } from '../../core/wire/media.ts'
import { TAR_ADDRESS } from '../../core/wire/tar.ts'
import { asOmegaError } from '../../drivers/web-app.ts'
import { type Admission, type Gate, isNavigation } from './admission/gate.ts'
import type { Guests } from './admission/guests.ts'
import type { Identity } from './admission/identity.ts'
import type { Preview } from './preview/preview.ts'
import { answerPage, answerProblem, guardHeaders, refuseUpgrade } from './problem-answer.ts'

export interface FrontOptions {
  gate: Gate
  guests: Guests
  identity: Identity
  preview: Preview
  /** Told of the upgrades that are ours. */
  upgrades: EventEmitter
  /** For a request's body to us to arrive, in milliseconds. */
  bodyTimeoutMs?: number | undefined
  /** Our own port: a preview of it would lead back here. */
  ownPort: () => number
  /** The routes behind the gate. */
  app: (request: IncomingMessage, response: ServerResponse) => void
}

const PAGE_SOCKET = '/_omega/ws'
/** A body this slow only holds a connection: a claim's is read before anybody has shown a credential. */
const BODY_TIMEOUT_MS = 30_000

/** The worker's one server: asks the gate, then sends each request to the page's routes, the app's port or the socket. */
export function createFront(options: FrontOptions): Server {
  const { gate, guests, preview, upgrades } = options
  const server = createServer({
    headersTimeout: 10_000,
    connectionsCheckingInterval: 5_000,
    // Uploads to an app may take as long as they do; bodies for ourselves are small, see below.
    requestTimeout: 0,
    maxHeaderSize: 32 * 1024,
  })

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    try {
      const admission = gate.admit(request)
      const share = shareOf(admission)
      if (share !== undefined) {
        const release = guests.hold(share, () => response.destroy())
        response.once('close', release)
      }
      if (admission.to === 'own') {
        if (!isUpload(request)) endIfLate(request, options.bodyTimeoutMs ?? BODY_TIMEOUT_MS)
        options.app(request, response)
      }
      if (admission.to === 'redirect') redirect(response, admission)
      if (admission.to === 'ended') sayGoodbye(response, admission)
      if (admission.to === 'preview') {
        preview.request(targetOf(request, admission), request, response, isNavigation(request))
      }
    } catch (error) {
      answerProblem(response, error, isNavigation(request))
      request.resume()
    }
  })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    try {
      const admission = gate.admit(request)
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        throw new OmegaError('INVALID_REQUEST', 'Only an upgrade to `websocket` is possible here.')
      }
      if (admission.to === 'preview') {
        endWithShare(admission, socket)
        preview.upgrade(targetOf(request, admission), request, socket, head)
        return
      }
      const path = request.url?.split('?')[0]
      if (admission.to !== 'own' || (path !== PAGE_SOCKET && path !== EXEC_ADDRESS)) {
        throw new OmegaError('NOT_FOUND', `The WebSockets of a sandbox are at ${PAGE_SOCKET} and ${EXEC_ADDRESS}.`)
      }
      // A page is told why its link has ended; a command only ends with it.
      if (path === EXEC_ADDRESS) endWithShare(admission, socket)
      upgrades.emit('upgrade', request, socket, head)
    } catch (error) {
      refuseUpgrade(socket, asOmegaError(error))
    }
  })

  function endWithShare(admission: Admission, socket: Duplex): void {
    const share = shareOf(admission)
    if (share !== undefined)
      socket.once(
        'close',
        guests.hold(share, () => socket.destroy()),
      )
  }

  function targetOf(request: IncomingMessage, { host, port }: Extract<Admission, { to: 'preview' }>) {
    if (port === options.ownPort()) {
      throw new OmegaError('FORBIDDEN', `Port ${port} is the worker's own; it has no preview.`)
    }
    const scheme: 'http' | 'https' = gate.isSecure(request) ? 'https' : 'http'
    return { claim: options.identity.claimed, host, port, scheme }
  }
  return server
}

const uploadAddresses = [FILE_ADDRESS, TAR_ADDRESS, IMPORT_ADDRESS]

/** A file takes as long as it does; its route ends one that stalls. */
function isUpload(request: IncomingMessage): boolean {
  return request.method === 'PUT' && uploadAddresses.includes(request.url?.split('?')[0] ?? '')
}

function endIfLate(request: IncomingMessage, timeoutMs: number): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, timeoutMs)
  request.once('close', () => clearTimeout(timer))
}

/** The link by whose grace a request is answered. */
function shareOf(admission: Admission): string | undefined {
  return 'visitor' in admission ? admission.visitor?.share : undefined
}

function sayGoodbye(response: ServerResponse, { cookies }: Extract<Admission, { to: 'ended' }>): void {
  response.setHeader('set-cookie', cookies)
  const text = 'It is over, or somebody revoked it. Ask whoever gave it to you for a new one.'
  answerPage(response, 403, 'The link by which you came has ended', text)
}

function redirect(response: ServerResponse, { location, cookies = [] }: Extract<Admission, { to: 'redirect' }>): void {
  const headers = cookies.length === 0 ? guardHeaders : { ...guardHeaders, 'set-cookie': cookies }
  response.writeHead(303, { ...headers, location, 'content-length': 0 }).end()
}
