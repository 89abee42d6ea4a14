import { Fragment } from 'react'
import { useStore } from '../../shared/use-store.ts'
import { shownKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'

const offered = ['palette.files', 'palette.commands', 'terminal.toggle', 'frame.side', 'settings.open']

/** No file is open: what can be done, and its keys. */
export function Welcome() {
  const { commands, keys } = useWorkspace()
  useStore(keys.version)
  const shown = offered.flatMap((id) => commands.get(id) ?? [])
  return (
    <div className="empty welcome">
      <strong>Open a file to start</strong>
      <div className="keys">
        {shown.map((command) => (
          <Fragment key={command.id}>
            <kbd>{shownKeys(keys.of(command))}</kbd>
            <button type="button" onClick={command.run}>
              {command.title}
            </button>
          </Fragment>
        ))}
      </div>
    </div>
  )
}
