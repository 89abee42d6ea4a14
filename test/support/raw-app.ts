import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A server of the sandbox that says what it is told to, byte for byte. */
export class RawApp {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  /** What was asked, by connection. */
  readonly asked: string[][] = []

  private constructor(answer: (head: string, socket: Socket) => void) {
    this.#server = createServer((socket) => {
      const heads: string[] = []
      this.asked.push(heads)
      this.#open.add(socket)
      socket.on('close', () => this.#open.delete(socket))
      socket.on('error', () => undefined)
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          heads.push(text.slice(0, end))
          const head = text.slice(0, end)
          text = text.slice(end + 4)
          answer(head, socket)
        }
      })
    })
  }

  static async listen(answer: (head: string, socket: Socket) => void, port = 0): Promise<RawApp> {
    const app = new RawApp(answer)
    await new Promise<void>((resolve) => app.#server.listen(port, '127.0.0.1', resolve))
    return app
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#open.size
  }

  /** Ends every connection, as an app that restarts does. */
  cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
  }
}
