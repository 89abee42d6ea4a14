import type { ContainerStatus } from '../../core/container.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { Host } from '../../core/host.ts'
import { defaultName } from '../../core/names.ts'
import { isLiving, type Sandbox } from '../../core/sandbox.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Managers } from '../../drivers/manager-client.ts'
import { atOnce } from './at-once.ts'
import type { Inventory } from './inventory.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Moves } from './moves.ts'
import type { Pace } from './pace.ts'
import type { States } from './states.ts'
import type { Stories } from './stories.ts'
import { Suspicions } from './suspicions.ts'

/** So many containers are looked at and put right at once. */
const AT_ONCE = 20

export interface AgreementParts {
  store: FleetStore
  managers: Managers
  lifecycle: Lifecycle
  states: States
  moves: Pick<Moves, 'stay' | 'endStale'>
  stories: Stories
  pace: Pace
  log: Logger
  now: () => number
}

/** Whose turn it is: rejects when it is not this master's any more. */
export type CheckTurn = () => Promise<void>

/**
 * Makes store and hosts agree. The containers are the truth and the store an index of them: what is found is adopted,
 * what is told wrong is put right; only what was deleted, or lives elsewhere, is removed from a host.
 */
export class Agreement {
  readonly #parts: AgreementParts
  readonly #missing: Suspicions
  readonly #orphans: Suspicions
  readonly #toldAt = new Map<string, number>()

  constructor(parts: AgreementParts) {
    this.#parts = parts
    this.#missing = new Suspicions(parts.pace.suspectMs)
    this.#orphans = new Suspicions(parts.pace.suspectMs)
  }

  /** `sandboxes` were read before the hosts were asked: what is newer is not in the inventory, and not missing. */
  async reach(sandboxes: readonly Sandbox[], inventory: Inventory, checkTurn: CheckTurn): Promise<void> {
    const known = new Map(sandboxes.map((sandbox) => [sandbox.id, sandbox]))
    await this.#forgetLost(sandboxes, inventory, checkTurn)
    const strangers: Stranger[] = []
    const residents: (Stranger & { sandbox: Sandbox })[] = []
    for (const host of inventory.hosts) {
      for (const container of inventory.found.get(host.address)?.values() ?? []) {
        const sandbox = known.get(container.sandboxId)
        if (sandbox?.host !== host.address) strangers.push({ host, container })
        else if (isLiving(sandbox.state)) residents.push({ host, container, sandbox })
      }
    }
    await atOnce(AT_ONCE, residents, ({ sandbox, host, container }) => this.#correct(sandbox, host, container))
    await this.#removeOrphans(await this.#adopt(strangers), inventory, checkTurn)
  }

  /** Forgets sandboxes whose host, asked twice with time in between, did not have them. */
  async #forgetLost(sandboxes: readonly Sandbox[], { found }: Inventory, checkTurn: CheckTurn): Promise<void> {
    const { store, lifecycle, log, now } = this.#parts
    const living = new Map(sandboxes.filter(({ state }) => isLiving(state)).map((sandbox) => [sandbox.id, sandbox]))
    const missing = [...living.values()].filter(({ id, host }) => found.get(host)?.has(id) === false)
    const ids = missing.map(({ id }) => id)
    const isUnseen = (host: string | undefined) => host !== undefined && !found.has(host)
    const lost = this.#missing.look(ids, now(), (id) => isUnseen(living.get(id)?.host))
    for (const id of lost) {
      const sandbox = await store.find(id)
      if (sandbox?.id !== id || !isLiving(sandbox.state) || sandbox.host !== living.get(id)?.host) continue
      await checkTurn()
      log.warn({ sandbox: id, host: sandbox.host }, 'reconciler: its host has no container of it; the sandbox is lost')
      await lifecycle.forget(sandbox)
    }
  }

  /**
   * Takes sandboxes in that the store does not know: it was emptied. Gives the containers of those that it does know,
   * as deleted or as another host's.
   */
  async #adopt(strangers: readonly Stranger[]): Promise<Stranger[]> {
    const orphans: Stranger[] = []
    // Of two hosts that have the same sandbox the one that was tried last made it.
    const newestFirst = [...strangers].sort((a, b) => b.container.createdAt - a.container.createdAt)
    for (const stranger of newestFirst) {
      const outcome = await this.#adoptOne(stranger)
      if (outcome === 'deleted') orphans.push(stranger)
      if (outcome !== 'known') continue
      const sandbox = await this.#parts.store.find(stranger.container.sandboxId)
      if (sandbox && isLiving(sandbox.state) && sandbox.host !== stranger.host.address) orphans.push(stranger)
    }
    return orphans
  }

  async #adoptOne({ host, container }: Stranger): Promise<string> {
    const { store, stories, log } = this.#parts
    const { sandboxId: id, subdomain, name, template, state, port, createdAt, expiresAt } = container
    // It is being made: when it has come to be, it is found again.
    if (port === 0) return 'unmade'
    const times = { createdAt, updatedAt: createdAt, expiresAt }
    const found: Sandbox = {
      ...{ id, name, subdomain, template, host: host.address, port, ...times },
      state: state === 'starting' ? 'running' : state,
    }
    for (const chosen of [name, defaultName(template, subdomain), subdomain]) {
      const outcome = await store.adopt({ ...found, name: chosen })
      // Somebody else took the name meanwhile; the sandbox is worth more than what it is called.
      if (outcome === 'conflict') continue
      if (outcome === 'adopted') {
        log.info({ sandbox: id, host: host.address, name: chosen }, 'reconciler: found on its host, adopted')
        await stories.note(id, 'adopted', { host: host.address, cause: 'found on its host' })
      }
      return outcome
    }
    log.error({ sandbox: id, host: host.address }, 'reconciler: cannot be adopted, its names are taken')
    return 'conflict'
  }

  /** Removes containers of sandboxes that were deleted or live elsewhere, seen so twice with time in between. */
  async #removeOrphans(orphans: readonly Stranger[], { hosts, found }: Inventory, checkTurn: CheckTurn): Promise<void> {
    const { store, managers, log, now } = this.#parts
    const byKey = new Map(orphans.map((orphan) => [`${orphan.host.address} ${orphan.container.sandboxId}`, orphan]))
    const unseen = new Set(hosts.map(({ address }) => address).filter((address) => !found.has(address)))
    const isUnseen = (key: string) => unseen.has(key.split(' ')[0] ?? '')
    const confirmed = this.#orphans.look([...byKey.keys()], now(), isUnseen)
    for (const key of confirmed) {
      const { host, container } = byKey.get(key) as Stranger
      const id = container.sandboxId
      const sandbox = await store.find(id)
      const isElsewhere = sandbox?.id === id && isLiving(sandbox.state) && sandbox.host !== host.address
      if (!isElsewhere && (await store.deletedAmong([id])).length === 0) continue
      await checkTurn()
      const why = isElsewhere ? `lives on ${sandbox.host}` : 'was deleted'
      log.info({ sandbox: id, host: host.address, why }, 'reconciler: removes a container that is nobody’s')
      await managers.remove(host, id).catch((error) => log.warn({ sandbox: id, err: error }, 'removed later'))
    }
  }

  /** State and port as its host has them; name, end and token as the store has them. */
  async #correct(sandbox: Sandbox, host: Host, container: ContainerStatus): Promise<void> {
    const { store, states, managers, lifecycle, moves, log } = this.#parts
    const { state, port, name, expiresAt, hasToken, leaving } = container
    if (leaving) return moves.stay(sandbox, host)
    const isWrong = (state !== 'starting' && state !== sandbox.state) || (port !== 0 && port !== sandbox.port)
    // What was changed since it was read is newer than what the host said.
    if (isWrong && (await store.find(sandbox.id))?.updatedAt === sandbox.updatedAt) {
      if (port !== 0 && port !== sandbox.port) await store.confirm(sandbox.id, port)
      if (state !== 'starting') await states.mark(sandbox.id, state, 'found so on its host')
    }
    const isOld = name !== sandbox.name || expiresAt !== sandbox.expiresAt
    if ((!isOld && hasToken) || !this.#mayTell(sandbox.id)) return
    const current = await store.find(sandbox.id)
    if (current?.id !== sandbox.id || !isLiving(current.state)) return
    try {
      if (name !== current.name) await managers.rename(host, current.id, current.name)
      if (expiresAt !== current.expiresAt || !hasToken) await managers.ensure(host, lifecycle.requestOf(current))
    } catch (error) {
      log.warn({ sandbox: sandbox.id, host: host.address, err: error }, 'reconciler: its host is told again later')
    }
  }

  #mayTell(id: string): boolean {
    const { now: clock, pace } = this.#parts
    const now = clock()
    for (const [told, at] of this.#toldAt) if (now - at >= pace.tellAgainMs) this.#toldAt.delete(told)
    if (this.#toldAt.has(id)) return false
    this.#toldAt.set(id, now)
    return true
  }
}

/** A container the store does not have on this host. */
interface Stranger {
  host: Host
  container: ContainerStatus
}
