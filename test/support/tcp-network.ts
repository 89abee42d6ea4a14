import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a port of this machine that can be cut, frozen and closed. */
export class TcpNetwork {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<[Socket, Socket]>()
  readonly #webSockets = new WeakSet<Socket>()
  target = 0
  /** New connections are refused at once. */
  offline = false

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (near) => this.#join(near))
  }

  static open(): Promise<TcpNetwork> {
    return new Promise((done) => {
      const server = createServer()
      server.listen(0, '127.0.0.1', () => done(new TcpNetwork(server)))
    })
  }

  /** All connections break, and both ends notice. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  /**
   * Nothing gets through any more on the WebSockets there are, and nobody notices. Other connections are cut: a browser
   * waits for ever for what it asked on a dead one, whatever the site.
   */
  freeze(): void {
    for (const pair of this.#pairs) {
      const [near, far] = pair
      if (!this.#webSockets.has(near)) {
        for (const socket of pair) socket.destroy()
        continue
      }
      near.unpipe(far).pause()
      far.unpipe(near).pause()
    }
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #join(near: Socket): void {
    if (this.offline) {
      near.destroy()
      return
    }
    const far = connect(this.target, '127.0.0.1')
    const pair: [Socket, Socket] = [near, far]
    this.#pairs.add(pair)
    near.once('data', (head) => {
      if (/^upgrade: websocket/im.test(head.toString('latin1'))) this.#webSockets.add(near)
    })
    near.pipe(far)
    far.pipe(near)
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#pairs.delete(pair)
        for (const other of pair) other.destroy()
      })
    }
  }
}
