import type { ContainerStatus } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { Host } from '../../core/host.ts'
import { isLiving, type LivingState, type Sandbox } from '../../core/sandbox.ts'
import type { StateChange } from '../../core/wire/manager.ts'
import type { Managers } from '../../drivers/manager-client.ts'
import type { Stories } from './stories.ts'

export interface StatesParts {
  store: FleetStore
  managers: Managers
  stories: Stories
}

/** What a host says of a sandbox. */
export type HostNews = StateChange & { state: LivingState | 'gone' }

/** What the story of a sandbox says when it comes from one living state to another. */
export function eventOf(was: LivingState, state: LivingState): string {
  if (state !== 'running') return state
  return was === 'asleep' ? 'awake' : 'started'
}

/** Running, asleep, stopped: how a sandbox gets from one to another. Every step may be repeated. */
export class States {
  readonly #parts: StatesParts

  constructor(parts: StatesParts) {
    this.#parts = parts
  }

  /** Wakes it or starts it; gives it as it is then, answering. */
  async start(sandbox: Sandbox, cause: string): Promise<Sandbox> {
    const host = await this.hostOf(sandbox)
    return this.#became(sandbox, 'running', await this.#parts.managers.start(host, sandbox.id), cause)
  }

  /** Ends its processes and keeps its files. */
  async stop(sandbox: Sandbox, cause: string): Promise<Sandbox> {
    const host = await this.hostOf(sandbox)
    return this.#became(sandbox, 'stopped', await this.#parts.managers.stop(host, sandbox.id), cause)
  }

  /** Puts its files back to those of a snapshot; gives it as it is then, running. */
  async restore(sandbox: Sandbox, snapshot: string): Promise<Sandbox> {
    const host = await this.hostOf(sandbox)
    const container = await this.#parts.managers.restore(host, sandbox.id, snapshot)
    await this.#parts.stories.note(sandbox.id, 'restored', { snapshot })
    return this.#became(sandbox, 'running', container, 'restored')
  }

  /** Keeps what became of it and why; undefined if it is not there, or half made or half deleted. A repeat does nothing. */
  async mark(id: string, state: LivingState, cause: string): Promise<Sandbox | undefined> {
    const marked = await this.#parts.store.mark(id, state)
    if (marked && marked.was !== state) {
      await this.#parts.stories.note(id, eventOf(marked.was, state), { cause })
    }
    return marked?.sandbox
  }

  /**
   * What a host says of a sandbox. One that is gone is only written down: whether it is lost, the reconciler finds out
   * from the host's list.
   */
  async told(host: string, { sandboxId, state, cause }: HostNews): Promise<void> {
    const { store, stories } = this.#parts
    const sandbox = await store.find(sandboxId)
    if (sandbox?.id !== sandboxId || sandbox.host !== host || !isLiving(sandbox.state)) return
    if (state === 'gone') await stories.note(sandboxId, 'gone', { host, cause })
    else await this.mark(sandboxId, state, cause)
  }

  /** The host of a sandbox that is there. Rejects with NOT_READY for one that is half made or half deleted. */
  async hostOf(sandbox: Sandbox): Promise<Host> {
    if (!isLiving(sandbox.state)) {
      throw new OmegaError('NOT_READY', `The sandbox is ${sandbox.state}, not running. Try again in a moment.`)
    }
    const host = await this.#parts.store.findHost(sandbox.host)
    if (host) return host
    throw new OmegaError(
      'HOST_NOT_FOUND',
      `The sandbox is on ${sandbox.host}, which is not in the fleet now. Start its manager; it joins by itself.`,
    )
  }

  async #became(sandbox: Sandbox, state: LivingState, container: ContainerStatus, cause: string): Promise<Sandbox> {
    const { store } = this.#parts
    if (container.port !== sandbox.port) await store.confirm(sandbox.id, container.port)
    const marked = await this.mark(sandbox.id, state, cause)
    if (marked) return marked
    throw new OmegaError('CONFLICT', 'The sandbox was deleted meanwhile. `omega sandbox list` shows those there are.')
  }
}
