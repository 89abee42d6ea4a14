import { type FormEvent, useEffect, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { PreviewState } from './preview.ts'

/** What a page under development may do; it runs on an origin of its own. */
const SANDBOX =
  'allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock allow-presentation'
const ALLOW = 'clipboard-read; clipboard-write; fullscreen; autoplay; geolocation; microphone; camera; gamepad'

/** The running app beside its code. */
export function PreviewPane({ hidden }: { hidden: boolean }) {
  const { preview } = useWorkspace()
  const state = useStore(preview.state)
  return (
    <section className="part preview" hidden={hidden} aria-label="Preview">
      <AddressBar state={state} />
      <div className="frame">
        {state.url !== undefined && (
          <iframe
            key={`${state.port}:${state.load}`}
            title="Preview"
            src={state.url}
            sandbox={SANDBOX}
            allow={ALLOW}
            data-testid="preview-frame"
          />
        )}
        <Over state={state} />
      </div>
    </section>
  )
}

function AddressBar({ state }: { state: PreviewState }) {
  const workspace = useWorkspace()
  const { preview, memory } = workspace
  const [typed, setTyped] = useState(state.path)
  useEffect(() => setTyped(state.path), [state.path])
  const go = (event: FormEvent) => {
    event.preventDefault()
    preview.go(typed)
    memory.remember({ appPath: preview.state.get().path })
  }
  const openTab = () => {
    // Opened before the address is known: later a browser would take it for a pop-up.
    const tab = window.open('', '_blank')
    workspace.attempt(
      preview.link().then((url) => {
        if (!tab) return
        tab.opener = null
        tab.location.href = url
      }),
    )
  }
  const ports = [...new Set([...(state.port ? [state.port] : []), ...state.ports])].sort((a, b) => a - b)
  return (
    <form className="addressbar" onSubmit={go} aria-label="Address">
      <button
        type="button"
        className="tool"
        aria-label="Reload the preview"
        title="Reload"
        disabled={state.port === 0}
        onClick={() => void preview.reload()}
      >
        <Icon name="refresh" size={15} />
      </button>
      <div className="address">
        <select
          aria-label="Port"
          value={state.port}
          disabled={ports.length === 0}
          onChange={(event) => preview.choose(Number(event.target.value))}
        >
          {ports.length === 0 && <option value={0}>no port</option>}
          {ports.map((port) => (
            <option key={port} value={port}>
              :{port}
            </option>
          ))}
        </select>
        <input
          aria-label="Path"
          value={typed}
          spellCheck={false}
          autoCapitalize="off"
          onChange={(event) => setTyped(event.target.value)}
          onFocus={(event) => event.target.select()}
        />
      </div>
      <button
        type="button"
        className="tool"
        aria-label="Open the preview in a new tab"
        title="Open in a new tab"
        disabled={state.phase !== 'live'}
        onClick={openTab}
      >
        <Icon name="external" size={15} />
      </button>
    </form>
  )
}

/** What is said instead of a blank page. */
function Over({ state }: { state: PreviewState }) {
  const workspace = useWorkspace()
  const hello = useStore(workspace.hello)
  const { phase, problem, port, ports } = state
  if (phase === 'live' && problem === undefined) return null
  const showTerminal = () => {
    const app = workspace.terminals.state.get().list.find(({ kind }) => kind === 'app')
    if (app) workspace.terminals.select(app.terminal)
    workspace.layout.showPanelView('terminal')
  }
  const restart = () => workspace.attempt(workspace.terminals.restartApp())
  if (problem !== undefined) {
    return (
      <div className="over">
        <div className="empty" role="alert">
          <strong>The preview cannot be opened</strong>
          <p>{problem}</p>
          <button type="button" className="button" onClick={() => void workspace.preview.reload()}>
            Try again
          </button>
        </div>
      </div>
    )
  }
  if (phase === 'idle') {
    return (
      <div className="over">
        <div className="empty">
          {hello ? <strong>Nothing to show yet</strong> : <span className="spinner" />}
          {hello && <p>Start a server in a terminal; its port appears here by itself.</p>}
          {ports.map((other) => (
            <button key={other} type="button" className="button" onClick={() => workspace.preview.choose(other)}>
              Open port {other}
            </button>
          ))}
        </div>
      </div>
    )
  }
  const stopped = phase === 'stopped'
  return (
    <div className="over">
      <div className="empty" role="status">
        {!stopped && <span className="spinner" />}
        <strong>{stopped ? 'Your server stopped' : 'Your app is starting'}</strong>
        <p>
          {stopped
            ? `Nothing listens on port ${port} any more. Its terminal says why.`
            : `The preview opens as soon as something listens on port ${port}.`}
        </p>
        <button type="button" className="button" onClick={showTerminal}>
          Show its terminal
        </button>
        {stopped && port === hello?.appPort && (
          <button type="button" className="button primary" onClick={restart}>
            Start it again
          </button>
        )}
      </div>
    </div>
  )
}
