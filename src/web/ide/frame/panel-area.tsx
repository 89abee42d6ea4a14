import { useRef, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { rove } from '../../shared/roving.ts'
import { Store } from '../../shared/store.ts'
import { useStore } from '../../shared/use-store.ts'
import { withKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'
import { Loaded } from './loaded.tsx'
import { PanelBar, type PanelView } from './panel-view.ts'

const noBadge = new Store('')

/** The area below the editor: one of the panel's views, and a bar to choose it. */
export function PanelArea({ hidden }: { hidden: boolean }) {
  const { layout, panelViews } = useWorkspace()
  const views = useStore(panelViews.list)
  const { panelView, maximised, pane } = useStore(layout.state)
  const chosen = views.find(({ id }) => id === panelView) ?? views[0]
  // A view's code is wanted once it was shown; then it keeps what it has.
  const wanted = useRef(new Set<string>())
  if (chosen) wanted.current.add(chosen.id)
  const [bar, setBar] = useState<HTMLElement | null>(null)
  // A phone hides the pane without `hidden`.
  const inSight = !hidden || pane === 'panel'
  return (
    <section className="part panel" hidden={hidden} aria-label={chosen?.title}>
      <div className="panelbar">
        <div
          className="panel-titles"
          role="tablist"
          aria-label="Panels"
          onKeyDown={(event) => rove(event, '[role=tab]')}
        >
          {views.map((view) => (
            <PanelTab key={view.id} view={view} chosen={view === chosen} />
          ))}
        </div>
        <div className="panel-tools" ref={setBar} />
        <button
          type="button"
          className="tool for-mouse"
          aria-label={maximised === 'panel' ? 'Give the editor its place back' : 'Maximise the panel'}
          title={maximised === 'panel' ? 'Restore' : 'Maximise'}
          aria-pressed={maximised === 'panel'}
          onClick={() => layout.maximise('panel')}
        >
          <Icon name={maximised === 'panel' ? 'restore' : 'maximise'} size={14} />
        </button>
        <button
          type="button"
          className="tool for-mouse"
          aria-label="Hide the panel"
          title="Hide"
          onClick={() => layout.toggle('panel')}
        >
          <Icon name="close" size={14} />
        </button>
      </div>
      {views
        .filter(({ id }) => wanted.current.has(id))
        .map((view) => (
          <div
            key={view.id}
            className="panel-body"
            role="tabpanel"
            id={`panel-${view.id}`}
            aria-label={view.title}
            hidden={view !== chosen}
          >
            <PanelBar value={view === chosen && bar ? bar : undefined}>
              <Loaded load={view.load} props={{ shown: inSight && view === chosen }} />
            </PanelBar>
          </div>
        ))}
    </section>
  )
}

function PanelTab({ view, chosen }: { view: PanelView; chosen: boolean }) {
  const { layout, keys } = useWorkspace()
  useStore(keys.version)
  const badge = useStore(view.badge ?? noBadge)
  return (
    <button
      type="button"
      role="tab"
      aria-selected={chosen}
      aria-controls={chosen ? `panel-${view.id}` : undefined}
      tabIndex={chosen ? 0 : -1}
      title={withKeys(view.title, keys.ofId(`panel.${view.id}`))}
      onClick={() => layout.showPanelView(view.id)}
    >
      {view.title}
      {badge !== '' && <span className="count">{badge}</span>}
    </button>
  )
}
