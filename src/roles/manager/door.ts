import { connect, createServer, type Server, type Socket } from 'node:net'
import type { EngineContainer } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import { type HostName, parseHost } from '../../core/host-name.ts'
import { SANDBOX_ASLEEP } from '../../core/wire/frames.ts'
import type { Logger } from '../../drivers/log.ts'
import type { SandboxSecret } from '../../drivers/sandbox-secrets.ts'
import { closeWebSocket, redirect, refuse } from './door-answer.ts'
import { mayWake } from './door-pass.ts'
import { type DoorRequest, isNavigation, isUpgrade, parseHead, pathOf } from './door-request.ts'
import type { WorkerPlace } from './worker-client.ts'

/** The sandbox a port belongs to now. */
export interface DoorOwner {
  sandboxId: string
  subdomain: string
  domain: string
  port: number
  state: EngineContainer['state']
  at: WorkerPlace | undefined
  secret: SandboxSecret | undefined
}

export interface DoorOptions {
  /** An address of this machine, or all of them. */
  address: string
  ownerOf(port: number): DoorOwner | undefined
  /** Resolves when the sandbox's worker answers. */
  wake(sandboxId: string, cause: string): Promise<WorkerPlace>
  now(): number
  log: Logger
}

/** From the first byte of a request's head to its last. */
const HEAD_MS = 10_000
/** A browser opens connections before it needs them. */
const SILENT_MS = 60_000
const MAX_CONNECTIONS = 2_000
/** A worker that is being started again after it ended is back sooner than this. */
const CONNECT_WITHIN_MS = 3_000
const CONNECT_EVERY_MS = 50

const LINKS_PER_PERIOD = 5
const LINK_PERIOD_MS = 10 * 60_000

interface Opened {
  server: Server
  sockets: Set<Socket>
}

/**
 * Listens on the sandboxes' public ports. Of each connection it reads the head of the first request: a name that is not
 * of the sandbox that owns the port now is refused, and one that sleeps is woken for who may. Then it moves bytes and
 * looks at nothing: the worker checks every request itself. It holds no state but the connections.
 */
export class Door {
  readonly #options: DoorOptions
  readonly #ports = new Map<number, Opened>()
  /** When links woke which sandbox. */
  readonly #links = new Map<string, number[]>()
  #closed = false

  constructor(options: DoorOptions) {
    this.#options = options
  }

  /** Listens on the port; false when another program does. */
  open(port: number): Promise<boolean> {
    if (this.#closed || this.#ports.has(port)) return Promise.resolve(true)
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => socket.destroy())
      this.#receive(socket, port)
    })
    server.maxConnections = MAX_CONNECTIONS
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
        else reject(error)
      })
      server.listen({ host: this.#options.address, port, exclusive: true }, () => {
        server.on('error', (err) => this.#options.log.error({ port, err }, 'door: an error of the listener'))
        this.#ports.set(port, { server, sockets })
        resolve(true)
      })
    })
  }

  /** Ends the port's connections; new ones are taken on. */
  cut(port: number): void {
    for (const socket of this.#ports.get(port)?.sockets ?? []) socket.destroy()
  }

  /** Listens no more, and ends the port's connections. */
  async shut(port: number): Promise<void> {
    const opened = this.#ports.get(port)
    if (!opened) return
    this.#ports.delete(port)
    const closed = new Promise<void>((resolve) => opened.server.close(() => resolve()))
    for (const socket of opened.sockets) socket.destroy()
    await closed
  }

  get ports(): number[] {
    return [...this.#ports.keys()]
  }

  connections(): number {
    let count = 0
    for (const { sockets } of this.#ports.values()) count += sockets.size
    return count
  }

  /** For good. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.ports.map((port) => this.shut(port)))
  }

  #receive(socket: Socket, port: number): void {
    let head: Buffer = Buffer.alloc(0)
    const silent = setTimeout(() => socket.destroy(), SILENT_MS)
    let late: NodeJS.Timeout | undefined
    const leave = () => {
      clearTimeout(silent)
      clearTimeout(late)
      socket.off('data', onData)
      socket.off('end', onEnd)
    }
    const onEnd = () => socket.destroy()
    const onData = (bytes: Buffer) => {
      late ??= setTimeout(() => socket.destroy(), HEAD_MS)
      head = head.length === 0 ? bytes : Buffer.concat([head, bytes])
      const request = parseHead(head)
      if (request === 'more') return
      leave()
      socket.pause()
      if (request === 'bad') {
        refuse(socket, new OmegaError('INVALID_REQUEST', 'This is no HTTP/1 request. Sandboxes are served over HTTP.'))
        return
      }
      this.#answer(socket, request, head, port).catch((error) => {
        if (!(error instanceof OmegaError)) this.#options.log.error({ port, err: error }, 'door: unexpected')
        if (!socket.destroyed) refuse(socket, asProblem(error), 2)
      })
    }
    socket.on('data', onData)
    socket.on('end', onEnd)
    socket.once('close', leave)
  }

  async #answer(socket: Socket, request: DoorRequest, head: Buffer, port: number): Promise<void> {
    const owner = this.#options.ownerOf(port)
    const hosts = request.headers.get('host') ?? []
    if (!owner || hosts.length !== 1) {
      throw new OmegaError('WRONG_HOST', 'There is no sandbox of this name here. Look for its URL on the dashboard.')
    }
    const host = parseHost(hosts[0] ?? '', owner)
    if (owner.state === 'asleep' || owner.state === 'stopped') {
      if (!(await this.#wake(socket, request, owner, host))) return
    }
    const worker = await this.#connect(port, socket)
    if (!worker) return
    worker.write(head)
    socket.pipe(worker)
    worker.pipe(socket)
    worker.once('close', () => socket.destroy())
    socket.once('close', () => worker.destroy())
  }

  /** True when it is awake now and the request may go on; false when it was answered. */
  async #wake(socket: Socket, request: DoorRequest, owner: DoorOwner, host: HostName): Promise<boolean> {
    const { state, secret, sandboxId, subdomain } = owner
    const pass = mayWake(request, host, secret, this.#options.now())
    if (pass === 'yes' || (pass === 'link' && this.#mayTryLink(sandboxId))) {
      await this.#options.wake(sandboxId, 'visit')
      return true
    }
    const word = state === 'asleep' ? 'asleep' : 'stopped'
    const isPageSocket = isUpgrade(request) && host.previewOf === undefined && pathOf(request) === '/_omega/ws'
    if (isPageSocket && pass === 'notNow') {
      closeWebSocket(socket, request, SANDBOX_ASLEEP, word)
    } else if (pass === 'unknown' && isNavigation(request) && secret) {
      // As its worker would: where a session is to be had.
      const to = new URLSearchParams({ to: host.previewOf === undefined ? request.target : '/' })
      redirect(socket, `${secret.masterUrl}/open/${subdomain}?${to}`)
    } else {
      const error =
        pass === 'unknown' || pass === 'link'
          ? new OmegaError(
              'UNAUTHENTICATED',
              `This sandbox is ${word}, and wakes for who may use it. Send its token (Authorization: Bearer TOKEN), or open it from the dashboard.`,
            )
          : new OmegaError('NOT_READY', `This sandbox is ${word}. Open its page to wake it.`)
      refuse(socket, error, pass === 'unknown' ? undefined : 30)
    }
    return false
  }

  /** Links that may be false wake a sandbox now and then, not all the time. */
  #mayTryLink(sandboxId: string): boolean {
    const now = this.#options.now()
    const lately = (this.#links.get(sandboxId) ?? []).filter((at) => now - at < LINK_PERIOD_MS)
    this.#links.set(sandboxId, lately)
    if (lately.length >= LINKS_PER_PERIOD) return false
    lately.push(now)
    return true
  }

  /** A connection to the worker that owns the port; undefined when whom it was for has left. */
  async #connect(port: number, client: Socket): Promise<Socket | undefined> {
    const until = performance.now() + CONNECT_WITHIN_MS
    for (;;) {
      // Looked up each time: a worker that was started again is elsewhere.
      const at = this.#options.ownerOf(port)?.at
      const worker = at && (await tryConnect(at))
      if (client.destroyed) {
        worker?.destroy()
        return undefined
      }
      if (worker) return worker
      if (performance.now() > until) {
        throw new OmegaError('BAD_GATEWAY', "The sandbox's worker does not answer. Try again in a moment.")
      }
      await new Promise((resolve) => setTimeout(resolve, CONNECT_EVERY_MS))
    }
  }
}

function tryConnect({ address, port }: WorkerPlace): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error('late')), CONNECT_WITHIN_MS)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
    socket.once('error', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}

function asProblem(error: unknown): OmegaError {
  return error instanceof OmegaError
    ? error
    : new OmegaError('BAD_GATEWAY', 'The sandbox could not be reached. Try again in a moment.')
}
