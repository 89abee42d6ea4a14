import type { Workspace } from '../workspace.ts'
import { download, downloadAddress } from './file-addresses.ts'
import type { FileTarget } from './file-target.ts'

/** The part's own entries of the menu; other parts add theirs to `workspace.fileMenu`. */
export function addFileMenu(workspace: Workspace): void {
  const { files, fileMenu, notices } = workspace
  const mayChange = () => workspace.mayChange
  const isSomething = ({ path }: FileTarget) => path !== ''
  const isOne = ({ path, paths }: FileTarget) => path !== '' && paths.length === 1
  const changes = (when: (target: FileTarget) => boolean) => (target: FileTarget) => mayChange() && when(target)
  const canPaste = () => mayChange() && files.clipboard.content.get() !== undefined
  const copyText = (text: string) => {
    notices.attempt(navigator.clipboard.writeText(text), 'The browser did not allow to copy.')
  }
  fileMenu.add(
    {
      id: 'newFile',
      group: 'new',
      title: 'New file',
      when: mayChange,
      run: ({ folder }) => files.name('file', folder),
    },
    {
      id: 'newFolder',
      group: 'new',
      title: 'New folder',
      when: mayChange,
      run: ({ folder }) => files.name('folder', folder),
    },
    {
      id: 'rename',
      group: 'edit',
      title: 'Rename',
      key: 'F2',
      when: changes(isOne),
      run: ({ path }) => files.naming.set({ kind: 'rename', path }),
    },
    {
      id: 'duplicate',
      group: 'edit',
      title: 'Duplicate',
      when: changes(isSomething),
      run: ({ paths }) => notices.attempt(files.actions.duplicate(paths)),
    },
    {
      id: 'cut',
      group: 'edit',
      title: 'Cut',
      key: 'Ctrl+X',
      when: changes(isSomething),
      run: ({ paths }) => files.clipboard.cut(paths),
    },
    {
      id: 'copy',
      group: 'edit',
      title: 'Copy',
      key: 'Ctrl+C',
      when: changes(isSomething),
      run: ({ paths }) => files.clipboard.copy(paths),
    },
    {
      id: 'paste',
      group: 'edit',
      title: 'Paste',
      key: 'Ctrl+V',
      when: canPaste,
      run: ({ folder }) => files.paste(folder),
    },
    {
      id: 'copyPath',
      group: 'path',
      title: 'Copy path',
      key: 'Shift+Alt+C',
      when: isSomething,
      run: ({ paths }) => copyText(paths.map((path) => files.absolute(path)).join('\n')),
    },
    {
      id: 'copyRelativePath',
      group: 'path',
      title: 'Copy relative path',
      when: isSomething,
      run: ({ paths }) => copyText(paths.join('\n')),
    },
    {
      id: 'download',
      group: 'transfer',
      title: 'Download',
      run: ({ paths, path, isFolder }) => {
        download(downloadAddress(paths.length > 0 ? paths : [path], !isFolder && paths.length === 1))
      },
    },
    {
      id: 'downloadWithout',
      group: 'transfer',
      title: 'Download without ignored files',
      when: ({ isFolder, paths }) => isFolder && paths.length <= 1,
      run: ({ path }) => download(downloadAddress([path], false, true)),
    },
    {
      id: 'upload',
      group: 'transfer',
      title: 'Upload files here',
      when: mayChange,
      run: ({ folder }) => files.choose('files', folder),
    },
    {
      id: 'uploadFolder',
      group: 'transfer',
      title: 'Upload a folder here',
      when: mayChange,
      run: ({ folder }) => files.choose('folder', folder),
    },
    {
      id: 'delete',
      group: 'delete',
      title: 'Delete',
      key: 'Delete',
      danger: true,
      when: changes(isSomething),
      run: ({ paths }) => notices.attempt(files.actions.remove(paths)),
    },
  )
}
