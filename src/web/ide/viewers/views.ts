import { nameOf } from '../files/paths.ts'
import { viewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'

/** Tabs that show a file in another way than as a document. */
export function addFileViewers({ tabs, fileMenu, layout }: Workspace): void {
  const viewer = async () => (await import('./file-viewer.tsx')).FileTab
  const hex = async () => (await import('./file-viewer.tsx')).HexTab
  tabs.views.add(
    { id: 'file', title: nameOf, detail: (path) => `${path}, as it is on the disk`, icon: 'eye', load: viewer },
    { id: 'hex', title: nameOf, detail: (path) => `${path}, its bytes`, icon: 'code', load: hex },
  )
  const show = (view: string, path: string) => {
    tabs.open(viewTab(view, path))
    layout.showPane('editor')
  }
  fileMenu.add(
    {
      id: 'openPreview',
      group: 'open',
      title: 'Open as a picture',
      when: ({ path, paths }) => paths.length === 1 && /\.svg$/i.test(path),
      run: ({ path }) => show('file', path),
    },
    {
      id: 'openHex',
      group: 'open',
      title: 'Open as bytes',
      when: ({ path, isFolder, paths }) => path !== '' && !isFolder && paths.length === 1,
      run: ({ path }) => show('hex', path),
    },
  )
}
