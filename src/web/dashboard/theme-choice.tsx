import { useEffect } from 'react'
import { type SettingRule, type Settings, settingRules } from '../../core/settings.ts'
import { Store } from '../shared/store.ts'
import { ShownTheme } from '../shared/theme.ts'
import { themeNames } from '../shared/theme-names.ts'
import { useStore } from '../shared/use-store.ts'
import { masterApi } from './master-api.ts'

const KEY = 'omega.theme'

/** The theme of the person, which the sandboxes' pages have as well. */
class ThemeChoice {
  readonly choice: Store<Settings['theme']>
  readonly #shown = new ShownTheme(window)
  /** When it was chosen, as the master keeps it. */
  #at = 0

  constructor() {
    this.choice = new Store<Settings['theme']>(themeOf(remembered()))
    this.#show()
  }

  /** Asks the master; what it does not know, or no answer, changes nothing. */
  async look(): Promise<void> {
    const theme = (await masterApi.settings().catch(() => undefined))?.theme
    if (!theme) return
    this.#at = theme.at
    this.choice.set(themeOf(theme.value))
    this.#show()
  }

  async choose(theme: Settings['theme']): Promise<void> {
    this.choice.set(theme)
    this.#show()
    this.#at = Math.max(Date.now(), this.#at + 1)
    await masterApi.changeSettings({ theme: { value: theme, at: this.#at } }).catch(() => undefined)
  }

  #show(): void {
    this.#shown.choose(this.choice.get())
    try {
      localStorage.setItem(KEY, this.choice.get())
    } catch {
      // Forbidden: the next visit begins as the system does.
    }
  }
}

const theme = new ThemeChoice()

export function ThemeSelect() {
  const choice = useStore(theme.choice)
  useEffect(() => {
    const look = () => void theme.look()
    look()
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [])
  return (
    <select
      className="button"
      aria-label="Theme"
      value={choice}
      onChange={(event) => void theme.choose(themeOf(event.target.value))}
    >
      {Object.entries(themeNames).map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  )
}

function themeOf(value: unknown): Settings['theme'] {
  const { choices } = settingRules.theme as SettingRule & { kind: 'choice' }
  return choices.includes(value as string) ? (value as Settings['theme']) : 'system'
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
