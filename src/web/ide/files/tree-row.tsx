import type { DragEvent, MouseEvent } from 'react'
import { printable } from '../../../core/printable.ts'
import { Icon } from '../../shared/icons.tsx'
import { InFile } from '../people/in-file.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { FileMark } from './file-mark.tsx'
import type { Row } from './file-tree.ts'
import { NameField } from './name-field.tsx'
import { nameOf } from './paths.ts'

interface TreeRowProps {
  row: Row
  /** From 0, among all lines. */
  at: number
  top: number
  selected: boolean
  focused: boolean
  /** It was cut, and moves when it is pasted. */
  isCut: boolean
  /** Something that is dragged would be dropped into it. */
  isTarget: boolean
  renaming: boolean
  drag: { draggable: boolean; onDragStart: (event: DragEvent) => void; onDragEnd: () => void }
  onClick: (event: MouseEvent, row: Row) => void
  onMenu: (event: MouseEvent, row: Row) => void
  onNamed: (name: string) => void
}

/** A line of the tree. */
export function TreeRow(props: TreeRowProps) {
  const { row, at, top, selected, focused, renaming, onClick, onMenu } = props
  const { files, fileDecorations } = useWorkspace()
  const decoration = fileDecorations.of(row.path, row.folder)
  if (row.kind === 'note') return <Note row={row} top={top} />
  const name = printable(row.name)
  const words = [kindOf(row), row.ignored ? 'ignored by git' : '', decoration?.title ?? '']
  const description = words.filter((word) => word !== '').join(', ')
  const flags = { ignored: row.ignored, cut: props.isCut, target: props.isTarget, focused }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all its lines
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, its lines are selected
    <div
      id={`tree-${at}`}
      className={`row${classesOf(flags)}`}
      role="treeitem"
      aria-label={name}
      aria-description={description || undefined}
      data-tone={decoration?.tone}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={selected}
      aria-expanded={row.folder ? row.expanded : undefined}
      aria-busy={row.loading || undefined}
      data-path={row.path}
      data-at={at}
      title={printable(row.path) + (description ? ` (${description})` : '')}
      style={{ top, paddingLeft: indent(row.level) }}
      onClick={(event) => onClick(event, row)}
      onContextMenu={(event) => onMenu(event, row)}
      {...(renaming ? {} : props.drag)}
    >
      <span className="twist">{row.folder && <Icon name="chevron" size={11} />}</span>
      <FileMark path={row.name} folder={row.folder} />
      {renaming ? (
        <NameField
          label="New name"
          value={nameOf(row.path)}
          onNamed={props.onNamed}
          onEnd={() => files.naming.set(undefined)}
        />
      ) : (
        <>
          <span className="label">
            {name}
            {row.kind === 'link' && <small> ↗</small>}
          </span>
          {(!row.folder || !row.expanded) && <InFile path={row.path} below={row.folder} />}
          {decoration && (
            <span className="decoration" aria-hidden="true">
              {decoration.letter}
            </span>
          )}
          <button
            type="button"
            className="tool more"
            aria-label={`Actions for ${name}`}
            title="Actions"
            tabIndex={-1}
            onClick={(event) => onMenu(event, row)}
          >
            ⋯
          </button>
        </>
      )}
    </div>
  )
}

function Note({ row, top }: { row: Row; top: number }) {
  return (
    <div className="row note" role="note" title={row.name} style={{ top, paddingLeft: indent(row.level) + 38 }}>
      <span className="label">{row.name}</span>
    </div>
  )
}

/** What it is, if it is neither a file nor a folder. */
function kindOf({ kind, name }: Row): string {
  if (kind === 'link') return 'a link'
  if (kind !== 'other') return ''
  return name.includes('\ufffd') ? 'its name is not UTF-8' : 'a pipe, a socket or a device'
}

function classesOf(flags: Record<string, boolean>): string {
  return Object.entries(flags)
    .filter(([, is]) => is)
    .map(([name]) => ` ${name}`)
    .join('')
}

/** CSS pixels. */
export function indent(level: number): number {
  return 4 + (level - 1) * 13
}
