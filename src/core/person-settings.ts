import type { SettingsAnswer } from './fleet-store.ts'
import { type KeptSettings, mergeSettings, SETTINGS_LIMIT_BYTES, settingsSize } from './kept-settings.ts'

/** What persons have chosen. What it gives out are copies. */
export class PersonSettings {
  readonly #settings = new Map<string, KeptSettings>()

  restore(all: readonly { person: string; settings: KeptSettings }[]): void {
    for (const { person, settings } of all) this.#settings.set(person, { ...settings })
  }

  kept(): { person: string; settings: KeptSettings }[] {
    return [...this.#settings].map(([person, settings]) => ({ person, settings: { ...settings } }))
  }

  of(person: string): KeptSettings {
    return { ...this.#settings.get(person) }
  }

  /** `isNew`: something is other than before. */
  change(now: number, person: string, changes: KeptSettings): { answer: SettingsAnswer; isNew: boolean } {
    const before = this.of(person)
    const settings = mergeSettings(before, changes, now)
    const names = Object.keys(settings)
    if (names.every((name) => settings[name] === before[name])) {
      return { answer: { outcome: 'kept', settings }, isNew: false }
    }
    if (settingsSize(settings) > SETTINGS_LIMIT_BYTES) return { answer: { outcome: 'tooLarge' }, isNew: false }
    this.#settings.set(person, settings)
    return { answer: { outcome: 'kept', settings: { ...settings } }, isNew: true }
  }
}
