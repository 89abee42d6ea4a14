import { useCallback, useEffect, useState } from 'react'
import { nameOf, parentOf } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'
import { RemoteFile } from './remote-file.ts'

export interface RemoteFileState {
  file?: RemoteFile
  problem?: string
  /** It is another one on the disk by now. */
  changed: boolean
  reload: () => void
}

/** A file of the sandbox for a viewer. It is opened once; when it changes on the disk that is said, as far as it is watched. */
export function useRemoteFile(path: string): RemoteFileState {
  const { connection } = useWorkspace()
  const [turn, setTurn] = useState(0)
  const [state, setState] = useState<{ file?: RemoteFile; problem?: string; changed: boolean }>({ changed: false })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn is why it runs again
  useEffect(() => {
    let left = false
    const show = (next: { file?: RemoteFile; problem?: string }) => !left && setState({ ...next, changed: false })
    RemoteFile.open(path).then(
      (file) => show({ file }),
      (error: Error) => show({ problem: error.message }),
    )
    const stop = connection.on('files.changed', ({ directory, names }) => {
      if (directory !== parentOf(path) || (names.length > 0 && !names.includes(nameOf(path)))) return
      setState((before) => ({ ...before, changed: true }))
    })
    return () => {
      left = true
      stop()
    }
  }, [path, turn, connection])
  const reload = useCallback(() => setTurn((before) => before + 1), [])
  return { ...state, reload }
}
