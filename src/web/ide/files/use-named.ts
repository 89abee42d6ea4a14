import { useWorkspace } from '../workspace-context.ts'
import { joinPath, nameOf, parentOf } from './paths.ts'

/** What happens when a name has been typed in the tree. */
export function useNamed(): (name: string) => void {
  const { files, notices } = useWorkspace()
  return (name) => {
    const naming = files.naming.get()
    files.naming.set(undefined)
    if (!naming) return
    const { actions } = files
    if (naming.kind === 'rename') {
      if (name !== nameOf(naming.path))
        notices.attempt(actions.rename(naming.path, joinPath(parentOf(naming.path), name)))
    } else if (naming.kind === 'file') notices.attempt(actions.createFile(joinPath(naming.directory, name)))
    else notices.attempt(actions.createFolder(joinPath(naming.directory, name)))
  }
}
