import type { FormEvent } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { Store } from '../../shared/store.ts'
import { useStore } from '../../shared/use-store.ts'
import { useTyped } from '../../shared/use-typed.ts'
import { useWorkspace } from '../workspace-context.ts'
import { ConsoleButton } from './console-button.tsx'
import { devices } from './device.ts'
import { MoreMenu } from './more-menu.tsx'
import { openInTab } from './open-port.ts'
import type { Preview, PreviewState } from './preview.ts'

const nothing = new Store<PreviewState>({
  phase: 'starting',
  path: '/',
  title: '',
  load: 0,
  loading: false,
  watched: 'asking',
  canGoBack: false,
  canGoForward: false,
})

/** Where the page is, and what can be done with it. */
export function AddressBar({ preview }: { preview: Preview | undefined }) {
  const workspace = useWorkspace()
  const { previews } = workspace
  const { phase, path, loading, canGoBack, canGoForward } = useStore(preview?.state ?? nothing)
  const { screen } = useStore(previews.look)
  const [typed, setTyped] = useTyped(path)
  const go = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    preview?.go(typed)
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }
  const live = phase === 'live' && preview !== undefined
  return (
    <form className="addressbar" onSubmit={go} aria-label="Address" data-loading={loading || undefined}>
      <button
        type="button"
        className="tool"
        aria-label="Back"
        title="Back"
        disabled={!canGoBack}
        onClick={() => preview?.back()}
      >
        <Icon name="back" size={15} />
      </button>
      <button
        type="button"
        className="tool"
        aria-label="Forward"
        title="Forward"
        disabled={!canGoForward}
        onClick={() => preview?.forward()}
      >
        <Icon name="forward" size={15} />
      </button>
      <button
        type="button"
        className="tool"
        aria-label="Reload the preview"
        title="Reload (with Shift: without the cache)"
        disabled={!preview}
        onClick={(event) => (event.shiftKey ? preview?.reloadFresh() : preview?.reload())}
      >
        <Icon name="refresh" size={15} />
      </button>
      <div className="address">
        <PortChoice preview={preview} />
        <input
          aria-label="Path"
          value={typed}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          disabled={!preview}
          onChange={(event) => setTyped(event.target.value)}
          onFocus={(event) => event.target.select()}
          onKeyDown={(event) => event.key === 'Escape' && setTyped(path)}
        />
      </div>
      <button
        type="button"
        className="tool for-mouse"
        aria-label="Show the page on a device's screen"
        title="Device sizes"
        aria-pressed={screen !== undefined}
        onClick={() => previews.resize(screen ? undefined : devices[1]?.size)}
      >
        <Icon name="device" size={15} />
      </button>
      <ConsoleButton preview={preview} />
      <button
        type="button"
        className="tool"
        aria-label="Open the preview in a new tab"
        title="Open in a new tab"
        disabled={!live}
        onClick={() => preview && openInTab(workspace, preview.port)}
      >
        <Icon name="external" size={15} />
      </button>
      <MoreMenu preview={preview} />
    </form>
  )
}

/** All ports that listen, and the one shown whether it does or not. */
function PortChoice({ preview }: { preview: Preview | undefined }) {
  const { previews } = useWorkspace()
  const { ports, open } = useStore(previews.state)
  const shown = preview?.port ?? 0
  const all = new Map([
    ...open.map((port) => [port, undefined] as const),
    ...ports.map((port) => [port.port, port.program] as const),
  ])
  const sorted = [...all].sort(([one], [other]) => one - other)
  return (
    <select
      aria-label="Port"
      value={shown}
      disabled={sorted.length === 0}
      onChange={(event) => previews.show(Number(event.target.value))}
    >
      {shown === 0 && <option value={0}>{sorted.length === 0 ? 'no port' : 'port'}</option>}
      {sorted.map(([port, program]) => (
        <option key={port} value={port}>
          :{port}
          {program === undefined ? '' : ` ${program}`}
        </option>
      ))}
    </select>
  )
}
