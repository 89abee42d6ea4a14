import { useCallback, useEffect, useState } from 'react'
import { Icon, type IconName } from '../../shared/icons.tsx'
import { Menu, type MenuPlace } from '../../shared/menu.tsx'
import { Skeleton } from '../../shared/skeleton.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { type FileTarget, fileMenuGroups, labelOf, targetOf } from './file-target.ts'
import { QuestionSheet } from './question-sheet.tsx'
import { TreeView } from './tree-view.tsx'

/** The side bar: the project's files and what can be done with them. */
export function FilesPane() {
  const workspace = useWorkspace()
  const { tree, files } = workspace
  const { rows, loaded, problem } = useStore(tree.state)
  const naming = useStore(files.naming)
  useStore(workspace.access)
  const [menu, setMenu] = useState<{ target: FileTarget; at: MenuPlace } | undefined>()
  const closeMenu = useCallback(() => setMenu(undefined), [])
  useFollowTab()

  const create = (kind: 'file' | 'folder') => {
    const { focused } = files.selection.state.get()
    files.name(
      kind,
      targetOf(
        rows.find(({ path }) => path === focused),
        [],
      ).folder,
    )
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
        {workspace.mayChange && tool('newFile', 'New file', () => create('file'))}
        {workspace.mayChange && tool('newFolder', 'New folder', () => create('folder'))}
        {tool('refresh', 'Refresh', () => workspace.attempt(tree.connect()))}
        {tool('collapse', 'Collapse all folders', () => tree.collapseAll())}
      </div>
      {problem && !loaded && <div className="banner bad">{problem}</div>}
      {!loaded && !problem && <Skeleton lines={5} />}
      {loaded && <TreeView onMenu={(target, at) => setMenu({ target, at })} />}
      {loaded && rows.length === 0 && !naming && <EmptyProject />}
      {menu && <FileMenu {...menu} onClose={closeMenu} />}
      <QuestionSheet questions={files.actions.questions} />
    </>
  )
}

function EmptyProject() {
  const { files, mayChange } = useWorkspace()
  return (
    <div className="empty over-tree">
      <p>The project is empty.</p>
      {mayChange && (
        <>
          <button type="button" className="button" onClick={() => files.name('file', '')}>
            New file
          </button>
          <button type="button" className="button" onClick={() => files.choose('files', '')}>
            Upload files
          </button>
        </>
      )}
    </div>
  )
}

function FileMenu({ target, at, onClose }: { target: FileTarget; at: MenuPlace; onClose: () => void }) {
  const { fileMenu } = useWorkspace()
  const items = useStore(fileMenu.list)
    .filter(({ when }) => when === undefined || when(target))
    .map((item) => ({ ...item, run: () => item.run(target) }))
    .sort((a, b) => fileMenuGroups.indexOf(a.group) - fileMenuGroups.indexOf(b.group))
  return <Menu label={`Actions for ${labelOf(target)}`} items={items} at={at} onClose={onClose} />
}

/** The file in front is selected, and what is above it open. */
function useFollowTab(): void {
  const { tabs, tree, files } = useWorkspace()
  useStore(tabs.state)
  const active = tabs.activeFile
  useEffect(() => {
    if (active === undefined) return
    void tree.reveal(active)
    files.selection.focus(active)
  }, [active, tree, files])
}
