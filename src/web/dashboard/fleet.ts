import { OmegaError } from '../../core/errors.ts'
import type { Template } from '../../core/template.ts'
import type { FleetView } from '../../core/wire/fleet.ts'
import type { HostView, SandboxView } from '../../core/wire/http.ts'
import { Store } from '../shared/store.ts'
import { masterApi } from './master-api.ts'

export interface FleetState {
  /** `unknown` until the first answer. */
  readonly session: 'unknown' | 'signed-in' | 'signed-out'
  /** Undefined until they were read once. */
  readonly templates?: readonly Template[]
  readonly sandboxes?: readonly SandboxView[]
  readonly hosts?: readonly HostView[]
  readonly scaling?: FleetView
  /** What this page has asked of sandboxes and is not done yet, by their ids. */
  readonly doing: Readonly<Record<string, 'starting' | 'stopping'>>
  /** Why the last look did not succeed; what was known before stays shown. */
  readonly problem?: string
}

const LOOK_EVERY_MS = 3_000

/** What the dashboard shows, looked at again every few seconds while somebody looks. */
export class Fleet {
  readonly state = new Store<FleetState>({ session: 'unknown', doing: {} })
  #timer: ReturnType<typeof setTimeout> | undefined

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.look()
    })
    void this.look()
  }

  /** Looks now, and again later. */
  async look(): Promise<void> {
    clearTimeout(this.#timer)
    try {
      await this.#read()
    } catch (error) {
      if (error instanceof OmegaError && error.code === 'UNAUTHENTICATED')
        this.state.set({ session: 'signed-out', doing: {} })
      else this.state.update((state) => ({ ...state, problem: error instanceof Error ? error.message : String(error) }))
    }
    clearTimeout(this.#timer)
    const waits = document.visibilityState === 'visible' && this.state.get().session !== 'signed-out'
    if (waits) this.#timer = setTimeout(() => void this.look(), LOOK_EVERY_MS)
  }

  async signIn(token: string): Promise<void> {
    await masterApi.signIn(token)
    await this.look()
  }

  async signOut(): Promise<void> {
    await masterApi.signOut()
    this.state.set({ session: 'signed-out', doing: {} })
  }

  /** Shown as being deleted at once; rejects with the reason when it is not. */
  async remove(id: string): Promise<void> {
    this.state.update((state) => ({
      ...state,
      ...(state.sandboxes && {
        sandboxes: state.sandboxes.map((one) => (one.id === id ? { ...one, state: 'deleting' } : one)),
      }),
    }))
    try {
      await masterApi.remove(id)
    } finally {
      await this.look()
    }
  }

  /** Ends its processes; shown as stopping meanwhile. Rejects with the reason when it is not stopped. */
  stopSandbox(id: string): Promise<void> {
    return this.#during(id, 'stopping', () => masterApi.stop(id))
  }

  /** Starts or wakes it; shown as starting meanwhile. Rejects with the reason when it is not started. */
  startSandbox(id: string): Promise<void> {
    return this.#during(id, 'starting', () => masterApi.start(id))
  }

  /** Rejects with the reason when it keeps its name. */
  async rename(id: string, name: string): Promise<void> {
    await masterApi.rename(id, name)
    await this.look()
  }

  async #during(id: string, deed: 'starting' | 'stopping', work: () => Promise<unknown>): Promise<void> {
    this.state.update((state) => ({ ...state, doing: { ...state.doing, [id]: deed } }))
    try {
      await work()
    } finally {
      // Looked at first: it does not seem to be what it was for a moment.
      await this.look()
      this.state.update(({ doing: { [id]: _done, ...doing }, ...state }) => ({ ...state, doing }))
    }
  }

  async #read(): Promise<void> {
    if (this.state.get().session !== 'signed-in') await masterApi.session()
    const [templates, sandboxes, hosts, scaling] = await Promise.all([
      this.state.get().templates ?? masterApi.templates(),
      masterApi.sandboxes(),
      masterApi.hosts(),
      masterApi.fleet(),
    ])
    const next: FleetState = {
      session: 'signed-in',
      templates,
      sandboxes: sandboxes.sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
      doing: this.state.get().doing,
      scaling,
      hosts: hosts.sort((a, b) => a.address.localeCompare(b.address, undefined, { numeric: true })),
    }
    // The same answer draws nothing.
    if (JSON.stringify(next) !== JSON.stringify(this.state.get())) this.state.set(next)
  }
}
