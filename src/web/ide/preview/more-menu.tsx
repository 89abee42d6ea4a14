import { useEffect, useId, useRef, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { rove } from '../../shared/roving.ts'
import { useStore } from '../../shared/use-store.ts'
import { Loaded } from '../frame/loaded.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { copyAddress } from './open-port.ts'
import type { Preview } from './preview.ts'

const loadPhoneSheet = () => import('./phone-sheet.tsx').then(({ PhoneSheet }) => PhoneSheet)

/** What is wanted less often. */
export function MoreMenu({ preview }: { preview: Preview | undefined }) {
  const workspace = useWorkspace()
  const { previews, layout } = workspace
  const actions = useStore(previews.actions.list)
  const [phone, setPhone] = useState(false)
  const menu = useRef<HTMLDivElement>(null)
  const id = useId()
  useEffect(() => {
    // A click into the page itself is not seen here, but takes the focus.
    const close = () => menu.current?.hidePopover()
    window.addEventListener('blur', close)
    return () => window.removeEventListener('blur', close)
  }, [])
  const item = (title: string, run: () => void) => (
    <button
      type="button"
      role="menuitem"
      key={title}
      onClick={() => {
        menu.current?.hidePopover()
        run()
      }}
    >
      {title}
    </button>
  )
  const focusFirst = () => menu.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus()
  return (
    <>
      <button
        type="button"
        className="tool more-button"
        aria-label="More for the preview"
        aria-haspopup="menu"
        title="More"
        popoverTarget={id}
        disabled={!preview}
      >
        <Icon name="more" size={15} />
      </button>
      <div
        id={id}
        ref={menu}
        popover="auto"
        className="menu"
        role="menu"
        tabIndex={-1}
        aria-label="Preview"
        onKeyDown={(event) => rove(event, '[role=menuitem]')}
        onToggle={(event) => event.newState === 'open' && focusFirst()}
      >
        {preview && (
          <>
            {item('Reload without the cache', () => preview.reloadFresh())}
            {item('Copy the address', () => copyAddress(workspace, preview.port))}
            {item('Open on a phone (QR code)', () => setPhone(true))}
            {actions.map(({ title, run }) => item(title, () => run(preview.port, preview.state.get().path)))}
            {item('Show all ports', () => layout.showPanelView('ports'))}
            {item('Close this preview', () => previews.close(preview.port))}
          </>
        )}
      </div>
      {phone && preview && <Loaded load={loadPhoneSheet} props={{ preview, onClose: () => setPhone(false) }} />}
    </>
  )
}
