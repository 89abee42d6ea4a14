import { Icon, Logo } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { shownKeys, withKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'

const tools = [
  { part: 'side', command: 'frame.side', icon: 'side', label: 'Side bar' },
  { part: 'panel', command: 'frame.panel', icon: 'bottom', label: 'Panel' },
  { part: 'preview', command: 'preview.toggle', icon: 'right', label: 'Preview' },
] as const

export function TitleBar() {
  const { hello, keys, layout, palette, titleItems } = useWorkspace()
  const sandbox = useStore(hello)?.sandbox
  const { hidden } = useStore(layout.state)
  useStore(keys.version)
  return (
    <header className="titlebar">
      <div className="at-start">
        <Logo />
        <h1 className="name" data-testid="sandbox-name">
          {sandbox?.name ?? <span className="hidden-text">omega</span>}
        </h1>
        {sandbox && <span className="chip">{sandbox.template}</span>}
      </div>
      <button type="button" className="find" onClick={() => palette.open()}>
        <Icon name="search" size={14} />
        <span>Go to file</span> <kbd>{shownKeys(keys.ofId('palette.files'))}</kbd>
      </button>
      <div className="at-end">
        {useStore(titleItems.list).map(({ id, Component }) => (
          <Component key={id} />
        ))}
        <div className="layout-tools row-of-tools">
          {tools.map(({ part, command, icon, label }) => (
            <button
              key={part}
              type="button"
              className="tool"
              title={withKeys(label, keys.ofId(command))}
              aria-label={label}
              aria-pressed={!hidden.includes(part)}
              onClick={() => layout.toggle(part)}
            >
              <Icon name={icon} />
            </button>
          ))}
        </div>
      </div>
    </header>
  )
}
