import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'

const panes = [
  { pane: 'files', icon: 'folder', label: 'Files' },
  { pane: 'editor', icon: 'code', label: 'Editor' },
  { pane: 'panel', icon: 'terminal', label: 'Terminal' },
  { pane: 'preview', icon: 'eye', label: 'Preview' },
] as const

/** On a phone: which pane fills the screen. */
export function BottomBar() {
  const { layout } = useWorkspace()
  const { pane: shown } = useStore(layout.state)
  return (
    <nav className="bottombar" aria-label="Parts of the page">
      <div role="tablist" aria-label="Panes">
        {panes.map(({ pane, icon, label }) => (
          <button
            key={pane}
            type="button"
            role="tab"
            aria-selected={pane === shown}
            onClick={() => layout.showPane(pane)}
          >
            <Icon name={icon} size={20} />
            {label}
          </button>
        ))}
      </div>
    </nav>
  )
}
