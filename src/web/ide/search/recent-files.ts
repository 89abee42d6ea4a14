import { Store } from '../../shared/store.ts'
import { isWithin } from '../files/paths.ts'
import type { PageMemory } from '../frame/memory.ts'
import type { TabList } from '../tabs/tab-list.ts'
import type { Connection } from '../wire/connection.ts'

const MOST_RECENT = 100

/** The files shown last, the latest first; remembered over reloads. */
export class RecentFiles {
  readonly paths: Store<readonly string[]>

  constructor(tabs: TabList, connection: Connection, memory: PageMemory) {
    this.paths = new Store<readonly string[]>(memory.value.recentFiles)
    this.paths.subscribe(() => memory.remember({ recentFiles: [...this.paths.get()] }))
    const note = () => {
      const path = tabs.activeFile
      if (path !== undefined && path !== this.paths.get()[0]) {
        this.paths.update((paths) => [path, ...paths.filter((other) => other !== path)].slice(0, MOST_RECENT))
      }
    }
    tabs.state.subscribe(note)
    note()
    connection.on('files.renamed', ({ from, to }) =>
      this.paths.update((paths) => paths.map((path) => (isWithin(path, from) ? to + path.slice(from.length) : path))),
    )
  }

  /** As one goes back to them: the file shown now comes last. */
  before(shown: string | undefined): string[] {
    const paths = this.paths.get()
    return shown === undefined ? [...paths] : [...paths.filter((path) => path !== shown), shown]
  }

  forget(path: string): void {
    this.paths.update((paths) => paths.filter((other) => !isWithin(other, path)))
  }
}
