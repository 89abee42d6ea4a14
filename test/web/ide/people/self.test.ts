import { describe, expect, it } from 'vitest'
import { OwnSelf } from '../../../../src/web/ide/people/self.ts'
import { SettingsStore } from '../../../../src/web/ide/settings/settings.ts'

class MemoryStorage {
  readonly kept = new Map<string, string>()
  getItem = (key: string) => this.kept.get(key) ?? null
  setItem = (key: string, value: string) => void this.kept.set(key, value)
}

describe('oneself', () => {
  it('is an animal, the same one the next time, until a name is chosen', () => {
    const storage = new MemoryStorage()
    const settings = new SettingsStore(storage)
    const first = new OwnSelf(settings, storage, () => 0)
    expect(first.value.get()).toEqual({ name: 'Badger', colour: undefined })
    expect(new OwnSelf(settings, storage, () => 0.99).value.get().name).toBe('Badger')
    let told = 0
    first.value.subscribe(() => told++)
    first.rename('  Ada\u0000 Lovelace ')
    first.paint(4)
    settings.set('wordWrap', 'on')
    expect(told).toBe(2)
    const again = new OwnSelf(new SettingsStore(storage), storage, () => 0)
    expect(again.value.get()).toEqual({ name: 'Ada Lovelace', colour: 4 })
    first.rename('')
    expect(first.value.get()).toEqual({ name: 'Badger', colour: 4 })
    // Whoever does not change their animal has chosen no name.
    first.rename('Badger')
    expect(settings.values.get().name).toBe('')
  })

  it('follows the settings, wherever they were changed', () => {
    const settings = new SettingsStore(undefined)
    const self = new OwnSelf(settings, undefined, () => 0)
    settings.set('name', 'Ada\u202e')
    expect(self.value.get().name).toBe('Ada')
  })

  it.each(['', 'nonsense', 'Basilisk', '{"animal": 7}'])('takes %j for no animal', (kept) => {
    const storage = new MemoryStorage()
    storage.setItem('omega.animal', kept)
    expect(new OwnSelf(new SettingsStore(undefined), storage, () => 0).value.get().name).toBe('Badger')
  })

  it('does without a storage', () => {
    const forbidden = {
      getItem: () => {
        throw new Error('forbidden')
      },
      setItem: () => {
        throw new Error('forbidden')
      },
    }
    const self = new OwnSelf(new SettingsStore(forbidden), forbidden, () => 0)
    self.rename('Ada')
    expect(self.value.get().name).toBe('Ada')
  })
})
