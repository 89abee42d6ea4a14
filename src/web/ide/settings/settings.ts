import { type KeptSettings, mergeSettings } from '../../../core/kept-settings.ts'
import {
  defaultSettings,
  isSettingName,
  type SettingName,
  type Settings,
  settingProblem,
} from '../../../core/settings.ts'
import { Store } from '../../shared/store.ts'

export { defaultSettings, type Settings }

const KEY = 'omega.settings'

/** What this browser keeps: all it knows, and the names of what the master has not been told. */
interface Kept {
  settings: KeptSettings
  untold: string[]
}

/**
 * The settings as they are now. A change holds at once and is kept in this browser; it is told to the master, which keeps
 * a person's settings for all their sandboxes and devices, when there is one to tell (SettingsSync).
 */
export class SettingsStore {
  readonly values: Store<Settings>
  /** Names of what the master has not been told yet. */
  readonly untold: Store<readonly string[]>
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | undefined
  readonly #now: () => number
  #kept: KeptSettings

  /** `now`: milliseconds since the epoch. */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined, now: () => number = Date.now) {
    this.#storage = storage
    this.#now = now
    const { settings, untold } = read(storage)
    this.#kept = settings
    this.untold = new Store<readonly string[]>(untold)
    this.values = new Store(valuesOf(settings))
  }

  /** The value must be allowed (`settingProblem`). */
  set<K extends SettingName>(name: K, value: Settings[K]): void {
    this.#choose(name, value)
  }

  /** Back to the default. */
  reset(name: SettingName): void {
    this.#choose(name, null)
  }

  isDefault(name: SettingName): boolean {
    return JSON.stringify(this.values.get()[name]) === JSON.stringify(defaultSettings[name])
  }

  /** What the master has not been told. */
  changes(): KeptSettings {
    return Object.fromEntries(this.untold.get().flatMap((name) => (this.#kept[name] ? [[name, this.#kept[name]]] : [])))
  }

  /** What the master keeps, after it was told `told`. */
  learn(settings: KeptSettings, told: KeptSettings): void {
    const untold = this.untold.get().filter((name) => this.#kept[name]?.at !== told[name]?.at)
    const changed = Object.fromEntries(untold.flatMap((name) => (this.#kept[name] ? [[name, this.#kept[name]]] : [])))
    this.#keep(mergeSettings(settings, changed, Number.POSITIVE_INFINITY), untold)
  }

  /** Another page of this origin has kept something. */
  reread(): void {
    const { settings, untold } = read(this.#storage)
    this.#kept = settings
    this.untold.set(untold)
    this.#show()
  }

  #choose(name: SettingName, value: unknown): void {
    // A clock that is behind must not make a choice older than the one it takes the place of.
    const at = Math.max(this.#now(), (this.#kept[name]?.at ?? 0) + 1)
    const untold = this.untold.get().filter((other) => other !== name)
    this.#keep({ ...this.#kept, [name]: { value, at } }, [...untold, name])
  }

  #keep(settings: KeptSettings, untold: string[]): void {
    this.#kept = settings
    try {
      const kept: Kept = { settings, untold }
      this.#storage?.setItem(KEY, JSON.stringify(kept))
    } catch {
      // Full or forbidden: it holds until the page is closed.
    }
    this.#show()
    this.untold.set(untold)
  }

  #show(): void {
    const values = valuesOf(this.#kept)
    if (JSON.stringify(values) !== JSON.stringify(this.values.get())) this.values.set(values)
  }
}

/** The defaults, and what was chosen and is allowed. */
function valuesOf(settings: KeptSettings): Settings {
  const chosen = Object.entries(settings).flatMap(([name, { value }]) =>
    isSettingName(name) && value !== null && settingProblem(name, value) === undefined ? [[name, value]] : [],
  )
  return { ...defaultSettings, ...(Object.fromEntries(chosen) as Partial<Settings>) }
}

function read(storage: Pick<Storage, 'getItem'> | undefined): Kept {
  try {
    const { settings, untold } = JSON.parse(storage?.getItem(KEY) ?? '{}') as Partial<Kept>
    const good = Object.entries(settings ?? {}).filter(([, kept]) => typeof kept?.at === 'number' && 'value' in kept)
    return { settings: Object.fromEntries(good), untold: Array.isArray(untold) ? untold.map(String) : [] }
  } catch {
    // Nonsense is no choice.
    return { settings: {}, untold: [] }
  }
}
