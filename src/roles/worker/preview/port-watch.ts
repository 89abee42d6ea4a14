import type { Clock } from '../../../core/clock.ts'
import { programName } from '../../../core/program-name.ts'
import type { Port } from '../../../core/wire/operations/ports.ts'
import type { ListeningSocket } from '../../../drivers/listening-ports.ts'
import type { SocketOwner } from '../../../drivers/socket-owners.ts'

/** A new port is seen within this time; reading the kernel's table costs well below a millisecond. */
const POLL_MS = 1_000
/** From a terminal's output to a look, and from one such look to the next: servers say that they listen. */
const HINT_MS = 60

export interface PortWatchOptions {
  clock: Clock
  sockets: () => Promise<ListeningSocket[]>
  owners: (inodes: ReadonlySet<string>) => Promise<Map<string, SocketOwner>>
  /** Whether a socket is the sandbox's; its owner is undefined when that cannot be seen. */
  isOurs: (socket: ListeningSocket, owner: SocketOwner | undefined) => boolean
  /** The terminal whose programs have this session. */
  terminalOf: (session: number) => string | undefined
  /** The template's: meant for people, whoever chose it. */
  appPort: number
  /** Other ports from this one on were chosen by the system. */
  firstEphemeral: () => Promise<number>
  onChange: (ports: Port[]) => void
}

/** Looks which ports listen, as long as somebody wants to know. */
export class PortWatch {
  readonly #options: PortWatchOptions
  /** By inode; undefined when it is not the sandbox's. */
  #known = new Map<string, Port | undefined>()
  #ports: Port[] = []
  #looking: Promise<Port[]> | undefined
  #watching = false
  #cancelNext: (() => void) | undefined
  #hinted = false

  constructor(options: PortWatchOptions) {
    this.#options = options
  }

  /** What listens now. */
  now(): Promise<Port[]> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  start(): void {
    if (this.#watching) return
    this.#watching = true
    this.#next(POLL_MS)
  }

  stop(): void {
    this.#watching = false
    this.#cancelNext?.()
  }

  /** Something may listen now, or not any more. */
  hint(): void {
    if (!this.#watching || this.#hinted) return
    this.#hinted = true
    this.#cancelNext?.()
    this.#next(HINT_MS)
  }

  #next(ms: number): void {
    this.#cancelNext = this.#options.clock.after(ms, () => {
      this.#hinted = false
      void this.now().finally(() => {
        if (this.#watching && !this.#hinted) this.#next(POLL_MS)
      })
    })
  }

  async #look(): Promise<Port[]> {
    const { sockets, owners, isOurs, onChange } = this.#options
    const all = await sockets()
    const unknown = all.filter(({ inode }) => !this.#known.has(inode))
    if (unknown.length > 0) {
      const found = await owners(new Set(unknown.map(({ inode }) => inode)))
      const ephemeral = await this.#options.firstEphemeral()
      for (const socket of unknown) {
        const owner = found.get(socket.inode)
        this.#known.set(socket.inode, isOurs(socket, owner) ? this.#portOf(socket, owner, ephemeral) : undefined)
      }
    }
    const listening = new Set(all.map(({ inode }) => inode))
    this.#known = new Map([...this.#known].filter(([inode]) => listening.has(inode)))
    const ports = new Map<number, Port>()
    for (const { inode } of all) {
      const port = this.#known.get(inode)
      if (port) ports.set(port.port, { ...port, ...ports.get(port.port) })
    }
    const now = [...ports.values()]
    if (JSON.stringify(now) !== JSON.stringify(this.#ports)) {
      this.#ports = now
      onChange(now)
    }
    return now
  }

  #portOf({ port }: ListeningSocket, owner: SocketOwner | undefined, firstEphemeral: number): Port {
    const program = owner && programName(owner.words)
    const terminal = owner && this.#options.terminalOf(owner.session)
    return {
      port,
      ...(program === undefined ? {} : { program: program.slice(0, 80) }),
      ...(terminal === undefined ? {} : { terminal }),
      ...(port >= firstEphemeral && port !== this.#options.appPort ? { ephemeral: true } : {}),
    }
  }
}
