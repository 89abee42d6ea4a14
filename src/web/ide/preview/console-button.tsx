import { Icon } from '../../shared/icons.tsx'
import { Store } from '../../shared/store.ts'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { LogState } from './console-log.ts'
import type { Preview } from './preview.ts'

const nothing = new Store<LogState>({ entries: [], errors: 0, warnings: 0 })

/** Shows and hides the console; says how much went wrong. */
export function ConsoleButton({ preview }: { preview: Preview | undefined }) {
  const { previews } = useWorkspace()
  const { console } = useStore(previews.look)
  const { errors, warnings } = useStore(preview?.log.state ?? nothing)
  const trouble = [errors > 0 && `${errors} errors`, warnings > 0 && `${warnings} warnings`].filter(Boolean).join(', ')
  return (
    <button
      type="button"
      className="tool console-button"
      aria-label={trouble === '' ? 'Console of the page' : `Console of the page: ${trouble}`}
      title={trouble === '' ? 'Console' : `Console: ${trouble}`}
      aria-pressed={console}
      disabled={!preview}
      onClick={() => previews.change({ console: !console })}
    >
      <Icon name="console" size={15} />
      {errors > 0 && <span className="badge bad">{errors > 99 ? '99+' : errors}</span>}
      {errors === 0 && warnings > 0 && <span className="badge warn">{warnings > 99 ? '99+' : warnings}</span>}
    </button>
  )
}
