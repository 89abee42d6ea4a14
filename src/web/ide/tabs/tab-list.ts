import { Registry } from '../../shared/registry.ts'
import { Store } from '../../shared/store.ts'
import type { Documents } from '../documents/documents.ts'
import { isWithin } from '../files/paths.ts'
import type { PageMemory } from '../frame/memory.ts'
import type { Connection } from '../wire/connection.ts'
import { parseViewTab, type TabView } from './tab-view.ts'
import { closeTab, moveTab, neighbourTab, openTab, renameTabs, shiftTab, type Tabs, tabsBeside } from './tabs.ts'

/** Closed tabs that can be shown again. */
const MOST_KEPT = 30

/** The tabs of the editor: files, by their paths, and views. Remembered over reloads. */
export class TabList {
  readonly state: Store<Tabs>
  readonly views = new Registry<TabView>()
  readonly #documents: Documents
  /** Files whose tabs were closed, the latest last, and the tab right of each. */
  #closed: { tab: string; before: string | undefined }[] = []

  constructor(documents: Documents, connection: Connection, memory: PageMemory) {
    this.#documents = documents
    const { open, active } = memory.value.tabs
    this.state = new Store<Tabs>({ open, active })
    this.state.subscribe(() => {
      const tabs = this.state.get()
      memory.remember({ tabs: { open: [...tabs.open], active: tabs.active } })
    })
    connection.on('files.renamed', ({ from, to }) => {
      this.state.update((tabs) => renameTabs(tabs, from, to))
      this.#closed = this.#closed.map(({ tab, before }) => ({
        tab: isWithin(tab, from) ? to + tab.slice(from.length) : tab,
        before,
      }))
    })
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
    const isFile = !parseViewTab(tab)
    if (isFile) await this.#documents.save(tab)
    const { open } = this.state.get()
    const at = open.indexOf(tab)
    if (at < 0) return
    if (isFile) {
      this.#closed = [...this.#closed.filter((one) => one.tab !== tab), { tab, before: open[at + 1] }].slice(-MOST_KEPT)
    }
    this.discard(tab)
  }

  /** Closes all tabs but one, or those right of it. */
  async closeBeside(tab: string, which: 'others' | 'right'): Promise<void> {
    for (const other of tabsBeside(this.state.get(), tab, which)) await this.close(other)
  }

  async closeAll(): Promise<void> {
    for (const tab of this.state.get().open) await this.close(tab)
  }

  get hasClosed(): boolean {
    return this.#closed.length > 0
  }

  /** The file whose tab was closed last, which is to be shown again where it was. */
  takeClosed(): string | undefined {
    const last = this.#closed.pop()
    if (!last) return undefined
    const { tab, before } = last
    if (this.state.get().open.includes(tab)) return this.takeClosed()
    this.open(tab)
    if (before !== undefined) this.move(tab, before)
    return tab
  }

  /** Puts a tab where another one is, or to the end. */
  move(tab: string, before: string | undefined): void {
    this.state.update((tabs) => moveTab(tabs, tab, before))
  }

  /** Puts a tab one place further. */
  shift(tab: string, by: 1 | -1): void {
    this.state.update((tabs) => shiftTab(tabs, tab, by))
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
    this.#closed = this.#closed.filter(({ tab }) => !isWithin(tab, path))
    for (const file of this.files) if (isWithin(file, path)) this.discard(file)
  }

  step(by: 1 | -1): void {
    this.state.update((tabs) => neighbourTab(tabs, by))
  }
}
