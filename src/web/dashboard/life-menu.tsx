import { useCallback, useState } from 'react'
import type { SandboxView } from '../../core/wire/http.ts'
import { Icon } from '../shared/icons.tsx'
import { Menu, type MenuItem, type MenuPlace } from '../shared/menu.tsx'

interface LifeMenuProps {
  sandbox: SandboxView
  /** It is being started or stopped already. */
  busy: boolean
  onStart: () => void
  onStop: () => void
  onFork: () => void
  onSnapshots: () => void
  onRename: () => void
  onDelete: () => void
}

/** What can become of a sandbox that is there. */
export function LifeMenu({ sandbox, busy, ...on }: LifeMenuProps) {
  const [at, setAt] = useState<MenuPlace>()
  const close = useCallback(() => setAt(undefined), [])
  const { name, state } = sandbox
  const items: MenuItem[] = []
  if (!busy && state !== 'running') {
    items.push({ id: 'start', title: state === 'asleep' ? 'Wake' : 'Start', group: 'state', run: on.onStart })
  }
  if (!busy && state !== 'stopped') items.push({ id: 'stop', title: 'Stop', group: 'state', run: on.onStop })
  items.push({ id: 'fork', title: 'Fork…', group: 'copy', run: on.onFork })
  items.push({ id: 'snapshots', title: 'Snapshots…', group: 'copy', run: on.onSnapshots })
  items.push({ id: 'rename', title: 'Rename…', group: 'copy', run: on.onRename })
  items.push({ id: 'delete', title: 'Delete…', group: 'end', danger: true, run: on.onDelete })
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={`More for ${name}`}
        aria-haspopup="menu"
        aria-expanded={at !== undefined}
        title="Stop, start, fork, snapshots, rename"
        disabled={state === 'placing' || state === 'deleting'}
        onClick={({ currentTarget }) => {
          const { right, bottom } = currentTarget.getBoundingClientRect()
          setAt({ x: right - 200, y: bottom + 4 })
        }}
      >
        <Icon name="more" />
      </button>
      {at && <Menu label={name} items={items} at={at} onClose={close} />}
    </>
  )
}
