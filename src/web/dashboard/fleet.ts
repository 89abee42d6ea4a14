import { OmegaError } from '../../core/errors.ts'
import type { Template } from '../../core/template.ts'
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
  /** Why the last look did not succeed; what was known before stays shown. */
  readonly problem?: string
}

const LOOK_EVERY_MS = 3_000

/** What the dashboard shows, looked at again every few seconds while somebody looks. */
export class Fleet {
  readonly state = new Store<FleetState>({ session: 'unknown' })
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
      if (error instanceof OmegaError && error.code === 'UNAUTHENTICATED') this.state.set({ session: 'signed-out' })
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
    this.state.set({ session: 'signed-out' })
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

  async #read(): Promise<void> {
    if (this.state.get().session !== 'signed-in') await masterApi.session()
    const [templates, sandboxes, hosts] = await Promise.all([
      this.state.get().templates ?? masterApi.templates(),
      masterApi.sandboxes(),
      masterApi.hosts(),
    ])
    const next: FleetState = {
      session: 'signed-in',
      templates,
      sandboxes: sandboxes.sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
      hosts: hosts.sort((a, b) => a.address.localeCompare(b.address, undefined, { numeric: true })),
    }
    // The same answer draws nothing.
    if (JSON.stringify(next) !== JSON.stringify(this.state.get())) this.state.set(next)
  }
}
