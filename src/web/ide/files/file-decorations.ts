import { Store } from '../../shared/store.ts'

/** What a part of the page says of a file or folder, wherever its name is shown. */
export interface FileDecoration {
  /** A letter or a dot behind the name. */
  letter: string
  /** In words, for those who cannot see the colour. */
  title: string
  tone: 'added' | 'changed' | 'deleted' | 'conflict' | 'error' | 'warning'
}

/** Undefined when there is nothing to say. Called for every line drawn, so it only looks things up. */
export type Decorate = (path: string, isFolder: boolean) => FileDecoration | undefined

/** Marks of files: git's status, problems, ... The first part that has something to say is heard. */
export class FileDecorations {
  /** Changes when what is said of any file may have changed. */
  readonly all = new Store<readonly { id: string; decorate: Decorate }[]>([])

  /** Takes the place of what the same part said before. */
  set(id: string, decorate: Decorate): void {
    this.all.update((all) => {
      const next = { id, decorate }
      return all.some((one) => one.id === id) ? all.map((one) => (one.id === id ? next : one)) : [...all, next]
    })
  }

  of(path: string, isFolder: boolean): FileDecoration | undefined {
    for (const { decorate } of this.all.get()) {
      const found = decorate(path, isFolder)
      if (found) return found
    }
    return undefined
  }
}
