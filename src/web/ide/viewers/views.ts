import { printable } from '../../../core/printable.ts'
import { shownName } from '../files/paths.ts'
import { viewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'
import { besideKind, besideShown } from './beside-kind.ts'

/** Tabs that show a file in another way than as a document, and previews beside documents. */
export function addFileViewers(workspace: Workspace): void {
  const { tabs, fileMenu, layout, commands } = workspace
  tabs.views.add({
    id: 'hex',
    title: shownName,
    detail: (path) => `${printable(path)}, its bytes`,
    icon: 'code',
    load: async () => (await import('./file-viewer.tsx')).HexTab,
  })
  const hasPreview = (path: string | undefined) => path !== undefined && besideKind(path) !== undefined
  fileMenu.add(
    {
      id: 'openPreview',
      group: 'open',
      title: 'Open with preview',
      when: ({ path, isFolder, paths }) => !isFolder && paths.length === 1 && hasPreview(path),
      run: ({ path }) => {
        besideShown.set(true)
        workspace.openFile(path)
      },
    },
    {
      id: 'openHex',
      group: 'open',
      title: 'Open as bytes',
      when: ({ path, isFolder, paths }) => path !== '' && !isFolder && paths.length === 1,
      run: ({ path }) => {
        tabs.open(viewTab('hex', path))
        layout.showPane('editor')
      },
    },
  )
  commands.add({
    id: 'viewers.beside',
    title: 'Show or hide the preview beside the text',
    key: 'Ctrl+Shift+V',
    when: () => hasPreview(tabs.activeFile) && document.activeElement?.closest('.panel, .xterm') === null,
    run: () => besideShown.update((shown) => !shown),
  })
}
