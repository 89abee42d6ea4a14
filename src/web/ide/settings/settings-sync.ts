import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import type { KeptSettings } from '../../../core/kept-settings.ts'
import { Store } from '../../shared/store.ts'
import type { SettingsStore } from './settings.ts'

/**
 * alone    nobody keeps them but this browser: it did not come by a link of the master's, or too long ago
 * synced   the master keeps them as they are here
 * telling  a change is about to be told
 * waiting  the master does not answer; what it was not told is tried again
 * refused  the master does not take them; `problem` says why
 */
export type SyncState = { name: 'alone' | 'synced' | 'telling' | 'waiting' } | { name: 'refused'; problem: string }

/** Tells the master changes, none to only ask; resolves to all settings as they are there. Rejects with OmegaErrors. */
export type ExchangeSettings = (changes: KeptSettings) => Promise<KeptSettings>

export interface SettingsSyncOptions {
  settings: SettingsStore
  /** Undefined while there is nobody to tell. */
  exchange: () => ExchangeSettings | undefined
  clock: Clock
}

/** A person who moves a slider tells the last of it. */
const GATHER_MS = 600
const FIRST_RETRY_MS = 5_000
const LAST_RETRY_MS = 300_000
const refusals = ['INVALID_REQUEST', 'TOO_LARGE', 'FORBIDDEN']

/**
 * Keeps the settings of this browser and those the master keeps the same. Nothing waits for it: without the master the
 * settings are this browser's, and are told later.
 */
export class SettingsSync {
  readonly state = new Store<SyncState>({ name: 'alone' })
  readonly #options: SettingsSyncOptions
  #cancel: (() => void) | undefined
  #running = false
  #again = false
  #failures = 0

  constructor(options: SettingsSyncOptions) {
    this.#options = options
    options.settings.untold.subscribe(() => {
      if (options.settings.untold.get().length === 0) return
      if (this.state.get().name === 'synced') this.state.set({ name: 'telling' })
      this.#later(GATHER_MS)
    })
  }

  /** Asks what other devices chose, and tells what was chosen here. */
  async now(): Promise<void> {
    this.#cancel?.()
    if (this.#running) {
      this.#again = true
      return
    }
    const { settings } = this.#options
    const exchange = this.#options.exchange()
    if (!exchange) return this.state.set({ name: 'alone' })
    this.#running = true
    const changes = settings.changes()
    try {
      settings.learn(await exchange(changes), changes)
      this.#failures = 0
      this.state.set({ name: settings.untold.get().length === 0 ? 'synced' : 'telling' })
    } catch (error) {
      this.#failed(error)
    }
    this.#running = false
    if (this.#again) {
      this.#again = false
      this.#later(0)
    } else if (this.state.get().name === 'telling') this.#later(GATHER_MS)
  }

  #failed(error: unknown): void {
    const { code, message } = error instanceof OmegaError ? error : { code: 'UNREACHABLE', message: '' }
    // The same would be refused again; the next change, or the next link of the master's, may mend it.
    if (code === 'UNAUTHENTICATED') this.state.set({ name: 'alone' })
    else if (refusals.includes(code)) this.state.set({ name: 'refused', problem: message })
    else this.#retry()
  }

  #retry(): void {
    this.state.set({ name: 'waiting' })
    this.#later(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++))
  }

  #later(ms: number): void {
    this.#cancel?.()
    this.#cancel = this.#options.clock.after(ms, () => void this.now())
  }
}
