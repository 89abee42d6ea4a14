import { Fragment, type KeyboardEvent, type PointerEvent, useEffect, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { PanelTools } from '../frame/panel-tools.tsx'
import type { PanelViewProps } from '../frame/panel-view.ts'
import { withKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'
import { KeyBar } from './key-bar.tsx'
import { TerminalHost } from './terminal-host.tsx'
import { TerminalTabs } from './terminal-tabs.tsx'

/** The app's terminal and the shells: those of one group side by side. */
export function TerminalPane({ shown }: PanelViewProps) {
  const workspace = useWorkspace()
  const { terminals, keys, memory } = workspace
  const { list, groups, active } = useStore(terminals.state)
  useStore(keys.version)
  const [shares, setShares] = useState(memory.value.terminalShares)
  const group = groups.find((one) => one.includes(active ?? '')) ?? []

  useEffect(() => {
    const look = () => {
      terminals.visible = document.visibilityState === 'visible'
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [terminals])

  const share = (changed: Record<string, number>) => {
    const all = { ...shares, ...changed }
    const kept = Object.fromEntries(Object.entries(all).filter(([id]) => list.some(({ terminal }) => terminal === id)))
    setShares(kept)
    memory.remember({ terminalShares: kept })
  }
  const tool = (id: string, label: string, icon: 'plus' | 'split', run: () => void) => (
    <button type="button" className="tool" aria-label={label} title={withKeys(label, keys.ofId(id))} onClick={run}>
      <Icon name={icon} size={14} />
    </button>
  )
  const open = (split: boolean) => workspace.attempt(terminals.openShell({ split }))
  // Each stays where it is in the page, whatever group it is in: moved, it would lose its screen.
  const ordered = list.toSorted((a, b) => group.indexOf(a.terminal) - group.indexOf(b.terminal))
  return (
    <>
      <PanelTools>
        <TerminalTabs />
        {tool('terminal.new', 'New terminal', 'plus', () => open(false))}
        {active !== undefined && tool('terminal.split', 'Split the terminal', 'split', () => open(true))}
      </PanelTools>
      <div className="screens" data-split={group.length > 1 ? '' : undefined}>
        {ordered.map((info) => {
          const at = group.indexOf(info.terminal)
          const before = at > 0 ? group[at - 1] : undefined
          return (
            <Fragment key={info.terminal}>
              {before !== undefined && <Divider left={before} right={info.terminal} shares={shares} onShare={share} />}
              <TerminalHost
                info={info}
                shown={shown && at >= 0}
                beside={group.length > 1}
                share={shares[info.terminal] ?? 1}
              />
            </Fragment>
          )
        })}
        {list.length === 0 && (
          <div className="empty">
            <button type="button" className="button" onClick={() => open(false)}>
              New terminal
            </button>
          </div>
        )}
      </div>
      <KeyBar />
    </>
  )
}

interface DividerProps {
  /** The terminals on its sides. */
  left: string
  right: string
  shares: Readonly<Record<string, number>>
  onShare: (shares: Record<string, number>) => void
}

const KEY_STEP = 0.05
const LEAST = 0.1

/** The line between two terminals: drag it, or focus it and use the arrow keys; a double click makes both alike. */
function Divider({ left, right, shares, onShare }: DividerProps) {
  const both = (shares[left] ?? 1) + (shares[right] ?? 1)
  const part = (shares[left] ?? 1) / both
  const divide = (wanted: number) => {
    const bounded = Math.min(1 - LEAST, Math.max(LEAST, wanted))
    onShare({ [left]: both * bounded, [right]: both * (1 - bounded) })
  }
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const line = event.currentTarget
    if (!line.hasPointerCapture(event.pointerId)) return
    const [start, end] = [line.previousElementSibling, line.nextElementSibling].map((side) =>
      side?.getBoundingClientRect(),
    )
    if (start && end) divide((event.clientX - start.left) / (end.right - start.left))
  }
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key]
    if (step === undefined) return
    event.preventDefault()
    divide(part + step)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be dragged
    <div
      className="divider"
      role="separator"
      aria-orientation="vertical"
      aria-label="Widths of the terminals"
      aria-valuenow={Math.round(part * 100)}
      aria-valuemin={LEAST * 100}
      aria-valuemax={(1 - LEAST) * 100}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        document.body.dataset.resizing = ''
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        delete document.body.dataset.resizing
      }}
      onPointerCancel={() => {
        delete document.body.dataset.resizing
      }}
      onDoubleClick={() => divide(0.5)}
      onKeyDown={press}
    />
  )
}
