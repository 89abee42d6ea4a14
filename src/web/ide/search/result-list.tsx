import { type KeyboardEvent, type MouseEvent, type RefObject, useEffect, useMemo } from 'react'
import { expandReplacement, parseReplacement, type ReplacementTemplate } from '../../../core/replacement.ts'
import { Icon, type IconName } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf } from '../files/paths.ts'
import { useWindow } from '../files/use-window.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { ProjectSearch, ReplaceTarget, ResultMatch } from './project-search.ts'
import { leadOf, type ResultRow, resultRows } from './result-rows.ts'
import type { SearchCommands } from './search-commands.ts'

interface ListProps {
  search: ProjectSearch
  actions: SearchCommands
  list: RefObject<HTMLDivElement | null>
}

/** What was found, by file; only the lines near the visible part are in the page. */
export function ResultList({ search, actions, list }: ListProps) {
  const { mayChange } = useWorkspace()
  const { files, options } = useStore(search.state)
  const collapsed = useStore(search.collapsed)
  const selected = useStore(actions.selected)
  const { replaces, replacement, preserveCase } = useStore(search.input)
  const rows = useMemo(() => resultRows(files, collapsed), [files, collapsed])
  const { row: height, first, last, page, show } = useWindow(list, rows.length)
  const template = useMemo(
    () =>
      replaces && mayChange && replacement !== ''
        ? parseReplacement(replacement, options?.isRegex === true)
        : undefined,
    [replaces, mayChange, replacement, options],
  )
  const at = rows.findIndex(({ id }) => id === selected)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when something else was chosen
  useEffect(() => show(at), [selected])

  const choose = (to: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))]
    if (row) actions.selected.set(row.id)
  }
  const remove = (row: ResultRow, work: (target: ReplaceTarget) => void) => {
    const index = rows.indexOf(row)
    const next = row.kind === 'match' ? rows[index + 1] : rows.slice(index + 1).find(({ kind }) => kind === 'file')
    actions.selected.set(next?.id ?? rows[index - 1]?.id)
    work(targetOf(row))
    list.current?.focus()
  }
  const replace = (row: ResultRow) => remove(row, (target) => actions.replace(target))
  const dismiss = (row: ResultRow) => remove(row, (target) => search.dismiss(target))

  const press = (event: KeyboardEvent) => {
    const row = rows[at]
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key !== 'Enter' || !row || !replaces || !mayChange) return
      event.preventDefault()
      return replace(row)
    }
    const action = {
      ArrowDown: () => choose(at + 1),
      ArrowUp: () => choose(at < 0 ? 0 : at - 1),
      PageDown: () => choose(at + page),
      PageUp: () => choose(at - page),
      Home: () => choose(0),
      End: () => choose(rows.length - 1),
      ArrowRight: () => row && step(row, 1),
      ArrowLeft: () => row && step(row, -1),
      Enter: () => row && take(row, true),
      ' ': () => row && take(row, false),
      Delete: () => row && dismiss(row),
    }[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  const step = (row: ResultRow, by: 1 | -1) => {
    const isShut = row.kind === 'file' && !row.isOpen
    if (row.kind === 'file' && isShut === (by === 1)) search.toggle(row.file.path)
    else if (by === 1) choose(at + 1)
    else if (row.kind === 'match') actions.selected.set(row.file.path)
  }
  const take = (row: ResultRow, focus: boolean) => {
    actions.selected.set(row.id)
    if (row.kind === 'file') search.toggle(row.file.path)
    else actions.open(row.file, row.match, focus)
  }
  return (
    <div
      ref={list}
      className="tree results"
      role="tree"
      aria-label="Results"
      aria-activedescendant={at >= first && at < last ? `result-${at}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className="rows" style={{ height: rows.length * height }}>
        {rows.slice(first, last).map((row, index) => (
          <Row
            key={row.id}
            id={`result-${first + index}`}
            row={row}
            top={(first + index) * height}
            isSelected={row.id === selected}
            template={template}
            preserveCase={preserveCase}
            onTake={(event) => take(row, event.detail > 1)}
            onReplace={template || (replaces && mayChange) ? () => replace(row) : undefined}
            onDismiss={() => dismiss(row)}
          />
        ))}
      </div>
    </div>
  )
}

function targetOf(row: ResultRow): ReplaceTarget {
  return row.kind === 'file' ? { path: row.file.path } : { path: row.file.path, index: row.match.index }
}

interface RowProps {
  id: string
  row: ResultRow
  top: number
  isSelected: boolean
  template: ReplacementTemplate | undefined
  preserveCase: boolean
  onTake: (event: MouseEvent) => void
  onReplace: (() => void) | undefined
  onDismiss: () => void
}

function Row({ id, row, top, isSelected, template, preserveCase, onTake, onReplace, onDismiss }: RowProps) {
  const { file } = row
  const isFile = row.kind === 'file'
  const label = isFile
    ? `${file.path}, ${file.matches.length} results`
    : `Line ${row.match.line}: ${row.match.before.trimStart()}${row.match.text}${row.match.after}`
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys for all its lines
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, its lines are selected
    <div
      id={id}
      className="row"
      role="treeitem"
      aria-label={label}
      aria-level={isFile ? 1 : 2}
      aria-selected={isSelected}
      aria-expanded={isFile ? row.isOpen : undefined}
      data-path={file.path}
      data-kind={row.kind}
      title={isFile ? file.path : undefined}
      style={{ top }}
      onClick={onTake}
    >
      {isFile ? (
        <>
          <span className="twist">
            <Icon name="chevron" size={12} />
          </span>
          <FileMark path={file.path} />
          <span className="label">{nameOf(file.path)}</span>
          <span className="where">{parentOf(file.path)}</span>
          <span className="count">{file.matches.length}</span>
        </>
      ) : (
        <Found match={row.match} template={template} preserveCase={preserveCase} />
      )}
      <span className="actions">
        {onReplace && <Action icon="replace" label={isFile ? 'Replace in this file' : 'Replace'} onPress={onReplace} />}
        <Action icon="close" label="Take off the list" onPress={onDismiss} />
      </span>
    </div>
  )
}

interface FoundProps {
  match: ResultMatch
  template: ReplacementTemplate | undefined
  preserveCase: boolean
}

function Found({ match, template, preserveCase }: FoundProps) {
  const { before, text, after, line, groups, isCut } = match
  const replacement = template && expandReplacement(template, text, groups, preserveCase)
  return (
    <>
      <span className="found">
        {leadOf(before)}
        {replacement === undefined ? <mark>{oneLine(text)}</mark> : <del>{oneLine(text)}</del>}
        {replacement !== undefined && <ins>{oneLine(replacement)}</ins>}
        {isCut && '\u2026'}
        {after}
      </span>
      {template && replacement === undefined && <small title="Its groups cannot be told">not replaced</small>}
      <span className="line-number">{line}</span>
    </>
  )
}

function oneLine(text: string): string {
  return text.replaceAll('\n', '\u23ce')
}

function Action({ icon, label, onPress }: { icon: IconName; label: string; onPress: () => void }) {
  return (
    <button
      type="button"
      className="tool"
      tabIndex={-1}
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.stopPropagation()
        onPress()
      }}
    >
      <Icon name={icon} size={14} />
    </button>
  )
}
