import { randomBytes } from 'node:crypto'
import type { ContainerRequest, ContainerStatus } from '../../core/container.ts'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore, PlaceLimits } from '../../core/fleet-store.ts'
import type { Host } from '../../core/host.ts'
import { checkName, defaultName, newSandboxId, newSubdomain, quote } from '../../core/names.ts'
import type { NewSandbox, Sandbox } from '../../core/sandbox.ts'
import type { Template } from '../../core/template.ts'
import type { CreateProgress, CreateSandbox } from '../../core/wire/http.ts'
import { derive } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'

/** A create goes to at most this many hosts before it gives up. */
const MAX_ATTEMPTS = 3

export interface LifecycleParts {
  store: FleetStore
  managers: {
    ensure(host: Host, request: ContainerRequest): Promise<ContainerStatus>
    remove(host: Host, sandboxId: string): Promise<void>
  }
  /** The sandboxes' names; undefined where the operator keeps the zone by other means. */
  names: { publish(sandbox: Sandbox): Promise<void>; withdraw(sandbox: Sandbox): Promise<void> } | undefined
  /** Rejects with UNKNOWN_TEMPLATE. */
  templates: { get(name: string): Promise<Template> }
  secret: string
  domain: string
  masterUrl: () => string
  /** How many sandboxes the fleet may have, if that is limited. */
  limits: Pick<PlaceLimits, 'maxSandboxes'>
  log: Logger
  now: () => number
}

type Report = (progress: CreateProgress) => void

/** The spine: how a sandbox comes to be, and how it goes. Every step is keyed by the sandbox's id and may be repeated. */
export class Lifecycle {
  readonly #parts: LifecycleParts
  /** Failed attempts whose container may still be there, by host and sandbox. */
  readonly #abandoned = new Map<string, Sandbox>()

  constructor(parts: LifecycleParts) {
    this.#parts = parts
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
      const placed = await this.#parts.store.place(wanted, exclude, this.#parts.limits)
      if (placed.outcome === 'nameTaken') {
        throw new OmegaError('NAME_TAKEN', `The name ${quote(wanted.name)} is taken. Choose another one.`)
      }
      if (placed.outcome === 'quota') throw this.#quotaExceeded(placed.sandboxes)
      if (placed.outcome === 'full') break
      const { host } = placed
      const attemptBegan = this.#parts.now()
      tell('placed', `placed on ${host.address}`)
      try {
        const sandbox = await this.#bringUp(placed.sandbox, host, request.env ?? {}, tell)
        await this.#note(sandbox.id, 'running', {
          host: host.address,
          port: sandbox.port,
          ms: this.#parts.now() - began,
        })
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
      : await this.#noCapacity()
  }

  /**
   * Withdraws the name, deletes the container with its files, gives the slot back: in this order. `gone` is false when
   * the host does not answer; the reconciler then finishes the work.
   */
  async delete(idOrName: string): Promise<{ gone: boolean }> {
    const found = await this.find(idOrName)
    const sandbox = await this.#parts.store.beginDelete(found.id)
    await this.#note(found.id, 'deleting', { cause: 'somebody asked for it' })
    return { gone: sandbox ? await this.finishDelete(sandbox) : true }
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
      return true
    } catch (error) {
      log.warn({ sandbox: sandbox.id, host: sandbox.host, err: error }, 'delete: to be finished later')
      return false
    }
  }

  async find(idOrName: string): Promise<Sandbox> {
    const sandbox = await this.#parts.store.find(idOrName)
    if (sandbox) return sandbox
    throw new OmegaError(
      'SANDBOX_NOT_FOUND',
      `There is no sandbox ${quote(idOrName)}. \`omega sandbox list\` shows those there are.`,
    )
  }

  /** One that can be asked for something. */
  async findRunning(idOrName: string): Promise<Sandbox> {
    const sandbox = await this.find(idOrName)
    if (sandbox.state === 'running') return sandbox
    throw new OmegaError('NOT_READY', `The sandbox is ${sandbox.state}, not running. Try again in a moment.`)
  }

  /** The sandbox's own token: any master can derive it, nothing stores it. */
  tokenOf(sandbox: Pick<Sandbox, 'id'>): string {
    return derive(this.#parts.secret, `sandbox/${sandbox.id}`)
  }

  async #describe(request: CreateSandbox): Promise<NewSandbox> {
    const template = request.template ?? 'react'
    await this.#parts.templates.get(template)
    const subdomain = newSubdomain(randomBytes)
    const name = request.name === undefined ? defaultName(template, subdomain) : checkName(request.name)
    return { id: newSandboxId(randomBytes), name, subdomain, template, expiresAt: 0 }
  }

  async #bringUp(
    sandbox: Sandbox,
    host: Host,
    env: Record<string, string>,
    tell: (step: CreateProgress['step'], message: string) => void,
  ): Promise<Sandbox> {
    const { store, managers, names, domain } = this.#parts
    const { id, name, subdomain, template } = sandbox
    const { address, containers, capacity } = host
    // The story is written while the work goes on; nobody waits for it but the end.
    const notes = [this.#note(id, 'placed', { host: address, containers, capacity })]
    let began = this.#parts.now()
    const sinceLast = () => {
      const [before, now] = [began, this.#parts.now()]
      began = now
      return now - before
    }
    const container = await managers.ensure(host, {
      sandboxId: id,
      subdomain,
      name,
      template,
      domain,
      token: this.tokenOf(sandbox),
      masterUrl: this.#parts.masterUrl(),
      env,
    })
    tell('container', `container answers on port ${container.port}`)
    notes.push(this.#note(id, 'container', { port: container.port, ms: sinceLast(), ...container.timings }))
    if (!(await store.confirm(id, container.port))) {
      throw new OmegaError('CONFLICT', 'The sandbox was deleted while it was being created.')
    }
    const running: Sandbox = { ...sandbox, state: 'running', port: container.port }
    sinceLast()
    await names?.publish(running)
    if (names) notes.push(this.#note(id, 'published', { name: `${subdomain}.${domain}`, ms: sinceLast() }))
    tell('published', `${subdomain}.${domain} answers`)
    await Promise.all(notes)
    return running
  }

  /**
   * After a failed attempt: whatever was made goes again, so that the next host may be tried. A host that does not
   * answer is asked again by `finishAbandoned` until it does.
   */
  async #takeDown(sandbox: Sandbox): Promise<void> {
    await this.#parts.store.beginDelete(sandbox.id)
    if (await this.finishDelete(sandbox, false)) return
    this.#abandoned.set(`${sandbox.host} ${sandbox.id}`, sandbox)
    await this.#parts.store.remove(sandbox.id)
  }

  /** Removes containers of failed attempts from hosts that did not answer then. */
  async finishAbandoned(): Promise<void> {
    const { store, managers } = this.#parts
    for (const [key, sandbox] of this.#abandoned) {
      const now = await store.find(sandbox.id)
      const host = await store.findHost(sandbox.host)
      // The same sandbox may have come to run on this very host after all.
      const wanted = now?.host === sandbox.host
      const done =
        wanted ||
        !host ||
        (await managers.remove(host, sandbox.id).then(
          () => true,
          () => false,
        ))
      if (done) this.#abandoned.delete(key)
    }
  }

  #quotaExceeded(sandboxes: number): OmegaError {
    return new OmegaError(
      'QUOTA_EXCEEDED',
      `The fleet has ${sandboxes} sandboxes; ${this.#parts.limits.maxSandboxes} are allowed. Delete one, or ask the operator to raise --max-sandboxes.`,
    )
  }

  async #noCapacity(): Promise<OmegaError> {
    const hosts = await this.#parts.store.listHosts()
    if (hosts.length === 0) {
      return new OmegaError(
        'NO_CAPACITY',
        'no capacity: no host has joined this fleet. Start one with `omega serve --role=manager`.',
      )
    }
    const fill = hosts.map(({ address, containers, capacity, state }) => {
      return `${address} ${containers}/${capacity}${state === 'ready' ? '' : ` ${state}`}`
    })
    return new OmegaError(
      'NO_CAPACITY',
      `no capacity: all ${hosts.length} hosts are full or away (${fill.slice(0, 10).join(', ')}${fill.length > 10 ? ', ...' : ''}). Delete a sandbox or add a host.`,
    )
  }

  /** A line of the sandbox's story. Never rejects: a story with a gap is no reason to fail. */
  async #note(id: string, event: string, data: Record<string, unknown>): Promise<void> {
    const { store, log } = this.#parts
    await store.record(id, event, data).catch((error) => log.warn({ sandbox: id, event, err: error }, 'not recorded'))
  }
}
