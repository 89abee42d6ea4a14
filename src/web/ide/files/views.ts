import type { Workspace } from '../workspace.ts'
import { FilesPane } from './files-pane.tsx'

export function addFileViews({ sideViews }: Workspace): void {
  sideViews.add({
    id: 'files',
    title: 'Files',
    icon: 'file',
    key: 'Ctrl+Shift+E',
    // Part of the page: it is what is looked at first.
    load: () => FilesPane,
  })
}
