import { Store } from '../../shared/store.ts'
import { isWithin } from './paths.ts'

export interface ClipboardContent {
  paths: readonly string[]
  /** They move when they are pasted, and are shown so until then. */
  cut: boolean
}

/** Files that were cut or copied in the tree. */
export class FileClipboard {
  readonly content = new Store<ClipboardContent | undefined>(undefined)

  cut(paths: readonly string[]): void {
    if (paths.length > 0) this.content.set({ paths, cut: true })
  }

  copy(paths: readonly string[]): void {
    if (paths.length > 0) this.content.set({ paths, cut: false })
  }

  /** What is to be pasted; what was cut is so once. */
  take(): ClipboardContent | undefined {
    const content = this.content.get()
    if (content?.cut) this.content.set(undefined)
    return content
  }

  /** True when there was something to forget. */
  clearCut(): boolean {
    if (!this.content.get()?.cut) return false
    this.content.set(undefined)
    return true
  }

  renamed(from: string, to: string): void {
    const content = this.content.get()
    if (!content?.paths.some((path) => isWithin(path, from))) return
    const moved = (path: string) => (isWithin(path, from) ? to + path.slice(from.length) : path)
    this.content.set({ ...content, paths: content.paths.map(moved) })
  }
}
