import type { FleetStore } from '../../core/fleet-store.ts'
import { isAway } from '../../core/host.ts'
import { isLiving, type Sandbox } from '../../core/sandbox.ts'
import type { Logger } from '../../drivers/log.ts'
import { type Repeating, repeat } from '../../drivers/repeating.ts'
import { Agreement, type AgreementParts, type CheckTurn } from './agreement.ts'
import { atOnce } from './at-once.ts'
import { type Inventory, takeInventory } from './inventory.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { PublishedNames } from './published-names.ts'

/** So many sandboxes are ended at once. */
const AT_ONCE = 20
const LEASE = 'reconciler'

export interface ReconcilerParts extends AgreementParts {
  store: FleetStore
  lifecycle: Lifecycle
  names: PublishedNames | undefined
  /** This master among others. */
  holder: string
  log: Logger
  now: () => number
}

/** It is another master's turn. */
class TurnLost extends Error {}

/**
 * Makes store, hosts and names agree again after any crash, and after the store was emptied. Of several masters one does
 * it at a time, under a lease; what it remembers of earlier passes ends with its turn. All of it may be repeated.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #startedAt: number
  #passes: Repeating | undefined
  #turn: Turn | undefined

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
    this.#startedAt = parts.now()
  }

  start(): void {
    const { pace, log } = this.#parts
    this.#passes = repeat(
      pace.everyMs,
      () => this.pass(),
      (err) => log.warn({ err }, 'reconciler: pass failed, tried again soon'),
    )
  }

  async stop(): Promise<void> {
    await this.#passes?.stop()
    await this.#parts.store.endLease(LEASE, this.#parts.holder).catch(() => false)
  }

  /** One round. */
  async pass(): Promise<void> {
    const { store, lifecycle, holder, log, pace } = this.#parts
    // What this master began and could not end is nobody else's business.
    await lifecycle.finishAbandoned()
    const lease = await store.lease(LEASE, holder, pace.leaseMs)
    if (lease?.fence !== this.#turn?.fence) this.#turn = lease && new Turn(lease.fence, this.#parts)
    const turn = this.#turn
    if (!turn) return
    const checkTurn = async () => {
      const now = await store.lease(LEASE, holder, pace.leaseMs)
      if (now?.fence !== turn.fence) throw new TurnLost()
    }
    try {
      await this.#work(turn, checkTurn)
    } catch (error) {
      if (!(error instanceof TurnLost)) throw error
      log.info('reconciler: another master took over')
      this.#turn = undefined
    }
  }

  async #work(turn: Turn, checkTurn: CheckTurn): Promise<void> {
    const { store, managers, moves, names, log, now, pace } = this.#parts
    // A master that was away has heard nobody: it gives every host the time to be heard before it calls one silent.
    if (now() - this.#startedAt > pace.silentAfterMs) {
      for (const host of await store.markSilent(pace.silentAfterMs, pace.lostAfterMs)) {
        log.warn({ host }, 'host is not heard of: takes no new sandboxes until it is heard again')
      }
    }
    const sandboxes = await store.list()
    const hosts = await store.listHosts()
    const away = new Set(hosts.filter(({ state }) => isAway(state)).map(({ address }) => address))
    await atOnce(AT_ONCE, sandboxes, (sandbox) => this.#endOverdue(sandbox, away.has(sandbox.host), checkTurn))
    await moves.endStale()

    let inventory: Inventory | undefined
    if (turn.isInventoryDue(hosts.map(({ address }) => address))) {
      inventory = await takeInventory(hosts, managers, ({ address }, error) => {
        log.warn({ host: address, err: error }, 'reconciler: a host does not tell what it has; nothing is concluded')
      })
      turn.tookInventory(inventory)
      await turn.agreement.reach(sandboxes, inventory, checkTurn)
    }
    const living = (await store.list()).filter(({ state }) => isLiving(state))
    const stateOf = async (subdomain: string) => (await store.find(subdomain))?.state
    const changes = await names?.reconcile(living, stateOf, inventory && { ...inventory, now: now(), checkTurn })
    if (changes) log.info({ changes }, 'reconciler: zone and sandboxes agree again')
  }

  /** Ends what has taken too long, and what has reached its end. */
  async #endOverdue(sandbox: Sandbox, isHostAway: boolean, checkTurn: CheckTurn): Promise<void> {
    const { store, lifecycle, log, now, pace } = this.#parts
    const { id, state, expiresAt } = sandbox
    const forMs = now() - sandbox.updatedAt
    if (isLiving(state)) {
      if (expiresAt === 0 || expiresAt > now()) return
      await checkTurn()
      const current = await store.find(id)
      if (current?.id !== id || current.expiresAt !== expiresAt) return
      log.info({ sandbox: id }, 'reconciler: its time is over, deleted')
      await lifecycle.delete(id, 'ttl')
      return
    }
    if (forMs <= (state === 'placing' ? pace.placingDeadlineMs : pace.deletingGraceMs)) return
    await checkTurn()
    if (state === 'placing') await store.beginDelete(id)
    if (!isHostAway) {
      const gone = await lifecycle.finishDelete(sandbox)
      log.info({ sandbox: id, was: state, gone }, 'reconciler: takes apart what was left half done')
      if (gone) return
    }
    if (state === 'placing' || forMs <= pace.deletingDeadlineMs) return
    log.warn(
      { sandbox: id, host: sandbox.host },
      'reconciler: its host does not answer; its container goes when it does',
    )
    await lifecycle.release(sandbox)
  }
}

/** What one holder of the lease remembers between its passes. */
class Turn {
  readonly fence: number
  readonly agreement: Agreement
  readonly #parts: ReconcilerParts
  #inventoryAt = Number.NEGATIVE_INFINITY
  #asked = new Set<string>()

  constructor(fence: number, parts: ReconcilerParts) {
    this.fence = fence
    this.agreement = new Agreement(parts)
    this.#parts = parts
  }

  isInventoryDue(hosts: readonly string[]): boolean {
    const { now, pace } = this.#parts
    return now() - this.#inventoryAt >= pace.inventoryEveryMs || hosts.some((host) => !this.#asked.has(host))
  }

  tookInventory({ found }: Inventory): void {
    this.#inventoryAt = this.#parts.now()
    this.#asked = new Set(found.keys())
  }
}
