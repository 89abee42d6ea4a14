import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContainerRequest, ContainerStatus } from '../../src/core/container.ts'
import { OmegaError } from '../../src/core/errors.ts'
import type { FleetStore } from '../../src/core/fleet-store.ts'
import type { Host } from '../../src/core/host.ts'
import { EmbeddedFleetStore } from '../../src/drivers/embedded-fleet-store.ts'
import { createLog } from '../../src/drivers/log.ts'
import type { Managers } from '../../src/drivers/manager-client.ts'
import { Lifecycle } from '../../src/roles/master/lifecycle.ts'
import { Moves } from '../../src/roles/master/moves.ts'
import { usualPace } from '../../src/roles/master/pace.ts'
import { OWNER, PublishedNames } from '../../src/roles/master/published-names.ts'
import { Reconciler } from '../../src/roles/master/reconciler.ts'
import { States } from '../../src/roles/master/states.ts'
import { Stories } from '../../src/roles/master/stories.ts'

/** A host as its manager sees it. */
export class FakeHost {
  readonly containers = new Map<string, ContainerStatus>()
  /** Whether anybody answers there. */
  answers = true
  /** What it was asked for, `what id`. */
  readonly asked: string[] = []
}

/** A master's inner parts on a clock of their own, with hosts and a zone in memory. */
export class ReconciledFleet {
  readonly hosts = new Map<string, FakeHost>()
  /** The zone: `name type` to address and owner. */
  readonly zone = new Map<string, { address: string; owner: string }>()
  readonly store: FleetStore
  readonly managers: Managers
  readonly lifecycle: Lifecycle
  readonly states: States
  readonly reconciler: Reconciler
  readonly moves: Moves
  /** Files on their way to another host are there then. */
  carried: Promise<void> = Promise.resolve()
  now = 1_700_000_000_000
  readonly #dir: string

  private constructor(dir: string, open: (clock: () => number) => FleetStore) {
    this.#dir = dir
    this.store = open(() => this.now)
    const { store } = this
    this.managers = this.#openManagers()
    const log = createLog('test', 'silent', 2)
    const names = this.#openNames()
    const stories = new Stories(store, log)
    this.states = new States({ store, managers: this.managers, stories })
    const parts = { store, managers: this.managers, states: this.states, stories, names, log, now: () => this.now }
    this.lifecycle = new Lifecycle({
      ...parts,
      templates: { get: async (name) => ({ name }) as never },
      secret: 'a secret for tests only',
      domain: 'omega.test',
      masterUrl: () => 'http://omega.test:8080',
      limits: {},
    })
    this.moves = new Moves({ ...parts, lifecycle: this.lifecycle })
    this.reconciler = this.another()
  }

  static async open(addresses: readonly string[]): Promise<ReconciledFleet> {
    const dir = await mkdtemp(join(tmpdir(), 'omega-reconciled-'))
    let clock = () => 0
    const store = await EmbeddedFleetStore.open(join(dir, 'fleet'), createLog('test', 'silent', 2), () => clock())
    const fleet = new ReconciledFleet(dir, (own) => {
      clock = own
      return store
    })
    for (const address of addresses) fleet.hosts.set(address, new FakeHost())
    await fleet.beat()
    return fleet
  }

  /** The reconciler of another master of the same fleet. */
  another(): Reconciler {
    const { store, managers, lifecycle, states } = this
    const log = createLog('test', 'silent', 2)
    const parts = {
      store,
      managers,
      lifecycle,
      states,
      stories: new Stories(store, log),
      names: this.#openNames(),
      pace: usualPace,
      log,
    }
    const moves = new Moves({ ...parts, now: () => this.now })
    return new Reconciler({ ...parts, moves, holder: `master-${Math.random()}`, now: () => this.now })
  }

  addHost(address: string): void {
    this.hosts.set(address, new FakeHost())
  }

  host(address: string): FakeHost {
    return this.hosts.get(address) as FakeHost
  }

  /** Every host that answers beats, and registers if it is not known. */
  async beat(): Promise<void> {
    for (const [address, { answers }] of this.hosts) {
      if (!answers || (await this.store.beat(address))) continue
      await this.store.register({ address, apiUrl: `http://${address}`, capacity: 9, runtime: 'docker', version: '1' })
    }
  }

  /** Time goes on in steps of five seconds, with beats and passes. */
  async pass(seconds: number): Promise<void> {
    for (let step = 0; step < seconds; step += 5) {
      this.now += 5_000
      await this.beat()
      await this.reconciler.pass()
    }
  }

  /** What FLUSHALL does, seen from outside. */
  async emptyStore(): Promise<void> {
    for (const { id } of await this.store.list()) await this.store.remove(id, true)
    for (const { address } of await this.store.listHosts()) await this.store.removeHost(address)
  }

  async stateOf(idOrName: string): Promise<string | undefined> {
    return (await this.store.find(idOrName))?.state
  }

  async story(id: string): Promise<string[]> {
    return (await this.store.events(id)).map(({ event, data }) => (data.cause ? `${event} (${data.cause})` : event))
  }

  async close(): Promise<void> {
    await this.store.close()
    await rm(this.#dir, { recursive: true, force: true })
  }

  #openNames(): PublishedNames {
    const { zone } = this
    return new PublishedNames(
      {
        put: async (_zone, name, type, { records, owner }) =>
          void zone.set(`${name} ${type}`, { address: records[0] ?? '', owner: owner ?? '' }),
        delete: async (_zone, name, type) => void zone.delete(`${name} ${type}`),
        list: async () => ({
          rrsets: [...zone].map(([key, { address, owner }]) => {
            const [name = '', type = 'A'] = key.split(' ')
            return { name, type, ttl: 5, records: [address], owner } as never
          }),
        }),
      },
      'omega.test',
      5,
      usualPace.suspectMs,
    )
  }

  #openManagers(): Managers {
    let nextPort = 20_000
    const at = (host: Host, what: string, id: string) => {
      const fake = this.host(host.address)
      if (!fake.answers) throw new OmegaError('UNREACHABLE', `${host.address} cannot be reached.`)
      fake.asked.push(`${what} ${id}`)
      return fake
    }
    const need = (host: Host, what: string, id: string) => {
      const container = at(host, what, id).containers.get(id)
      if (container) return container
      throw new OmegaError('SANDBOX_NOT_FOUND', `There is no container for ${id}.`)
    }
    const make = (fake: FakeHost, { sandboxId, subdomain, name, template, expiresAt = 0 }: ContainerRequest) => {
      const known = fake.containers.get(sandboxId)
      if (known) return Object.assign(known, { hasToken: true, expiresAt })
      const born = { createdAt: this.now, expiresAt, hasToken: true, port: nextPort++ }
      const container: ContainerStatus = { sandboxId, subdomain, name, template, state: 'running', ...born }
      fake.containers.set(sandboxId, container)
      return container
    }
    const refuse = () => Promise.reject(new OmegaError('NOT_FOUND', 'There are no snapshots here.'))
    return {
      ensure: async (host, request) => make(at(host, 'ensure', request.sandboxId), request),
      fork: async (host, id, request) => make(at(host, 'fork', id), request),
      start: async (host, id) => Object.assign(need(host, 'start', id), { state: 'running' as const }),
      stop: async (host, id) => Object.assign(need(host, 'stop', id), { state: 'stopped' as const }),
      rename: async (host, id, name) => Object.assign(need(host, 'rename', id), { name }),
      snapshots: async () => [],
      takeSnapshot: refuse,
      removeSnapshot: refuse,
      restore: refuse,
      leave: async (host, id) => void Object.assign(need(host, 'leave', id), { leaving: true }),
      carry: async (from, to, id) => {
        at(from, 'carry', id)
        at(to, 'receive', id)
        await this.carried
      },
      arrive: async (host, request) => make(at(host, 'arrive', request.sandboxId), request),
      stay: async (host, id) => {
        const { leaving: _, ...container } = need(host, 'stay', id)
        const here: ContainerStatus = { ...container, state: 'running' }
        this.host(host.address).containers.set(id, here)
        return here
      },
      remove: async (host, id) => void at(host, 'remove', id).containers.delete(id),
      list: async (host) => [...at(host, 'list', '').containers.values()].map((container) => ({ ...container })),
    }
  }
}

export { OWNER }
