import type {
  ContainerEngine,
  ContainerMark,
  ContainerState,
  ContainerStatus,
  EngineContainer,
} from '../../core/container.ts'
import type { StateChange } from '../../core/wire/manager.ts'
import type { Logger } from '../../drivers/log.ts'
import type { PortRange } from '../../drivers/port-range.ts'
import type { SandboxSecrets } from '../../drivers/sandbox-secrets.ts'
import type { Door, DoorOwner } from './door.ts'
import type { ClaimedWorker } from './worker-client.ts'

/** A container that is a sandbox's. */
export type Owned = EngineContainer & { mark: ContainerMark }

export interface InventoryOptions {
  engine: ContainerEngine
  secrets: SandboxSecrets
  ports: PortRange
  log: Logger
  /** Told of every change of a sandbox's state, whoever made it. */
  onChange: (change: StateChange) => void
  now: () => number
}

/**
 * What there is on this host, as of the last look. The engine holds the truth; this is a view of it for counting and for
 * the door, and what we changed while the engine was being asked counts more than what it saw.
 */
export class Inventory {
  readonly #options: InventoryOptions
  readonly #door: Door
  #known = new Map<string, Owned>()
  #byPort = new Map<number, string>()
  /** What changed while the engine was being asked for its list, one for each such question. */
  readonly #changes = new Set<Map<string, Owned | undefined>>()

  constructor(options: InventoryOptions, door: Door) {
    this.#options = options
    this.#door = door
  }

  get(sandboxId: string): Owned | undefined {
    return this.#known.get(sandboxId)
  }

  ids(): string[] {
    return [...this.#known.keys()]
  }

  all(): Owned[] {
    return [...this.#known.values()]
  }

  count(): Record<ContainerState, number> {
    const count = { starting: 0, running: 0, asleep: 0, stopped: 0 }
    for (const container of this.#known.values()) count[this.statusOf(container).state]++
    return count
  }

  /** The container as it is from now on; undefined for gone. */
  note(sandboxId: string, container: Owned | undefined): void {
    const former = this.#known.get(sandboxId)
    if (former && !container) {
      this.#byPort.delete(former.mark.port)
      this.#options.ports.release(former.mark.port)
    }
    if (container) {
      this.#known.set(sandboxId, container)
      this.#byPort.set(container.mark.port, sandboxId)
    } else this.#known.delete(sandboxId)
    for (const changes of this.#changes) changes.set(sandboxId, container)
  }

  /** The same, and the master is told. */
  change(container: Owned, cause: string): Owned {
    this.note(container.mark.sandboxId, container)
    this.#report(container, cause)
    return container
  }

  #report({ mark: { sandboxId }, state }: Owned, cause: string): void {
    const { onChange, now } = this.#options
    if (state !== 'starting') onChange({ sandboxId, state, cause, at: now() })
  }

  /** Looks at what the engine has, and gives all of it. `isBusy`: whether a sandbox is being changed by us. */
  async refresh(isBusy: (sandboxId: string) => boolean): Promise<EngineContainer[]> {
    const { engine, onChange, now } = this.#options
    const changes = new Map<string, Owned | undefined>()
    this.#changes.add(changes)
    try {
      const all = await engine.list()
      const known = new Map<string, Owned>()
      // One whose place another was to take is the sandbox's still if that one did not come.
      const isLast = ({ mark }: EngineContainer) => mark?.replaced ?? false
      for (const each of [...all.filter(isLast), ...all.filter((each) => !isLast(each))]) {
        if (!each.mark) continue
        const { replaced: _, ...mark } = each.mark
        known.set(mark.sandboxId, { ...each, mark })
      }
      for (const [id, container] of changes) {
        if (container) known.set(id, container)
        else known.delete(id)
      }
      const former = this.#known
      this.#known = known
      this.#byPort = new Map([...known].map(([id, { mark }]) => [mark.port, id]))
      for (const [id, { mark }] of former) {
        if (known.has(id)) continue
        await this.#door.shut(mark.port)
        this.#options.ports.release(mark.port)
        onChange({ sandboxId: id, state: 'gone', cause: 'found', at: now() })
      }
      for (const [id, container] of known) {
        await this.#openDoor(container)
        const before = former.get(id)?.state
        // Whoever froze it: what hangs on to a connection would wait for ever, and a new one wakes it.
        if (container.state === 'asleep' && before !== 'asleep' && !isBusy(id)) this.#door.cut(container.mark.port)
        const isNews = before !== undefined && before !== container.state && container.state !== 'stopped'
        if (isNews && !changes.has(id) && !isBusy(id)) this.#report(container, 'found')
      }
      return all
    } finally {
      this.#changes.delete(changes)
    }
  }

  async #openDoor({ key, mark: { sandboxId, port } }: Owned): Promise<void> {
    const isHere = () => this.#known.get(sandboxId)?.key === key
    if (!isHere()) return
    this.#options.ports.hold(port)
    if (!(await this.#door.open(port))) {
      this.#options.log.error({ port, sandboxId }, 'the port of a sandbox is in use by another program')
    }
    // Removed meanwhile.
    if (!isHere()) await this.#door.shut(port)
  }

  /** What the door must know of the sandbox that has this port. */
  ownerOf(port: number): DoorOwner | undefined {
    const container = this.#known.get(this.#byPort.get(port) ?? '')
    if (!container || container.mark.port !== port) return undefined
    const { mark, domain, state, at } = container
    const { sandboxId, subdomain } = mark
    return { sandboxId, subdomain, domain, port, state, at, secret: this.#options.secrets.get(sandboxId) }
  }

  /** How a worker is talked to; undefined without its token or its place. */
  workerOf({ mark, domain, at }: Owned): ClaimedWorker | undefined {
    const secret = this.#options.secrets.get(mark.sandboxId)
    return secret && at && { ...at, host: `${mark.subdomain}.${domain}:${mark.port}`, token: secret.token }
  }

  statusOf({ mark, template, state, createdAt }: Owned): ContainerStatus {
    const { sandboxId, subdomain, name, port, expiresAt, leaving } = mark
    const hasToken = this.#options.secrets.get(sandboxId) !== undefined
    // One that is to run and does not yet: it ended, and is being started again.
    const shown: ContainerState = state === 'stopped' && !mark.stopped && !leaving ? 'starting' : state
    const status = { sandboxId, subdomain, name, template, state: shown, port, createdAt, expiresAt, hasToken }
    return leaving ? { ...status, leaving } : status
  }
}
