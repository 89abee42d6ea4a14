import { randomBytes } from 'node:crypto'
import type { ContainerRequest, ContainerStatus } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore, PlaceAnswer, PlaceLimits } from '../../core/fleet-store.ts'
import { checkGitSource } from '../../core/git-source.ts'
import type { Host } from '../../core/host.ts'
import { checkName, defaultName, newSandboxId, newSubdomain, quote } from '../../core/names.ts'
import { isLiving, type NewSandbox, type Sandbox } from '../../core/sandbox.ts'
import type { Template } from '../../core/template.ts'
import type { CreateProgress, CreateSandbox, ForkSandbox, UpdateSandbox } from '../../core/wire/http.ts'
import { KEPT_FOR_MS, type StateChange } from '../../core/wire/manager.ts'
import { derive } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'
import type { Managers } from '../../drivers/manager-client.ts'
import { Abandoned } from './abandoned.ts'
import { expiryOf } from './expiry.ts'
import type { PlacementQueue } from './placement-queue.ts'
import { nameTaken, noCapacity, noRoomBeside, quotaExceeded } from './refusals.ts'
import type { States } from './states.ts'
import type { Stories } from './stories.ts'

/** A create goes to at most this many hosts before it gives up. */
const MAX_ATTEMPTS = 3

export interface LifecycleParts {
  store: FleetStore
  managers: Managers
  states: States
  stories: Stories
  /** The sandboxes' names; undefined where the operator keeps the zone by other means. */
  names: { publish(sandbox: Sandbox): Promise<void>; withdraw(sandbox: Sandbox): Promise<void> } | undefined
  /** Rejects with UNKNOWN_TEMPLATE. */
  templates: { get(name: string): Promise<Template> }
  secret: string
  domain: string
  masterUrl: () => string
  /** How many sandboxes the fleet may have, if that is limited. */
  limits: Pick<PlaceLimits, 'maxSandboxes'>
  /** Where creates wait for a host that comes by itself; undefined where none does. */
  line?: PlacementQueue
  log: Logger
  now: () => number
}

type Report = (progress: CreateProgress) => void
type Tell = (step: CreateProgress['step'], message: string) => void

/** The spine: how a sandbox comes to be, and how it goes. Every step is keyed by the sandbox's id and may be repeated. */
export class Lifecycle {
  readonly #parts: LifecycleParts
  readonly #abandoned: Abandoned

  constructor(parts: LifecycleParts) {
    this.#parts = parts
    this.#abandoned = new Abandoned(parts)
  }

  /** Places, starts and publishes a sandbox; when it fails, nothing is left and the error says why. */
  async create(request: CreateSandbox, report: Report): Promise<Sandbox> {
    const began = this.#parts.now()
    const tell = (step: CreateProgress['step'], message: string) =>
      report({ step, message, ms: this.#parts.now() - began })
    const wanted = await this.#describe(request)
    const failures: string[] = []
    const exclude: string[] = []
    while (failures.length < MAX_ATTEMPTS) {
      const placed = await this.#place(wanted, exclude, tell)
      if (placed.outcome === 'nameTaken') throw nameTaken(wanted.name)
      if (placed.outcome === 'quota') throw quotaExceeded(placed.sandboxes, this.#parts.limits.maxSandboxes)
      if (placed.outcome === 'full') break
      const { host } = placed
      const attemptBegan = this.#parts.now()
      tell('placed', `placed on ${host.address}`)
      try {
        const git = request.git ? { git: request.git } : {}
        const make = (asked: ContainerRequest) => this.#parts.managers.ensure(host, { ...asked, ...git })
        const sandbox = await this.#bringUp(placed.sandbox, host, request.env ?? {}, make, tell)
        this.#note(sandbox.id, 'running', { host: host.address, port: sandbox.port, ms: this.#parts.now() - began })
        return sandbox
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.#parts.log.warn({ sandbox: wanted.id, host: host.address, reason }, 'create: attempt failed')
        await this.#note(wanted.id, 'failed', { host: host.address, reason, ms: this.#parts.now() - attemptBegan })
        await this.#takeDown(placed.sandbox)
        if (error instanceof OmegaError && error.code === 'CONFLICT') throw error
        failures.push(`${host.address}: ${reason}`)
        exclude.push(host.address)
        tell('retry', `${host.address} failed: ${reason}`)
      }
    }
    throw failures.length > 0
      ? new OmegaError('CREATE_FAILED', `No host could start the sandbox. ${failures.join(' ')}`)
      : noCapacity(await this.#parts.store.listHosts())
  }

  /** Waits for a host where the fleet gets hosts by itself, unless some have failed already. */
  async #place(wanted: NewSandbox, exclude: readonly string[], tell: Tell): Promise<PlaceAnswer> {
    const { store, line, limits } = this.#parts
    const place = () => store.place(wanted, exclude, limits)
    return line && exclude.length === 0 ? line.place(wanted.id, place, (text) => tell('waiting', text)) : place()
  }

  /**
   * Copies a sandbox with its files: a new name, a new token, the same host. The source goes on undisturbed; when it
   * fails, nothing is left.
   */
  async fork(idOrName: string, request: ForkSandbox): Promise<Sandbox> {
    const began = this.#parts.now()
    const { store, states, managers, limits } = this.#parts
    const source = await this.find(idOrName)
    await states.hostOf(source)
    const wanted = this.#newSandbox(source.template, request)
    const placed = await store.place(wanted, [], { ...limits, host: source.host })
    if (placed.outcome === 'nameTaken') throw nameTaken(wanted.name)
    if (placed.outcome === 'quota') throw quotaExceeded(placed.sandboxes, limits.maxSandboxes)
    if (placed.outcome === 'full') {
      throw noRoomBeside(wanted.name, source.host, await store.findHost(source.host))
    }
    const { host } = placed
    try {
      const { snapshot } = request
      const make = (asked: ContainerRequest) => managers.fork(host, source.id, asked, snapshot)
      const sandbox = await this.#bringUp(placed.sandbox, host, {}, make, () => {}, { beside: source.name })
      const from = snapshot === undefined ? { from: source.name } : { from: source.name, snapshot }
      const data = { host: host.address, port: sandbox.port, ...from, ms: this.#parts.now() - began }
      this.#note(sandbox.id, 'running', data)
      this.#note(source.id, 'forked', { to: sandbox.name, id: sandbox.id })
      return sandbox
    } catch (error) {
      await this.#takeDown(placed.sandbox)
      if (error instanceof OmegaError) throw error
      throw new OmegaError('CREATE_FAILED', `The fork could not be made on ${host.address}. ${String(error)}`)
    }
  }

  /**
   * Withdraws the name, deletes the container with its files, gives the slot back: in this order. `gone` is false when
   * the host does not answer; the reconciler then finishes the work. So it does where the store is emptied meanwhile.
   */
  async delete(idOrName: string, cause = 'asked'): Promise<{ gone: boolean }> {
    const found = await this.find(idOrName)
    const sandbox = (await this.#parts.store.beginDelete(found.id)) ?? found
    if (found.state !== 'deleting') await this.#note(found.id, 'deleting', { cause })
    return { gone: await this.finishDelete(sandbox) }
  }

  /**
   * The part of a delete that may be repeated until it works. Its story says so before the sandbox is forgotten: after
   * a crash in between it says so twice, never not at all.
   */
  async finishDelete(sandbox: Sandbox, isTold = true): Promise<boolean> {
    const { store, names, managers, log } = this.#parts
    try {
      await names?.withdraw(sandbox)
      const host = await store.findHost(sandbox.host)
      if (host) await managers.remove(host, sandbox.id)
      if (isTold) await this.#note(sandbox.id, 'deleted', {})
      await store.remove(sandbox.id)
      // Only a store that was emptied does not know it; when it is back, its container is an orphan.
      return host !== undefined
    } catch (error) {
      log.warn({ sandbox: sandbox.id, host: sandbox.host, err: error }, 'delete: to be finished later')
      return false
    }
  }

  /**
   * Forgets a sandbox whose host has no container of it. Nothing is deleted there: a container that is found after all
   * is a sandbox again.
   */
  async forget(sandbox: Sandbox): Promise<void> {
    const { store, names } = this.#parts
    await names?.withdraw(sandbox)
    await this.#note(sandbox.id, 'lost', { host: sandbox.host })
    await store.remove(sandbox.id, true)
  }

  /** Gives slot and name of one back whose host does not answer; a container that is found later is removed then. */
  async release(sandbox: Sandbox): Promise<void> {
    await this.#parts.names?.withdraw(sandbox)
    await this.#note(sandbox.id, 'deleted', { cause: `${sandbox.host} does not answer` })
    await this.#parts.store.remove(sandbox.id)
  }

  async find(idOrName: string): Promise<Sandbox> {
    const sandbox = await this.#parts.store.find(idOrName)
    if (sandbox) return sandbox
    throw new OmegaError(
      'SANDBOX_NOT_FOUND',
      `There is no sandbox ${quote(idOrName)}. \`omega sandbox list\` shows those there are.`,
    )
  }

  /** One that can be asked for something: one that is asleep or stopped is started first. */
  async findRunning(idOrName: string, cause = 'asked'): Promise<Sandbox> {
    const sandbox = await this.find(idOrName)
    return sandbox.state === 'running' ? sandbox : this.#parts.states.start(sandbox, cause)
  }

  /** Wakes or starts it, whatever is believed of it. */
  async start(idOrName: string): Promise<Sandbox> {
    return this.#parts.states.start(await this.find(idOrName), 'asked')
  }

  /** Ends its processes and keeps its files, until somebody starts it. */
  async stop(idOrName: string): Promise<Sandbox> {
    return this.#parts.states.stop(await this.find(idOrName), 'asked')
  }

  /** Gives it another name, or another end of its life, or both. */
  async update(idOrName: string, { name, ttl, expiresAt }: UpdateSandbox, cause = 'asked'): Promise<Sandbox> {
    const sandbox = await this.find(idOrName)
    const ends = expiryOf({ ttl, expiresAt }, this.#parts.now())
    if (name !== undefined) await this.#rename(sandbox, checkName(name))
    if (ends !== undefined && ends !== sandbox.expiresAt) {
      await this.#parts.store.setExpiry(sandbox.id, ends)
      this.#note(sandbox.id, 'expiry', { expiresAt: ends === 0 ? null : new Date(ends).toISOString(), cause })
    }
    const changed = await this.find(sandbox.id)
    await this.#tellHost(changed, sandbox)
    return changed
  }

  /** Its people want one kept whose end was announced to them. A repeat does nothing. */
  async keep(host: string, { sandboxId, at }: Pick<StateChange, 'sandboxId' | 'at'>): Promise<void> {
    const sandbox = await this.#parts.store.find(sandboxId)
    const ends = at + KEPT_FOR_MS
    if (sandbox?.id !== sandboxId || sandbox.host !== host || !isLiving(sandbox.state)) return
    if (sandbox.expiresAt === 0 || sandbox.expiresAt >= ends || ends <= this.#parts.now()) return
    await this.update(sandboxId, { expiresAt: new Date(ends).toISOString() }, 'kept')
  }

  async #rename(sandbox: Sandbox, name: string): Promise<void> {
    if (name === sandbox.name) return
    const outcome = await this.#parts.store.rename(sandbox.id, name)
    if (outcome === 'nameTaken') throw nameTaken(name)
    if (outcome === 'unknown') throw new OmegaError('CONFLICT', 'The sandbox is being deleted and keeps its name.')
    this.#note(sandbox.id, 'renamed', { from: sandbox.name, to: name })
  }

  /** The host keeps name and end of life on the container. One that does not answer is told by the reconciler. */
  async #tellHost(sandbox: Sandbox, before: Sandbox): Promise<void> {
    const { managers, states, log } = this.#parts
    if (!isLiving(sandbox.state)) return
    try {
      const host = await states.hostOf(sandbox)
      if (sandbox.name !== before.name) await managers.rename(host, sandbox.id, sandbox.name)
      if (sandbox.expiresAt !== before.expiresAt) await managers.ensure(host, this.requestOf(sandbox))
    } catch (error) {
      log.warn({ sandbox: sandbox.id, host: sandbox.host, err: error }, 'update: its host is to be told later')
    }
  }

  /** The sandbox's own token: any master can derive it, nothing stores it. */
  tokenOf(sandbox: Pick<Sandbox, 'id'>): string {
    return derive(this.#parts.secret, `sandbox/${sandbox.id}`)
  }

  async #describe(request: CreateSandbox): Promise<NewSandbox> {
    const template = request.template ?? 'react'
    await this.#parts.templates.get(template)
    if (request.git) checkGitSource(request.git)
    return this.#newSandbox(template, request)
  }

  #newSandbox(template: string, { name, ttl }: Pick<CreateSandbox, 'name' | 'ttl'>): NewSandbox {
    const subdomain = newSubdomain(randomBytes)
    return {
      id: newSandboxId(randomBytes),
      name: name === undefined ? defaultName(template, subdomain) : checkName(name),
      subdomain,
      template,
      expiresAt: ttl === undefined ? 0 : this.#parts.now() + ttl * 1000,
    }
  }

  /**
   * Has the container made and, at the same time, the name published: its host is known once it is placed. Resolves
   * when both are done; the story is written meanwhile and nobody waits for it.
   */
  async #bringUp(
    sandbox: Sandbox,
    host: Host,
    env: Record<string, string>,
    make: (request: ContainerRequest) => Promise<ContainerStatus>,
    tell: Tell,
    placedBecause: Record<string, unknown> = {},
  ): Promise<Sandbox> {
    const { store, names, domain, now } = this.#parts
    const { id, subdomain } = sandbox
    const { address, containers, capacity } = host
    const began = now()
    this.#note(id, 'placed', { host: address, containers, capacity, ...placedBecause })
    const making = make(this.requestOf(sandbox, env)).then(async (container) => {
      tell('container', `container answers on port ${container.port}`)
      const { origin, timings } = container
      this.#note(id, 'container', { port: container.port, ms: now() - began, origin, ...timings })
      if (await store.confirm(id, container.port)) return container.port
      throw new OmegaError('CONFLICT', 'The sandbox was deleted while it was being created.')
    })
    const publishing = names?.publish(sandbox).then(() => {
      this.#note(id, 'published', { name: `${subdomain}.${domain}`, ms: now() - began })
    })
    // When one fails, the other is waited for, too: what it makes late would not be taken apart.
    const [made, published] = await Promise.allSettled([making, publishing])
    if (made.status === 'rejected') throw made.reason
    if (published.status === 'rejected') throw published.reason
    tell('published', `${subdomain}.${domain} answers`)
    return { ...sandbox, state: 'running', port: made.value }
  }

  /** What its manager is told of a sandbox. */
  requestOf(sandbox: Sandbox, env: Record<string, string> = {}): ContainerRequest {
    const { id, name, subdomain, template, expiresAt } = sandbox
    return {
      ...{ sandboxId: id, name, subdomain, template, domain: this.#parts.domain, token: this.tokenOf(sandbox) },
      ...{ masterUrl: this.#parts.masterUrl(), env, ...(expiresAt === 0 ? {} : { expiresAt }) },
    }
  }

  /**
   * After a failed attempt: whatever was made goes again, so that the next host may be tried. A host that does not
   * answer is asked again by `finishAbandoned` until it does.
   */
  async #takeDown(sandbox: Sandbox): Promise<void> {
    const { store } = this.#parts
    await store.beginDelete(sandbox.id)
    if (await this.finishDelete(sandbox, false)) return
    this.#abandoned.add(sandbox)
    await store.remove(sandbox.id)
  }

  /** Removes containers of failed attempts from hosts that did not answer then. */
  finishAbandoned(): Promise<void> {
    return this.#abandoned.finish()
  }

  #note(id: string, event: string, data: Record<string, unknown>): Promise<void> {
    return this.#parts.stories.note(id, event, data)
  }
}
