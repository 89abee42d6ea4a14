import { Store } from '../../shared/store.ts'
import type { Notices } from '../notices/notices.ts'
import type { TabList } from '../tabs/tab-list.ts'
import type { Connection } from '../wire/connection.ts'
import { chosenItems } from './dropped-items.ts'
import { FileActions } from './file-actions.ts'
import { FileClipboard } from './file-clipboard.ts'
import type { FileTree } from './file-tree.ts'
import { sendFile } from './send-file.ts'
import { TreeSelection, topmost } from './tree-selection.ts'
import { type UploadItem, Uploads } from './uploads.ts'

/** A name is being typed: for something new in a folder, or for something that is called differently from now on. */
export type Naming = { kind: 'file' | 'folder'; directory: string } | { kind: 'rename'; path: string }

export interface FilesOptions {
  connection: Connection
  tree: FileTree
  tabs: TabList
  notices: Notices
  openFile: (path: string) => void
  /** The absolute path of the project's folder; '' while it is not known. */
  root: () => string
}

/** The project's files as the person works with them: what is selected, named, cut, moved, sent and undone. */
export class Files {
  readonly selection = new TreeSelection()
  readonly clipboard = new FileClipboard()
  readonly naming = new Store<Naming | undefined>(undefined)
  readonly actions: FileActions
  readonly uploads: Uploads
  readonly #options: FilesOptions

  constructor(options: FilesOptions) {
    const { connection, tree, notices } = options
    this.#options = options
    this.actions = new FileActions({ ...options, select: (paths) => this.#select(paths) })
    this.uploads = new Uploads({
      send: sendFile,
      look: (path, names) => connection.request('files.look', { path, names }),
      makeFolder: async (path) => void (await connection.request('files.makeDirectory', { path, parents: true })),
      questions: this.actions.questions,
      notices,
      onDone: (paths, replaced, stopped) => this.#uploaded(paths, replaced, stopped),
    })
    connection.on('files.renamed', ({ from, to }) => {
      this.selection.renamed(from, to)
      this.clipboard.renamed(from, to)
      void tree.renamed(from, to)
    })
  }

  /** All that is selected, without what lies below other ones. */
  get selected(): string[] {
    return topmost(this.selection.state.get().paths)
  }

  /** Has a name typed for something new. */
  name(kind: 'file' | 'folder', folder: string): void {
    if (folder !== '') void this.#options.tree.expand(folder)
    this.naming.set({ kind, directory: folder })
  }

  /** What was cut moves here, what was copied is copied. */
  paste(folder: string): void {
    const content = this.clipboard.take()
    if (!content) return
    const { actions } = this
    this.#options.notices.attempt(
      content.cut ? actions.move(content.paths, folder) : actions.copy(content.paths, folder),
    )
  }

  upload(folder: string, items: Promise<readonly UploadItem[]>): void {
    this.#options.notices.attempt(items.then((found) => this.uploads.begin(folder, found)))
  }

  /** Has the person choose files, or a folder, of their machine. */
  choose(what: 'files' | 'folder', folder: string): void {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.webkitdirectory = what === 'folder'
    input.onchange = () => input.files && this.upload(folder, Promise.resolve(chosenItems(input.files)))
    input.click()
  }

  /** As programs of the sandbox call it. */
  absolute(path: string): string {
    return `${this.#options.root()}/${path}`
  }

  #uploaded(paths: readonly string[], replaced: number, stopped: boolean): void {
    const { tree, notices } = this.#options
    void tree.reveal(paths[0] ?? '')
    const what = paths.length === 1 ? (paths[0] ?? '') : `${paths.length} files and folders`
    const did = stopped ? 'Stopped; uploaded' : 'Uploaded'
    if (paths.length > 0 && replaced === 0) this.actions.appeared(paths, `${did} ${what}`)
    else notices.say(`${did}, and replaced ${replaced === 1 ? 'a file' : `${replaced} files`}.`)
    this.#select(paths)
  }

  #select(paths: readonly string[]): void {
    const [first] = paths
    if (first === undefined) return
    this.selection.focus(first)
    for (const path of paths.slice(1)) this.selection.toggle(path)
  }
}
