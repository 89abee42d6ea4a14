import { useState } from 'react'
import { Icon, type IconName } from '../../shared/icons.tsx'
import { Confirm } from '../../shared/sheet.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { Row } from './file-tree.ts'
import { joinPath, nameOf, parentOf } from './paths.ts'
import { type Naming, TreeView } from './tree-view.tsx'

/** The side bar: the project's files and what can be done with them. */
export function FilesPane() {
  const workspace = useWorkspace()
  const { tree } = workspace
  const { rows, loaded, problem } = useStore(tree.state)
  const [selected, setSelected] = useState<string | undefined>()
  const [naming, setNaming] = useState<Naming | undefined>()
  const [removing, setRemoving] = useState<Row | undefined>()

  const create = (kind: 'file' | 'folder') => {
    const row = rows.find(({ path }) => path === selected)
    const directory = !row ? '' : row.kind === 'directory' ? row.path : parentOf(row.path)
    if (directory !== '') void tree.expand(directory)
    setNaming({ kind, directory })
  }
  const named = (name: string) => {
    setNaming(undefined)
    if (!naming) return
    if (naming.kind === 'rename') {
      if (name !== nameOf(naming.path)) {
        workspace.attempt(workspace.rename(naming.path, joinPath(parentOf(naming.path), name)))
      }
    } else if (naming.kind === 'file') workspace.attempt(workspace.createFile(joinPath(naming.directory, name)))
    else workspace.attempt(workspace.createFolder(joinPath(naming.directory, name)))
  }
  const tool = (icon: IconName, label: string, run: () => void) => (
    <button type="button" className="tool" title={label} aria-label={label} onClick={run}>
      <Icon name={icon} size={15} />
    </button>
  )
  return (
    <>
      <div className="heading">
        Files
        <span className="grow" />
        {tool('newFile', 'New file', () => create('file'))}
        {tool('newFolder', 'New folder', () => create('folder'))}
        {tool('refresh', 'Refresh', () => workspace.attempt(tree.connect()))}
      </div>
      {problem && !loaded && <div className="banner bad">{problem}</div>}
      {!loaded && !problem && (
        <div className="ghosts">
          <i />
          <i />
          <i />
          <i />
          <i />
        </div>
      )}
      {loaded && rows.length === 0 && !naming && (
        <div className="empty">
          <p>The project is empty.</p>
          <button type="button" className="button" onClick={() => create('file')}>
            New file
          </button>
        </div>
      )}
      {loaded && (rows.length > 0 || naming) && (
        <TreeView
          rows={rows}
          selected={selected}
          naming={naming}
          onSelect={setSelected}
          onOpen={(row) => (row.kind === 'directory' ? tree.toggle(row.path) : workspace.openFile(row.path))}
          onRename={(row) => setNaming({ kind: 'rename', path: row.path })}
          onRemove={setRemoving}
          onNamed={named}
          onNamingEnd={() => setNaming(undefined)}
        />
      )}
      {removing && (
        <Confirm
          title={`Delete ${removing.name}?`}
          detail={
            removing.kind === 'directory'
              ? `The folder ${removing.path} and everything in it is removed from the sandbox. This cannot be undone.`
              : `${removing.path} is removed from the sandbox. This cannot be undone.`
          }
          action="Delete"
          onConfirm={() => workspace.attempt(workspace.remove(removing.path))}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </>
  )
}
