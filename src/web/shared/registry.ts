import { Store } from './store.ts'

/** Things that parts of the page add for others to show: commands, views, items of a bar. In the order they came. */
export class Registry<T extends { id: string }> {
  readonly list = new Store<readonly T[]>([])

  /** One with the same id takes the place of the former. */
  add(...items: T[]): void {
    this.list.update((list) => [...list.filter(({ id }) => !items.some((item) => item.id === id)), ...items])
  }

  get(id: string): T | undefined {
    return this.list.get().find((item) => item.id === id)
  }
}
