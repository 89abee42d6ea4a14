import { viewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'
import { download, downloadAddress } from './file-addresses.ts'
import { addFileMenu } from './file-menu.ts'
import { FilesPane } from './files-pane.tsx'

export function addFileViews(workspace: Workspace): void {
  const { sideViews, commands, files, tree, tabs, layout, notices } = workspace
  sideViews.add({
    id: 'files',
    title: 'Files',
    icon: 'file',
    key: 'Ctrl+Shift+E',
    // Part of the page: it is what is looked at first.
    load: () => FilesPane,
  })
  addFileMenu(workspace)
  tabs.views.add({
    id: 'trash',
    title: () => 'Deleted files',
    icon: 'trash',
    load: async () => (await import('./trash-view.tsx')).default,
  })

  const mayChange = () => workspace.mayChange
  const show = () => layout.showSideView('files')
  const name = (kind: 'file' | 'folder') => () => {
    show()
    files.name(kind, '')
  }
  const reveal = () => {
    const path = tabs.activeFile
    if (path === undefined) return
    show()
    notices.attempt(tree.reveal(path))
    files.selection.focus(path)
  }
  commands.add(
    { id: 'files.new', title: 'New file', when: mayChange, run: name('file') },
    { id: 'files.newFolder', title: 'New folder', when: mayChange, run: name('folder') },
    {
      id: 'files.reveal',
      title: 'Show the open file in the tree',
      when: () => tabs.activeFile !== undefined,
      run: reveal,
    },
    { id: 'files.collapse', title: 'Collapse all folders', run: () => tree.collapseAll() },
    { id: 'files.upload', title: 'Upload files', when: mayChange, run: () => files.choose('files', '') },
    { id: 'files.uploadFolder', title: 'Upload a folder', when: mayChange, run: () => files.choose('folder', '') },
    {
      id: 'files.download',
      title: 'Download the project without ignored files',
      run: () => download(downloadAddress([''], false, true)),
    },
    {
      id: 'files.trash',
      title: 'Show deleted files',
      run: () => {
        tabs.open(viewTab('trash'))
        layout.showPane('editor')
      },
    },
    {
      id: 'files.undo',
      title: 'Undo the last change of files',
      when: () => mayChange() && files.actions.history.next.get().undo !== undefined,
      run: () => notices.attempt(files.actions.undo()),
    },
    {
      id: 'files.redo',
      title: 'Do the last undone change of files again',
      when: () => mayChange() && files.actions.history.next.get().redo !== undefined,
      run: () => notices.attempt(files.actions.redo()),
    },
  )

  // A file dropped beside the tree would take the page's place.
  for (const type of ['dragover', 'drop'] as const) {
    window.addEventListener(type, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'none'
    })
  }
}
