import { Icon, Logo } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'

const tools = [
  { part: 'side', icon: 'side', label: 'Side bar (Ctrl+B)' },
  { part: 'panel', icon: 'bottom', label: 'Panel (Ctrl+J)' },
  { part: 'preview', icon: 'right', label: 'Preview (Ctrl+Alt+P)' },
] as const

export function TitleBar() {
  const { hello, layout, palette } = useWorkspace()
  const sandbox = useStore(hello)?.sandbox
  const { hidden } = useStore(layout.state)
  return (
    <header className="titlebar">
      <Logo />
      <span className="name" data-testid="sandbox-name">
        {sandbox?.name}
      </span>
      {sandbox && <span className="chip">{sandbox.template}</span>}
      <span className="grow" />
      <button type="button" className="find" aria-label="Go to file" onClick={() => palette.open()}>
        <Icon name="search" size={14} />
        <span>Go to file</span>
        <kbd>Ctrl P</kbd>
      </button>
      <span className="grow layout-tools" />
      <div className="layout-tools row-of-tools">
        {tools.map(({ part, icon, label }) => (
          <button
            key={part}
            type="button"
            className="tool"
            title={label}
            aria-label={label}
            aria-pressed={!hidden.includes(part)}
            onClick={() => layout.toggle(part)}
          >
            <Icon name={icon} />
          </button>
        ))}
      </div>
    </header>
  )
}
