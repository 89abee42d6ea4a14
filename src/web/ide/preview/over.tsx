import { useRef } from 'react'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { openHere, showTerminalOf } from './open-port.ts'
import type { Preview } from './preview.ts'

/** What is said instead of a blank page. */
export function Over({ preview }: { preview: Preview | undefined }) {
  return preview ? <OverPreview preview={preview} /> : <Nothing />
}

function Nothing() {
  const workspace = useWorkspace()
  const hello = useStore(workspace.hello)
  const { ports } = useStore(workspace.previews.state)
  return (
    <div className="over">
      <div className="empty">
        {hello ? <strong>Nothing to show yet</strong> : <span className="spinner" />}
        {hello && <p>Start a server in a terminal; its page appears here by itself.</p>}
        {ports.map(({ port, program }) => (
          <button key={port} type="button" className="button" onClick={() => openHere(workspace, port)}>
            Open port {port}
            {program === undefined ? '' : ` (${program})`}
          </button>
        ))}
      </div>
    </div>
  )
}

function OverPreview({ preview }: { preview: Preview }) {
  const workspace = useWorkspace()
  const hello = useStore(workspace.hello)
  const { phase, problem } = useStore(preview.state)
  const { ports } = useStore(workspace.previews.state)
  const { port } = preview
  // Remembered while it listened: the terminal to look into when it has stopped.
  const terminal = useRef<string | undefined>(undefined)
  terminal.current = ports.find((other) => other.port === port)?.terminal ?? terminal.current
  if (problem !== undefined) {
    return (
      <div className="over">
        <div className="empty" role="alert">
          <strong>The preview cannot be opened</strong>
          <p>{problem}</p>
          <button type="button" className="button" onClick={() => void preview.load()}>
            Try again
          </button>
        </div>
      </div>
    )
  }
  if (phase === 'live') return null
  const stopped = phase === 'stopped'
  const isApp = port === hello?.appPort
  return (
    <div className="over">
      <div className="empty" role="status">
        {!stopped && <span className="spinner" />}
        <strong>{stopped ? 'Your server stopped' : isApp ? 'Your app is starting' : `Waiting for port ${port}`}</strong>
        <p>
          {stopped
            ? `Nothing listens on port ${port} any more. Its terminal says why.`
            : `The preview opens as soon as something listens on port ${port}.`}
        </p>
        <button type="button" className="button" onClick={() => showTerminalOf(workspace, port, terminal.current)}>
          Show its terminal
        </button>
        {stopped && isApp && (
          <button
            type="button"
            className="button primary"
            onClick={() => workspace.attempt(workspace.terminals.restartApp())}
          >
            Start it again
          </button>
        )}
      </div>
    </div>
  )
}
