import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { InFile } from '../people/in-file.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { FileMark } from './file-mark.tsx'
import type { Row } from './file-tree.ts'
import { NameField } from './name-field.tsx'
import { nameOf } from './paths.ts'
import { treeAction } from './tree-keys.ts'

/** A name is being typed: for something new in a folder, or for something that is called differently from now on. */
export type Naming = { kind: 'file' | 'folder'; directory: string } | { kind: 'rename'; path: string }

interface TreeViewProps {
  rows: readonly Row[]
  selected: string | undefined
  naming: Naming | undefined
  onSelect: (path: string) => void
  onOpen: (row: Row) => void
  onRename: (row: Row) => void
  onRemove: (row: Row) => void
  onNamed: (name: string) => void
  onNamingEnd: () => void
}

const DIMMED = new Set(['node_modules', '.git', 'dist', '.next', '.vite', '__pycache__', '.venv', '.cache'])
const OVERSCAN_ROWS = 12

/** The tree's lines; only those near the visible part are in the page. */
export function TreeView(props: TreeViewProps) {
  const { rows, selected, naming, onSelect, onOpen } = props
  const { tabs, fileDecorations } = useWorkspace()
  useStore(tabs.state)
  useStore(fileDecorations.all)
  const active = tabs.activeFile
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 800, row: 24 })

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const measure = () => {
      const row = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row')) || 24
      setView({ top: element.scrollTop, height: element.clientHeight || 800, row })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    element.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', measure)
    }
  }, [])

  // The tree follows the shown tab.
  useEffect(() => {
    if (active !== undefined) onSelect(active)
  }, [active, onSelect])

  const items = withNaming(rows, naming)
  const select = (row: Row | undefined) => {
    const element = scroller.current
    if (!row || !element) return
    onSelect(row.path)
    const top = items.indexOf(row) * view.row
    const lowest = top + view.row - element.clientHeight
    element.scrollTop = Math.max(lowest, Math.min(top, element.scrollTop))
  }
  const press = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.altKey || event.metaKey) return
    const current = rows.findIndex(({ path }) => path === selected)
    const action = treeAction(event.key, rows, current)
    if (!action) return
    event.preventDefault()
    if ('select' in action) select(rows[action.select])
    else if ('open' in action) onOpen(action.open)
    else if ('rename' in action) props.onRename(action.rename)
    else props.onRemove(action.remove)
  }

  const first = Math.max(0, Math.floor(view.top / view.row) - OVERSCAN_ROWS)
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / view.row) + OVERSCAN_ROWS)
  return (
    <div className="tree" ref={scroller} role="tree" aria-label="Files" tabIndex={0} onKeyDown={press}>
      <div className="rows" style={{ height: items.length * view.row }}>
        {items.slice(first, last).map((item, index) => {
          const top = (first + index) * view.row
          return 'path' in item ? (
            <TreeRow key={item.path} row={item} top={top} {...props} />
          ) : (
            <div key="new" className="row" style={{ top, paddingLeft: indent(item.level) }}>
              <span className="twist" />
              <FileMark path="" folder={item.kind === 'folder'} />
              <NameField
                label={item.kind === 'folder' ? 'Name of the new folder' : 'Name of the new file'}
                value=""
                onNamed={props.onNamed}
                onEnd={props.onNamingEnd}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}

interface TreeRowProps extends TreeViewProps {
  row: Row
  top: number
}

function TreeRow({
  row,
  top,
  selected,
  naming,
  onSelect,
  onOpen,
  onRename,
  onRemove,
  onNamed,
  onNamingEnd,
}: TreeRowProps) {
  const folder = row.kind === 'directory'
  const decoration = useWorkspace().fileDecorations.of(row.path, folder)
  const renamed = naming?.kind === 'rename' && naming.path === row.path
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all its lines
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, its lines are selected
    <div
      className={`row${DIMMED.has(row.name) ? ' dim' : ''}`}
      role="treeitem"
      aria-label={row.name}
      aria-description={decoration?.title}
      data-tone={decoration?.tone}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={selected === row.path}
      aria-expanded={folder ? row.expanded : undefined}
      data-path={row.path}
      title={decoration ? `${row.path} (${decoration.title})` : row.path}
      style={{ top, paddingLeft: indent(row.level) }}
      onClick={() => {
        onSelect(row.path)
        if (!renamed) onOpen(row)
      }}
    >
      <span className="twist">{folder && <Icon name="chevron" size={11} />}</span>
      <FileMark path={row.name} folder={folder} />
      {renamed ? (
        <NameField label="New name" value={nameOf(row.path)} onNamed={onNamed} onEnd={onNamingEnd} />
      ) : (
        <>
          <span className="label">{row.name}</span>
          {(!folder || !row.expanded) && <InFile path={row.path} below={folder} />}
          {decoration && (
            <span className="decoration" aria-hidden="true">
              {decoration.letter}
            </span>
          )}
          <span className="actions">
            <RowTool icon="edit" label={`Rename ${row.name}`} onClick={() => onRename(row)} />
            <RowTool icon="trash" label={`Delete ${row.name}`} onClick={() => onRemove(row)} />
          </span>
        </>
      )}
    </div>
  )
}

function RowTool({ icon, label, onClick }: { icon: 'edit' | 'trash'; label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      className="tool"
      aria-label={label}
      title={label}
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation()
        onClick()
      }}
    >
      <Icon name={icon} size={13} />
    </button>
  )
}

interface NewRow {
  kind: 'file' | 'folder'
  level: number
}

/** The rows, and below its folder the line where the name of something new is typed. */
function withNaming(rows: readonly Row[], naming: Naming | undefined): readonly (Row | NewRow)[] {
  if (!naming || naming.kind === 'rename') return rows
  const at = rows.findIndex(({ path }) => path === naming.directory)
  const line: NewRow = { kind: naming.kind, level: (rows[at]?.level ?? 0) + 1 }
  return [...rows.slice(0, at + 1), line, ...rows.slice(at + 1)]
}

function indent(level: number): number {
  return 4 + (level - 1) * 13
}
