import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { Loaded } from './loaded.tsx'

/** One of the views: files, search, ... */
export function SideBar({ hidden }: { hidden: boolean }) {
  const { layout, sideViews } = useWorkspace()
  const { sideView } = useStore(layout.state)
  const views = useStore(sideViews.list)
  const view = views.find(({ id }) => id === sideView) ?? views[0]
  return (
    <aside className="part side" hidden={hidden} aria-label={view?.title}>
      {view && <Loaded key={view.id} load={view.load} props={{}} />}
    </aside>
  )
}
