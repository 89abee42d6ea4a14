import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Passes connections on to a port of this machine, and counts what comes back: HTTP, WebSockets, all of it. */
export class CountingRelay {
  received = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(target: number) {
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: '127.0.0.1', port: target, noDelay: true })
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined)
        socket.once('close', () => {
          this.#sockets.delete(socket)
          near.destroy()
          far.destroy()
        })
      }
      far.on('data', ({ length }) => {
        this.received += length
      })
      near.pipe(far)
      far.pipe(near)
    })
  }

  static async to(target: number): Promise<CountingRelay> {
    const relay = new CountingRelay(target)
    await new Promise<void>((done) => relay.#server.listen(0, '127.0.0.1', done))
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((done) => this.#server.close(done))
  }
}
