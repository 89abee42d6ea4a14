import { Icon } from '../../shared/icons.tsx'
import { SharePanel, type ShareWish } from '../../shared/share-panel.tsx'
import { Sheet } from '../../shared/sheet.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { ownShares } from './shares.ts'

/** Links to this sandbox. */
export function ShareSheet({ first, onClose }: { first: ShareWish; onClose: () => void }) {
  const { hello, previews } = useWorkspace()
  const name = useStore(hello)?.sandbox.name
  const { active, ports } = useStore(previews.state)
  const offered = [...new Set([...(active === 0 ? [] : [active]), ...ports.map(({ port }) => port)])]
  return (
    <Sheet title={name === undefined ? 'Share' : `Share ${name}`} wide onClose={onClose}>
      <button type="button" className="tool share-close" aria-label="Close" onClick={onClose}>
        <Icon name="close" size={14} />
      </button>
      <SharePanel api={ownShares} ports={offered} first={first} />
    </Sheet>
  )
}
