import { OmegaError } from '../../../core/errors.ts'
import type { TrashedItem } from '../../../core/wire/operations/files.ts'
import type { Notices } from '../notices/notices.ts'
import type { TabList } from '../tabs/tab-list.ts'
import type { Connection } from '../wire/connection.ts'
import { copyName, sized } from './copy-name.ts'
import { type FileChange, FileHistory } from './file-history.ts'
import type { FileTree } from './file-tree.ts'
import { LongOperations } from './long-operations.ts'
import { isWithin, joinPath, nameOf, parentOf, shownName } from './paths.ts'
import { Questions } from './questions.ts'

export interface FileActionsOptions {
  connection: Connection
  tree: Pick<FileTree, 'changed' | 'expand' | 'reveal'>
  tabs: TabList
  notices: Notices
  /** Shows a file, ready to type in. */
  openFile: (path: string) => void
  /** Selects lines of the tree. */
  select: (paths: readonly string[]) => void
}

interface Move {
  from: string
  to: string
}

/** What a person does with files: told when it is done, and undone when it was a mistake. */
export class FileActions {
  readonly history = new FileHistory()
  readonly questions = new Questions()
  readonly #options: FileActionsOptions
  readonly #long: LongOperations

  constructor(options: FileActionsOptions) {
    this.#options = options
    this.#long = new LongOperations(options.connection, options.notices)
  }

  /** Makes folders above it as well. */
  async createFile(path: string): Promise<void> {
    await this.#makeParents(path)
    await this.#options.connection.request('files.write', { path, text: '' })
    await this.#show([path])
    this.history.add(this.#appeared([path], `Created ${shownName(path)}`))
    this.#options.openFile(path)
  }

  async createFolder(path: string): Promise<void> {
    await this.#makeParents(path)
    await this.#options.connection.request('files.makeDirectory', { path })
    await this.#show([path])
    await this.#options.tree.expand(path)
    this.history.add(this.#appeared([path], `Created ${shownName(path)}`))
  }

  /** True when it was done. */
  async rename(from: string, to: string): Promise<void> {
    if (from === to) return
    await this.#makeParents(to)
    const done = await this.#rename({ from, to })
    if (!done) return
    await this.#show([to])
    this.#did(this.#moved([{ from, to }], `Renamed ${shownName(from)} to ${shownName(to)}`))
  }

  /** Into another folder. What is there already is asked about. */
  async move(paths: readonly string[], folder: string): Promise<void> {
    const changes: FileChange[] = []
    const moves: Move[] = []
    try {
      for (const from of paths) {
        if (parentOf(from) === folder || isWithin(folder, from)) continue
        const to = await this.#place(joinPath(folder, nameOf(from)), changes)
        if (to === undefined) continue
        if (!(await this.#rename({ from, to }))) break
        moves.push({ from, to })
      }
    } finally {
      // What has been done before something failed is undone like all else.
      if (moves.length > 0) {
        await this.#show(moves.map(({ to }) => to))
        const moved = this.#moved(moves, `Moved ${named(moves.map(({ from }) => from))} to ${folder || 'the project'}`)
        this.#did(together([...changes, moved], moved.done))
      }
    }
  }

  /** Into a folder; what has the same name there gets another one. */
  async copy(paths: readonly string[], folder: string): Promise<void> {
    const made: string[] = []
    try {
      for (const from of paths) {
        const to = await this.#freeName(joinPath(folder, nameOf(from)))
        const title = `Copying ${shownName(from)}`
        const done = await this.#long.run(title, (task) => {
          return this.#options.connection.request('files.copy', { from, to, task })
        })
        if (!done) break
        made.push(to)
      }
    } finally {
      if (made.length > 0) {
        await this.#show(made)
        this.#did(this.#appeared(made, `Copied ${named(made)}`))
      }
    }
  }

  async duplicate(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.copy([path], parentOf(path))
  }

  /** Into the trash, or for good after a question when the trash does not take it. Gives what is gone. */
  async remove(paths: readonly string[]): Promise<string[]> {
    const items: TrashedItem[] = []
    const gone: string[] = []
    const shown = this.#tabsWithin(paths)
    try {
      for (const path of paths) {
        const item = await this.#trash(path)
        if (item === 'stays') continue
        if (item !== 'gone') items.push(item)
        gone.push(path)
        this.#options.tabs.removed(path)
        await this.#options.tree.changed(parentOf(path), [nameOf(path)])
      }
      return gone
    } finally {
      if (items.length > 0) this.#did(this.#trashed(items, shown, `Deleted ${named(items.map(({ path }) => path))}`))
    }
  }

  /** After a question. Gives what is gone. */
  async removeForGood(paths: readonly string[]): Promise<string[]> {
    const detail = paths.length === 1 ? `${paths[0]} is` : `${paths.length} files and folders are`
    const answer = await this.questions.ask(
      `Delete ${named(paths)} for good?`,
      `${detail} removed from the sandbox, with all that is inside. This cannot be undone.`,
      [{ id: 'delete', title: 'Delete for good', kind: 'danger' }],
    )
    const gone: string[] = []
    if (answer === 'delete') for (const path of paths) if (await this.#removeForGood(path)) gone.push(path)
    return gone
  }

  /** Uploaded, or come in some other way of a person's. */
  appeared(paths: readonly string[], done: string): void {
    this.#did(this.#appeared(paths, done))
  }

  async undo(): Promise<void> {
    const undone = await this.history.undo()
    this.#options.notices.say(undone === undefined ? 'There is nothing to undo.' : `Undone: ${undone}.`)
  }

  async redo(): Promise<void> {
    const redone = await this.history.redo()
    this.#options.notices.say(redone === undefined ? 'There is nothing to do again.' : `Done again: ${redone}.`)
  }

  /** Out of the trash, from its list. */
  async restore(item: TrashedItem): Promise<void> {
    const to = await this.#freeName(item.path, ' (restored)')
    const path = await this.#restore(item, to === item.path ? undefined : to)
    if (path === undefined) return
    await this.#show([path])
    this.history.add(this.#appeared([path], `Restored ${shownName(path)}`))
    this.#options.notices.say(`Restored ${path}.`)
  }

  /** Done, told, and offered to be undone. */
  #did({ done, revert }: FileChange): void {
    const undo = () => this.#options.notices.attempt(this.history.undoOnly(change))
    const dismiss = this.#options.notices.say(`${done}.`, { actions: [{ title: 'Undo', run: undo }] })
    const change: FileChange = {
      done,
      revert() {
        dismiss()
        return revert()
      },
    }
    this.history.add(change)
  }

  #rename({ from, to }: Move): Promise<boolean> {
    return this.#long.run(`Moving ${shownName(from)}`, (task) => {
      return this.#options.connection.request('files.rename', { from, to, task })
    })
  }

  /** Where something may come: what is there is asked about, and may go into the trash. Undefined: not at all. */
  async #place(path: string, changes: FileChange[]): Promise<string | undefined> {
    if (!(await this.#isThere(path))) return path
    const answer = await this.questions.ask(
      `Replace ${shownName(path)}?`,
      `There is already something at ${path}. What is replaced goes into the trash.`,
      [
        { id: 'skip', title: 'Leave it' },
        { id: 'both', title: 'Keep both' },
        { id: 'replace', title: 'Replace', kind: 'primary' },
      ],
    )
    if (answer === 'both') return this.#freeName(path)
    if (answer !== 'replace') return undefined
    const item = await this.#trash(path)
    if (item === 'stays') return undefined
    if (item !== 'gone') changes.push(this.#trashed([item], [], `Deleted ${shownName(path)}`))
    return path
  }

  /** 'stays' when the person decided so. */
  async #trash(path: string): Promise<TrashedItem | 'gone' | 'stays'> {
    let item: TrashedItem | undefined
    let tooLarge: OmegaError | undefined
    const done = await this.#long.run(`Deleting ${shownName(path)}`, async (task) => {
      try {
        item = await this.#options.connection.request('files.trash', { path, task })
      } catch (error) {
        if (!(error instanceof OmegaError) || error.code !== 'TOO_LARGE') throw error
        tooLarge = error
      }
    })
    if (item) return item
    if (!done || !tooLarge) return 'stays'
    const answer = await this.questions.ask(`Delete ${shownName(path)} for good?`, tooLarge.message, [
      { id: 'delete', title: 'Delete for good', kind: 'danger' },
    ])
    if (answer !== 'delete') return 'stays'
    return (await this.#removeForGood(path)) ? 'gone' : 'stays'
  }

  async #removeForGood(path: string): Promise<boolean> {
    const done = await this.#long.run(`Deleting ${shownName(path)}`, () => {
      return this.#options.connection.request('files.remove', { path })
    })
    if (done) this.#options.tabs.removed(path)
    await this.#options.tree.changed(parentOf(path), [nameOf(path)])
    return done
  }

  async #restore({ id, path }: TrashedItem, to?: string): Promise<string | undefined> {
    let restored: string | undefined
    await this.#long.run(`Restoring ${shownName(path)}`, async (task) => {
      const params = { id, task, ...(to === undefined ? {} : { to }) }
      restored = (await this.#options.connection.request('files.restore', params)).path
    })
    return restored
  }

  #moved(moves: readonly Move[], done: string): FileChange {
    const revert = async () => {
      const back = moves.toReversed().map(({ from, to }) => ({ from: to, to: from }))
      for (const { from, to } of back) await this.#options.connection.request('files.rename', { from, to })
      await this.#show(back.map(({ to }) => to))
      return this.#moved(back, done)
    }
    return { done, revert }
  }

  #appeared(paths: readonly string[], done: string): FileChange {
    const revert = async () => {
      const shown = this.#tabsWithin(paths)
      const items: TrashedItem[] = []
      for (const path of paths) {
        items.push(await this.#options.connection.request('files.trash', { path }))
        this.#options.tabs.removed(path)
        await this.#options.tree.changed(parentOf(path), [nameOf(path)])
      }
      return this.#trashed(items, shown, done)
    }
    return { done, revert }
  }

  /** `shown`: tabs that were closed by it, and are opened again with their files. */
  #trashed(items: readonly TrashedItem[], shown: readonly string[], done: string): FileChange {
    const revert = async () => {
      const paths: string[] = []
      for (const { id } of items) paths.push((await this.#options.connection.request('files.restore', { id })).path)
      await this.#show(paths)
      for (const tab of shown) this.#options.tabs.open(tab)
      return this.#appeared(paths, done)
    }
    return { done, revert }
  }

  /** Open files that go with these, the one in front last. */
  #tabsWithin(paths: readonly string[]): string[] {
    const { files, activeFile } = this.#options.tabs
    const within = files.filter((file) => paths.some((path) => isWithin(file, path)))
    return within.sort((a, b) => Number(a === activeFile) - Number(b === activeFile))
  }

  async #makeParents(path: string): Promise<void> {
    const parent = parentOf(path)
    if (parent === '') return
    await this.#options.connection.request('files.makeDirectory', { path: parent, parents: true })
  }

  async #isThere(path: string): Promise<boolean> {
    const look = { path: parentOf(path), names: [nameOf(path)] }
    return (await this.#options.connection.request('files.look', look)).entries.length > 0
  }

  /** The path, or a similar one where nothing is. */
  async #freeName(path: string, mark = ' copy'): Promise<string> {
    for (let number = 0; ; number++) {
      const name = sized(copyName(nameOf(path), number, mark))
      const free = joinPath(parentOf(path), name)
      if (!(await this.#isThere(free))) return free
    }
  }

  /** In the tree, selected. */
  async #show(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await this.#options.tree.changed(parentOf(path), [nameOf(path)])
      await this.#options.tree.reveal(path)
    }
    this.#options.select(paths)
  }
}

function together(changes: readonly FileChange[], done: string): FileChange {
  const [only] = changes
  if (changes.length === 1 && only) return only
  const revert = async () => {
    const back: FileChange[] = []
    for (const change of changes.toReversed()) back.push(await change.revert())
    return together(back, done)
  }
  return { done, revert }
}

function named(paths: readonly string[]): string {
  const [first = ''] = paths
  return paths.length === 1 ? shownName(first) : `${paths.length} files and folders`
}
