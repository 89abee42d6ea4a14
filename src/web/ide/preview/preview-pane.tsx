import { useEffect, useRef } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { rove } from '../../shared/roving.ts'
import { useStore } from '../../shared/use-store.ts'
import { Loaded } from '../frame/loaded.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { AddressBar } from './address-bar.tsx'
import { Over } from './over.tsx'
import type { Preview } from './preview.ts'
import { Stage } from './stage.tsx'

/** What a page under development may do; it runs on an origin of its own. */
const SANDBOX =
  'allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock allow-presentation'
const ALLOW = 'clipboard-read; clipboard-write; fullscreen; autoplay; geolocation; microphone; camera; gamepad'

const loadDeviceBar = () => import('./device-bar.tsx').then(({ DeviceBar }) => DeviceBar)
const loadConsole = () => import('./console-drawer.tsx').then(({ ConsoleDrawer }) => ConsoleDrawer)

/** The running apps beside their code. */
export function PreviewPane({ hidden }: { hidden: boolean }) {
  const { previews } = useWorkspace()
  const { open, active } = useStore(previews.state)
  const { screen, console } = useStore(previews.look)
  const shown = previews.active
  return (
    <section className="part preview" hidden={hidden} aria-label="Preview">
      {open.length > 1 && <PortTabs open={open} active={active} />}
      <AddressBar key={`bar-${active}`} preview={shown} />
      {screen && <Loaded load={loadDeviceBar} props={{ screen }} />}
      <Stage>
        {open.map((port) => (
          <PageFrame key={port} preview={previews.at(port)} shown={port === active} />
        ))}
      </Stage>
      <Over preview={shown} />
      {console && shown && <Loaded key={`console-${active}`} load={loadConsole} props={{ preview: shown }} />}
    </section>
  )
}

function PortTabs({ open, active }: { open: readonly number[]; active: number }) {
  const { previews } = useWorkspace()
  const { ports } = useStore(previews.state)
  return (
    <div
      className="tabbar port-tabs"
      role="tablist"
      aria-label="Open previews"
      onKeyDown={(event) => rove(event, '[role=tab]')}
    >
      {open.map((port) => {
        const program = ports.find((other) => other.port === port)?.program
        return (
          <div
            key={port}
            className="tab"
            role="tab"
            aria-selected={port === active}
            aria-label={`:${port}${program === undefined ? '' : ` ${program}`}`}
            aria-keyshortcuts="Delete"
            tabIndex={port === active ? 0 : -1}
            onClick={() => previews.show(port)}
            onAuxClick={(event) => event.button === 1 && previews.close(port)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' || event.key === ' ') previews.show(port)
              else if (event.key === 'Delete') previews.close(port)
            }}
          >
            :{port} <span className="program">{program}</span>
            <button
              type="button"
              className="tool"
              aria-label={`Close the preview of port ${port}`}
              title="Close"
              tabIndex={-1}
              onClick={(event) => {
                event.stopPropagation()
                previews.close(port)
              }}
            >
              <Icon name="close" size={12} />
            </button>
          </div>
        )
      })}
    </div>
  )
}

/** A page goes on while another one is shown. */
function PageFrame({ preview, shown }: { preview: Preview; shown: boolean }) {
  const { url, load, title } = useStore(preview.state)
  const frame = useRef<HTMLIFrameElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another load is another frame
  useEffect(() => {
    const { contentWindow } = frame.current ?? {}
    if (!contentWindow) return
    return preview.attach({
      window: contentWindow,
      send: (message, origin) => contentWindow.postMessage(message, origin),
    })
  }, [preview, load])
  if (url === undefined) return null
  return (
    <iframe
      key={load}
      ref={frame}
      className="page"
      hidden={!shown}
      title={title === '' ? `Preview of port ${preview.port}` : `Preview: ${title}`}
      src={url}
      sandbox={SANDBOX}
      allow={ALLOW}
      data-testid="preview-frame"
      data-port={preview.port}
      onLoad={() => preview.loaded()}
    />
  )
}
