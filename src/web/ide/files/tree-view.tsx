import { type ClipboardEvent, type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef } from 'react'
import type { MenuPlace } from '../../shared/menu.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { droppedItems } from './dropped-items.ts'
import { FileMark } from './file-mark.tsx'
import { type FileTarget, targetOf } from './file-target.ts'
import type { Row } from './file-tree.ts'
import type { Naming } from './files.ts'
import { NameField } from './name-field.tsx'
import { useTreeDrag } from './tree-drag.ts'
import { TypeAhead, treeAction } from './tree-keys.ts'
import { indent, TreeRow } from './tree-row.tsx'
import { useNamed } from './use-named.ts'
import { useTreeActions } from './use-tree-actions.ts'
import { useWindow } from './use-window.ts'

/** Where a menu of a line of the tree comes up, told by the keyboard. */
const MENU_INSET = { x: 40, y: 20 }

/** The tree's lines; only those near the visible part are in the page. */
export function TreeView({ onMenu }: { onMenu: (target: FileTarget, at: MenuPlace) => void }) {
  const workspace = useWorkspace()
  const { tree, files, fileDecorations } = workspace
  const { rows } = useStore(tree.state)
  const { focused, paths } = useStore(files.selection.state)
  const naming = useStore(files.naming)
  const clipboard = useStore(files.clipboard.content)
  useStore(fileDecorations.all)
  const scroller = useRef<HTMLDivElement>(null)
  const items = useMemo(() => withNaming(rows, naming), [rows, naming])
  const view = useWindow(scroller, items.length)
  const drag = useTreeDrag()
  const typeAhead = useRef(new TypeAhead())
  const named = useNamed()

  // A tree may have 50,000 lines, and is drawn for each step of scrolling.
  const at = useMemo(() => items.findIndex((item) => 'path' in item && item.path === focused), [items, focused])
  const newAt = useMemo(() => items.findIndex((item) => !('path' in item)), [items])
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is shown when it is chosen, not whenever lines come
  useEffect(() => view.show(at), [focused, at < 0])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => view.show(newAt), [newAt])

  const { open, act } = useTreeActions(rows, () => scroller.current?.focus())
  const press = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.defaultPrevented) return
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event
    const ctrl = ctrlKey || metaKey
    const current = rows.findIndex(({ path }) => path === focused)
    const action = treeAction({ key, ctrl, shift: shiftKey, alt: altKey }, rows, current, view.page)
    // What is on the browser's own clipboard comes by an event of its own.
    if (action?.kind === 'paste' && !clipboard) return
    if (action) act(action)
    else if (key.length === 1 && !ctrl && !altKey && key !== ' ') {
      const row = typeAhead.current.find(key, rows, current, event.timeStamp)
      if (row) files.selection.focus(row.path)
    } else return
    event.preventDefault()
  }
  const pasted = (event: ClipboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.clipboardData.files.length === 0) return
    if (!workspace.mayChange) return
    event.preventDefault()
    files.upload(
      targetOf(
        rows.find(({ path }) => path === focused),
        [],
      ).folder,
      droppedItems(event.clipboardData),
    )
  }
  /** By the mouse, a long press, or a key, which points at no place. */
  const menu = (event: MouseEvent, on: Row | undefined) => {
    if (event.target instanceof HTMLInputElement) return
    event.preventDefault()
    event.stopPropagation()
    const byKey = event.button !== 2 && event.clientX === 0 && event.clientY === 0
    const row = on ?? (byKey || event.detail === 0 ? rows.find(({ path }) => path === focused) : undefined)
    if (row?.kind === 'note') return
    if (row && !files.selection.state.get().paths.has(row.path)) files.selection.focus(row.path)
    const box = scroller.current?.querySelector(`[data-at="${row ? rows.indexOf(row) : -1}"]`)?.getBoundingClientRect()
    const isPointed = event.clientX > 0 || event.clientY > 0
    const place =
      isPointed || !box ? { x: event.clientX, y: event.clientY } : { x: box.x + MENU_INSET.x, y: box.y + MENU_INSET.y }
    scroller.current?.focus({ preventScroll: true })
    onMenu(targetOf(row, files.selected), place)
  }
  const click = (event: MouseEvent, row: Row) => {
    if (row.kind === 'note') return
    if (event.shiftKey) files.selection.extend(rows, row.path)
    else if (event.ctrlKey || event.metaKey) files.selection.toggle(row.path)
    else {
      files.selection.focus(row.path)
      if (naming?.kind !== 'rename' || naming.path !== row.path) open(row)
    }
  }

  const focusedShown = at >= view.first && at < view.last
  return (
    <div
      className="tree"
      ref={scroller}
      role="tree"
      aria-label="Files"
      aria-multiselectable
      aria-activedescendant={focusedShown ? `tree-${at}` : undefined}
      tabIndex={0}
      data-drop={drag.over === '' ? '' : undefined}
      onKeyDown={press}
      onPaste={pasted}
      onContextMenu={(event) => menu(event, undefined)}
      {...drag.ofTree}
    >
      <div className="rows" style={{ height: items.length * view.row }}>
        {items.slice(view.first, view.last).map((item, index) => {
          const place = view.first + index
          const top = place * view.row
          if (!('path' in item)) {
            return (
              <div key="new" className="row" style={{ top, paddingLeft: indent(item.level) }}>
                <span className="twist" />
                <FileMark path="" folder={item.kind === 'folder'} />
                <NameField
                  label={item.kind === 'folder' ? 'Name of the new folder' : 'Name of the new file'}
                  value=""
                  onNamed={named}
                  onEnd={() => files.naming.set(undefined)}
                />
              </div>
            )
          }
          return (
            <TreeRow
              key={item.path}
              row={item}
              at={place}
              top={top}
              selected={paths.has(item.path)}
              focused={item.path === focused}
              isCut={clipboard?.cut === true && clipboard.paths.includes(item.path)}
              isTarget={drag.over !== undefined && drag.over !== '' && isIn(item, drag.over)}
              renaming={naming?.kind === 'rename' && naming.path === item.path}
              drag={drag.ofRow(item.path)}
              onClick={click}
              onMenu={menu}
              onNamed={named}
            />
          )
        })}
      </div>
    </div>
  )
}

/** The folder something is dragged over lights up with all in it. */
function isIn({ path }: Row, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
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
