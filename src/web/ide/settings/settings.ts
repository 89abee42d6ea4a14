import { Store } from '../../shared/store.ts'

/** What a person has chosen. */
export interface Settings {
  theme: 'system' | 'light' | 'dark'
  /** CSS pixels. */
  editorFontSize: number
  terminalFontSize: number
  /** Columns of a tab character. */
  tabSize: number
  wordWrap: boolean
  /** Only when a person saves. project: if the project has a formatter of its own, like Prettier or Biome. */
  formatOnSave: 'project' | 'always' | 'never'
  /** What the terminal's selection does by itself. */
  copyOnSelect: boolean
}

export const defaultSettings: Settings = {
  theme: 'system',
  editorFontSize: 13,
  terminalFontSize: 13,
  tabSize: 4,
  wordWrap: false,
  formatOnSave: 'project',
  copyOnSelect: false,
}

const KEY = 'omega.settings'

/** The settings as they are now; a change is kept in this browser. */
export class SettingsStore {
  readonly values: Store<Settings>
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | undefined

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined) {
    this.#storage = storage
    this.values = new Store(defaultSettings)
    try {
      this.values.set({ ...defaultSettings, ...(JSON.parse(storage?.getItem(KEY) ?? '{}') as Partial<Settings>) })
    } catch {
      // Nonsense is no choice.
    }
  }

  set<K extends keyof Settings>(name: K, value: Settings[K]): void {
    this.values.update((values) => ({ ...values, [name]: value }))
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.values.get()))
    } catch {
      // Full or forbidden: it holds until the page is closed.
    }
  }
}
