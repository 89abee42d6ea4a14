import { Registry } from '../../shared/registry.ts'
import { Store } from '../../shared/store.ts'
import type { Documents } from '../documents/documents.ts'
import { isWithin } from '../files/paths.ts'
import type { PageMemory } from '../frame/memory.ts'
import type { Connection } from '../wire/connection.ts'
import { parseViewTab, type TabView } from './tab-view.ts'
import { closeTab, neighbourTab, openTab, renameTabs, type Tabs } from './tabs.ts'

/** The tabs of the editor: files, by their paths, and views. Remembered over reloads. */
export class TabList {
  readonly state: Store<Tabs>
  readonly views = new Registry<TabView>()
  readonly #documents: Documents

  constructor(documents: Documents, connection: Connection, memory: PageMemory) {
    this.#documents = documents
    const { open, active } = memory.value.tabs
    this.state = new Store<Tabs>({ open, active })
    this.state.subscribe(() => {
      const tabs = this.state.get()
      memory.remember({ tabs: { open: [...tabs.open], active: tabs.active } })
    })
    connection.on('files.renamed', ({ from, to }) => this.state.update((tabs) => renameTabs(tabs, from, to)))
  }

  /** Paths of the files that have a tab. */
  get files(): readonly string[] {
    return this.state.get().open.filter((tab) => !parseViewTab(tab))
  }

  /** The file shown. */
  get activeFile(): string | undefined {
    const { active } = this.state.get()
    return active === undefined || parseViewTab(active) ? undefined : active
  }

  open(tab: string): void {
    if (!parseViewTab(tab)) this.#documents.at(tab)
    this.state.update((tabs) => openTab(tabs, tab))
  }

  /** Saves a file first; what cannot be saved now stays in this browser until it can. */
  async close(tab: string): Promise<void> {
    if (!parseViewTab(tab)) await this.#documents.save(tab)
    this.discard(tab)
  }

  /** Closes the tab as it is. */
  discard(tab: string): void {
    const view = parseViewTab(tab)
    if (view) this.views.get(view.view)?.closed?.(view.arg)
    else this.#documents.close(tab)
    this.state.update((tabs) => closeTab(tabs, tab))
  }

  /** The file or folder was removed by its person. */
  removed(path: string): void {
    for (const file of this.files) if (isWithin(file, path)) this.discard(file)
  }

  step(by: 1 | -1): void {
    this.state.update((tabs) => neighbourTab(tabs, by))
  }
}
