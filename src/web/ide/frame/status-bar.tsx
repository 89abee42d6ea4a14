import { useStore } from '../../shared/use-store.ts'
import { Bell } from '../notices/notice-list.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { ConnectionStatus } from './connection-status.tsx'
import type { StatusItem } from './side-view.ts'

export function StatusBar() {
  const { statusItems } = useWorkspace()
  const items = useStore(statusItems.list)
  const of = (side: StatusItem['side']) =>
    items.filter((item) => item.side === side).map(({ id, Component }) => <Component key={id} />)
  return (
    <footer className="statusbar">
      <ConnectionStatus />
      <Saved />
      {of('left')}
      <span className="grow" />
      {of('right')}
      <Sandbox />
      <Bell />
    </footer>
  )
}

function Sandbox() {
  const { hello } = useWorkspace()
  const known = useStore(hello)
  if (!known) return null
  return (
    <>
      {known.appPort !== 0 && <span>port {known.appPort}</span>}
      <span>{known.sandbox.template}</span>
      <a href={known.masterUrl}>Dashboard</a>
    </>
  )
}

function Saved() {
  const { documents, connection } = useWorkspace()
  const unsaved = useStore(documents.unsaved)
  const { name } = useStore(connection.state)
  if (unsaved === 0) {
    return (
      <span className="saved" data-testid="saved">
        Saved
      </span>
    )
  }
  return (
    <span className="saved" data-testid="saved">
      {name === 'connected' ? `${unsaved} unsaved` : `${unsaved} unsaved, kept in this browser`}
    </span>
  )
}
