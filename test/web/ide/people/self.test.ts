import { describe, expect, it } from 'vitest'
import { OwnSelf } from '../../../../src/web/ide/people/self.ts'

class MemoryStorage {
  readonly kept = new Map<string, string>()
  getItem = (key: string) => this.kept.get(key) ?? null
  setItem = (key: string, value: string) => void this.kept.set(key, value)
}

describe('oneself', () => {
  it('is an animal, the same one the next time, until a name is chosen', () => {
    const storage = new MemoryStorage()
    const first = new OwnSelf(storage, () => 0)
    expect(first.value.get()).toEqual({ name: 'Badger', colour: undefined })
    expect(new OwnSelf(storage, () => 0.99).value.get().name).toBe('Badger')
    first.rename('  Ada\u0000 Lovelace ')
    first.paint(4)
    expect(new OwnSelf(storage, () => 0).value.get()).toEqual({ name: 'Ada Lovelace', colour: 4 })
    first.rename('')
    expect(first.value.get()).toEqual({ name: 'Badger', colour: 4 })
  })

  it.each(['', 'nonsense', '[]', 'null', '{"name": 7, "animal": {}, "colour": "red"}'])(
    'takes %j for nothing',
    (kept) => {
      const storage = new MemoryStorage()
      storage.setItem('omega.self', kept)
      expect(new OwnSelf(storage, () => 0).value.get()).toEqual({ name: 'Badger', colour: undefined })
    },
  )

  it('does without a storage', () => {
    const forbidden = {
      getItem: () => {
        throw new Error('forbidden')
      },
      setItem: () => {
        throw new Error('forbidden')
      },
    }
    for (const storage of [undefined, forbidden]) {
      const self = new OwnSelf(storage, () => 0)
      self.rename('Ada')
      expect(self.value.get().name).toBe('Ada')
    }
  })
})
