import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { Host } from '../../core/host.ts'
import { quote } from '../../core/names.ts'
import type { Sandbox } from '../../core/sandbox.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Managers } from '../../drivers/manager-client.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { States } from './states.ts'
import type { Stories } from './stories.ts'

export interface MovesParts {
  store: FleetStore
  managers: Managers
  lifecycle: Lifecycle
  states: States
  stories: Stories
  names: { publish(sandbox: Sandbox): Promise<void> } | undefined
  log: Logger
  now: () => number
}

const LEASE_MS = 60_000
/** How often, and how many times, it is looked for what became of a step that was not answered. */
const LOOK_EVERY_MS = 500
const LOOKS = 20
/** Whether it had its effect could not be found out. */
class OutcomeUnknown extends Error {}

const leaseOf = (id: string) => `move/${id}`

/**
 * Sandboxes from one host to another: name, address and token stay, and the port if it is free there. Its processes end
 * and begin again. Until the store says that it lives on the other host, it can stay where it was, and does when anything
 * fails; from then on the old host only has what is to be removed. A lease per sandbox says that somebody moves it.
 */
export class Moves {
  readonly #parts: MovesParts

  constructor(parts: MovesParts) {
    this.#parts = parts
  }

  /** To this host, or the one with the fewest sandboxes. Gives it as it is then. */
  async move(idOrName: string, wanted?: string): Promise<Sandbox> {
    const { lifecycle, states } = this.#parts
    const sandbox = await lifecycle.find(idOrName)
    const from = await states.hostOf(sandbox)
    const moved = await this.#alone(sandbox.id, async () => ({
      sandbox: await this.#move(sandbox, from, await this.#reserve(sandbox, from, wanted)),
    }))
    if (moved) return moved.sandbox
    throw new OmegaError('CONFLICT', `${quote(sandbox.name)} is being moved already.`)
  }

  /** Undefined when somebody else moves the sandbox, of this master or another. */
  async #alone<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    const { store } = this.#parts
    const holder = randomUUID()
    const take = () => store.lease(leaseOf(id), holder, LEASE_MS)
    if (!(await take())) return undefined
    const renewing = setInterval(() => void take().catch(() => undefined), LEASE_MS / 3)
    try {
      return await work()
    } finally {
      clearInterval(renewing)
      await store.endLease(leaseOf(id), holder).catch(() => false)
    }
  }

  /** Slots that are held for moves whose master was ended are given back. */
  async endStale(): Promise<void> {
    const { store, log } = this.#parts
    for (const [id, to] of await store.moves()) {
      await this.#alone(id, async () => {
        if (await store.endMove(id)) log.warn({ sandbox: id, host: to }, 'a move was cut off; its slot is free again')
      })
    }
  }

  /** One whose master was ended in the middle of a move: it stays where it is. Does nothing while somebody moves it. */
  async stay(sandbox: Sandbox, host: Host): Promise<void> {
    const { store, managers, log } = this.#parts
    await this.#alone(sandbox.id, async () => {
      const current = await store.find(sandbox.id)
      if (current?.id !== sandbox.id || current.host !== host.address) return
      log.warn({ sandbox: sandbox.id, host: host.address }, 'its move was cut off; it stays where it is')
      // First: who was only paused in the middle of it cannot end it then.
      await store.endMove(sandbox.id)
      await managers.stay(host, sandbox.id)
    })
  }

  /** A slot of the wanted host, or of the one with the fewest sandboxes, is the sandbox's from now on. */
  async #reserve(sandbox: Sandbox, from: Host, wanted: string | undefined): Promise<Host> {
    const { store } = this.#parts
    const hosts = await store.listHosts()
    if (wanted === from.address) throw new OmegaError('CONFLICT', `The sandbox is on ${wanted} already.`)
    const others = hosts.filter(
      ({ address }) => address !== from.address && (wanted === undefined || address === wanted),
    )
    if (wanted !== undefined && others.length === 0) {
      throw new OmegaError(
        'HOST_NOT_FOUND',
        `There is no host ${quote(wanted)}. \`omega host list\` shows those there are.`,
      )
    }
    const fit = others
      .filter(({ state, containers, capacity }) => state === 'ready' && containers < capacity)
      .sort((a, b) => a.containers - b.containers)
    for (const host of fit) {
      const outcome = await store.reserveMove(sandbox.id, host.address)
      if (outcome === 'reserved') return host
      if (outcome === 'elsewhere') throw new OmegaError('CONFLICT', 'The sandbox was deleted or moved meanwhile.')
    }
    const found = others.map(
      ({ address, state, containers, capacity }) => `${address} ${containers}/${capacity} ${state}`,
    )
    const there = found.length === 0 ? 'there is no other host' : found.join(', ')
    throw new OmegaError(
      'NO_CAPACITY',
      `no capacity: no other host may take the sandbox (${there}). Add a host, or delete a sandbox.`,
    )
  }

  /** It lives there from now on. An answer that did not come is looked for: what was done is not undone. */
  async #rehost({ id, host, port }: Sandbox, from: string): Promise<void> {
    const { store } = this.#parts
    const outcome = await store.rehost(id, from, host, port).catch(async (error: unknown) => {
      for (let look = 0; look < LOOKS; look++) {
        await sleep(LOOK_EVERY_MS)
        const found = await store.find(id).catch(() => null)
        if (found === null) continue
        if (found?.host === host) return 'moved'
        throw error
      }
      throw new OutcomeUnknown('', { cause: error })
    })
    if (outcome === 'notHeld') throw new OmegaError('CONFLICT', 'The move took too long, and was given up.')
    if (outcome === 'elsewhere') throw new OmegaError('CONFLICT', 'The sandbox was deleted or moved meanwhile.')
  }

  async #move(sandbox: Sandbox, from: Host, to: Host): Promise<Sandbox> {
    const { store, managers, lifecycle, states, stories, names, log, now } = this.#parts
    const { id } = sandbox
    const began = now()
    const phases: Record<string, number> = {}
    const time = async <T>(phase: string, work: Promise<T>): Promise<T> => {
      const at = now()
      try {
        return await work
      } finally {
        phases[phase] = now() - at
      }
    }
    await stories.note(id, 'moving', { from: from.address, to: to.address })
    let moved: Sandbox
    try {
      await time('leave', managers.leave(from, id))
      await time('carry', managers.carry(from, to, id))
      const request = lifecycle.requestOf(sandbox)
      const { port } = await time('arrive', managers.arrive(to, request, sandbox.port))
      moved = { ...sandbox, host: to.address, port }
      await this.#rehost(moved, from.address)
    } catch (error) {
      // Nobody knows where it lives: both copies stay until the reconciler does.
      if (error instanceof OutcomeUnknown) throw error.cause
      const reason = error instanceof Error ? error.message : String(error)
      log.warn({ sandbox: id, from: from.address, to: to.address, reason }, 'move: it stays where it is')
      await stories.note(id, 'stayed', { host: from.address, reason })
      // What cannot be undone now, the reconciler does later.
      await managers.remove(to, id).catch(() => undefined)
      await managers.stay(from, id).catch(() => undefined)
      await store.endMove(id).catch(() => false)
      throw error
    }
    await time('publish', names?.publish(moved) ?? Promise.resolve()).catch((error) => {
      log.warn({ sandbox: id, err: error }, 'move: its name is published later')
    })
    await states.mark(id, 'running', 'moved')
    await stories.note(id, 'moved', {
      from: from.address,
      to: to.address,
      port: moved.port,
      ms: now() - began,
      ...phases,
    })
    await managers.remove(from, id).catch((error) => {
      log.warn({ sandbox: id, host: from.address, err: error }, 'move: what is left there goes later')
    })
    if (sandbox.state === 'stopped') return states.stop(moved, 'as before its move')
    return lifecycle.find(id)
  }
}
