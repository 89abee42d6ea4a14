import { Icon } from '../../shared/icons.tsx'
import { Store } from '../../shared/store.ts'
import { useStore } from '../../shared/use-store.ts'
import { withKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { SideView } from './side-view.ts'

const noBadge = new Store('')

/** A button for each view of the side bar. */
export function ActivityBar() {
  const { sideViews } = useWorkspace()
  const views = useStore(sideViews.list)
  return (
    <nav className="activitybar" aria-label="Views">
      {views.map((view) => (
        <ActivityButton key={view.id} view={view} />
      ))}
      <span className="grow" />
      <SettingsButton />
    </nav>
  )
}

function SettingsButton() {
  const { commands, keys } = useWorkspace()
  useStore(keys.version)
  const label = withKeys('Settings', keys.ofId('settings.open'))
  return (
    <button
      type="button"
      className="tool"
      aria-label="Settings"
      title={label}
      onClick={() => commands.get('settings.open')?.run()}
    >
      <Icon name="gear" size={20} />
    </button>
  )
}

function ActivityButton({ view }: { view: SideView }) {
  const { layout, keys } = useWorkspace()
  useStore(keys.version)
  const { sideView, hidden } = useStore(layout.state)
  const badge = useStore(view.badge ?? noBadge)
  const shown = sideView === view.id && !hidden.includes('side')
  const press = () => (shown ? layout.toggle('side') : layout.showSideView(view.id))
  return (
    <button
      type="button"
      className="tool"
      aria-label={badge === '' ? view.title : `${view.title}, ${badge}`}
      title={withKeys(view.title, keys.ofId(`side.${view.id}`))}
      aria-pressed={shown}
      onClick={press}
    >
      <Icon name={view.icon} size={20} />
      {badge !== '' && <span className="badge">{badge}</span>}
    </button>
  )
}
