import { compare } from './fleet-hosts.ts'
import { isLiving, type Sandbox } from './sandbox.ts'

/** The sandboxes of a fleet, and the names they have. What `find` and `list` give out are copies. */
export class FleetSandboxes {
  readonly #sandboxes = new Map<string, Sandbox>()
  /** Names and subdomains, to the sandbox's id. */
  readonly #names = new Map<string, string>()

  get size(): number {
    return this.#sandboxes.size
  }

  /** Itself, to be changed. */
  get(id: string): Sandbox | undefined {
    return this.#sandboxes.get(id)
  }

  has(id: string): boolean {
    return this.#sandboxes.has(id)
  }

  /** One of them is called that, by id, name or subdomain. */
  isTaken(label: string): boolean {
    return this.#names.has(label) || this.#sandboxes.has(label)
  }

  keep(sandbox: Sandbox): void {
    this.#sandboxes.set(sandbox.id, sandbox)
    this.#names.set(sandbox.name, sandbox.id)
    this.#names.set(sandbox.subdomain, sandbox.id)
  }

  forget(sandbox: Sandbox): void {
    this.#sandboxes.delete(sandbox.id)
    this.#names.delete(sandbox.name)
    this.#names.delete(sandbox.subdomain)
  }

  /** `renamed` too if it is called that already; then nothing has changed. */
  rename(id: string, name: string): 'renamed' | 'nameTaken' | 'unknown' {
    const sandbox = this.#sandboxes.get(id)
    if (!sandbox || sandbox.state === 'deleting') return 'unknown'
    if (sandbox.name === name) return 'renamed'
    if (name !== sandbox.subdomain && this.isTaken(name)) return 'nameTaken'
    if (sandbox.name !== sandbox.subdomain) this.#names.delete(sandbox.name)
    sandbox.name = name
    this.#names.set(name, id)
    return 'renamed'
  }

  find(idOrName: string): Sandbox | undefined {
    const sandbox = this.#sandboxes.get(idOrName) ?? this.#sandboxes.get(this.#names.get(idOrName) ?? '')
    return sandbox && { ...sandbox }
  }

  /** Oldest first, then by id. */
  list(): Sandbox[] {
    return [...this.#sandboxes.values()].map((sandbox) => ({ ...sandbox })).sort(byAge)
  }

  /** {subdomain: port} of the living ones. */
  ports(): Map<string, number> {
    const living = [...this.#sandboxes.values()].filter(({ state }) => isLiving(state))
    return new Map(living.map(({ subdomain, port }) => [subdomain, port]))
  }
}

/** The order of `list`: oldest first, then by id. */
export function byAge(a: Sandbox, b: Sandbox): number {
  return a.createdAt - b.createdAt || compare(a.id, b.id)
}
