import { createSocket, type Socket } from 'node:dgram'
import { createServer, isIPv6, type Server } from 'node:net'
import { DnsConnections, type Respond } from './dns-connections.ts'
import { ReleaseStack } from './release-stack.ts'

export interface DnsListenerOptions {
  addresses: readonly string[]
  /** 0 takes one that is free for UDP and TCP on all addresses. */
  port: number
  respond: Respond
  /** A socket failed; the others go on. */
  onError: (error: Error) => void
}

/** Bytes the kernel keeps for a socket while the event loop is busy; the usual 208 KiB are some 270 queries. */
const receiveBuffer = 4 * 1024 * 1024

/** Answers DNS by UDP and TCP on the same port of every address. */
export class DnsListener {
  readonly port: number
  readonly #opened: ReleaseStack

  private constructor(port: number, opened: ReleaseStack) {
    this.port = port
    this.#opened = opened
  }

  static async open(options: DnsListenerOptions): Promise<DnsListener> {
    for (let attempt = 1; ; attempt++) {
      const opened = new ReleaseStack()
      try {
        return new DnsListener(await listenAll(options, opened), opened)
      } catch (error) {
        await opened.close()
        // The port that was free for TCP on the first address is taken elsewhere: another one.
        const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        if (options.port !== 0 || !isTaken || attempt === 20) throw error
      }
    }
  }

  /** Stops listening; TCP connections end. May be called again. */
  close(): Promise<void> {
    return this.#opened.close()
  }
}

async function listenAll(options: DnsListenerOptions, opened: ReleaseStack): Promise<number> {
  const { respond, onError } = options
  let port = options.port
  for (const address of options.addresses) {
    const connections = new DnsConnections(respond)
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => connections.add(socket))
    port = await listenTcp(server, address, port)
    server.on('error', onError)
    opened.add(server, () => closeServer(server, connections))
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address), lookup })
    // Closed also when binding failed.
    opened.add(socket, () => new Promise<void>((resolve) => socket.close(resolve)))
    await bindUdp(socket, address, port)
    socket.on('error', onError)
    answerDatagrams(socket, respond)
  }
  return port
}

/**
 * Addresses are numbers already; the resolver of dgram would only put every send off to a later turn. dgram gives the
 * family and takes none back.
 */
const lookup = (host: string, family: unknown, done: (error: null, address: string, family: number) => void) =>
  done(null, host, family === 6 ? 6 : 4)

function answerDatagrams(socket: Socket, respond: Respond): void {
  socket.on('message', (message, from) => {
    // Nobody is there; and send would throw.
    if (from.port === 0) return
    const reply = respond(message, 'udp')
    // A reply that cannot be sent is a lost packet, which the asker's retry is for: no callback, so nobody is told.
    if (reply) socket.send(reply, from.port, from.address)
  })
}

function listenTcp(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: isIPv6(host), backlog: 1024 }, () => {
      server.off('error', reject)
      const bound = server.address()
      resolve(bound && typeof bound === 'object' ? bound.port : port)
    })
  })
}

function bindUdp(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address, port }, () => {
      socket.off('error', reject)
      socket.setRecvBufferSize(receiveBuffer)
      resolve()
    })
  })
}

function closeServer(server: Server, connections: DnsConnections): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    connections.closeAll()
  })
}
