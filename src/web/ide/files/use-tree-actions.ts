import { useWorkspace } from '../workspace-context.ts'
import { targetOf } from './file-target.ts'
import type { Row } from './file-tree.ts'
import type { TreeAction } from './tree-keys.ts'

/** What keys and clicks do in the tree. `refocus` gives the tree the focus back. */
export function useTreeActions(rows: readonly Row[], refocus: () => void) {
  const workspace = useWorkspace()
  const { files, tree, tabs } = workspace
  const { actions, clipboard, selection } = files

  const open = (row: Row) => {
    if (row.folder) tree.toggle(row.path)
    else if (row.kind !== 'note') workspace.openFile(row.path)
  }
  /** The line below takes the selection of what went. */
  const remove = async (removing: Promise<readonly string[]>) => {
    selection.removed(rows, await removing)
    if (tabs.activeFile === undefined || document.activeElement === document.body) refocus()
  }
  const act = (action: TreeAction): void => {
    const { focused } = selection.state.get()
    switch (action.kind) {
      case 'focus':
        selection.focus(action.row.path)
        break
      case 'extend':
        selection.extend(rows, action.row.path)
        break
      case 'mark':
        selection.toggle(action.row.path)
        break
      case 'toggle':
        tree.toggle(action.row.path)
        break
      case 'open':
        open(action.row)
        break
      case 'all':
        selection.all(rows)
        break
      case 'narrow':
        if (!clipboard.clearCut()) selection.narrow()
        break
      case 'copyPath':
        workspace.attempt(navigator.clipboard.writeText(files.selected.map((path) => files.absolute(path)).join('\n')))
        break
      default:
        if (workspace.mayChange && focused !== undefined) change(action.kind, focused)
    }
  }
  const change = (kind: ChangeKind, focused: string): void => {
    switch (kind) {
      case 'rename':
        files.naming.set({ kind: 'rename', path: focused })
        break
      case 'trash':
        workspace.attempt(remove(actions.remove(files.selected)))
        break
      case 'delete':
        workspace.attempt(remove(actions.removeForGood(files.selected)))
        break
      case 'cut':
        clipboard.cut(files.selected)
        break
      case 'copy':
        clipboard.copy(files.selected)
        break
      case 'paste':
        files.paste(
          targetOf(
            rows.find(({ path }) => path === focused),
            [],
          ).folder,
        )
        break
      case 'undo':
        workspace.attempt(actions.undo())
        break
      case 'redo':
        workspace.attempt(actions.redo())
        break
    }
  }
  return { open, act }
}

type ChangeKind = Exclude<
  TreeAction['kind'],
  'focus' | 'extend' | 'mark' | 'toggle' | 'open' | 'all' | 'narrow' | 'copyPath'
>
