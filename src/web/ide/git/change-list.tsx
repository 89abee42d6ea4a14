import { type KeyboardEvent, type ReactNode, useState } from 'react'
import type { Change, Repository } from '../../../core/wire/operations/git.ts'
import { Icon, type IconName } from '../../shared/icons.tsx'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { GitActions } from './actions.ts'
import { type ChangeGroup, groupChanges } from './change-groups.ts'
import { decorationOf } from './git-state.ts'

/** Lines drawn of a group at first: nobody reads thousands of them. */
const SHOWN = 200

/** What has changed, in groups: conflicts, staged, not staged. */
export function ChangeList({ actions, repository }: { actions: GitActions; repository: Repository }) {
  const groups = groupChanges(repository.changes)
  if (groups.length === 0) return <p className="git-none">No changes. Everything is committed.</p>
  const press = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return
    const lines = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=treeitem]')]
    const at = lines.indexOf((event.target as HTMLElement).closest('[role=treeitem]') as HTMLElement)
    event.preventDefault()
    lines[Math.min(lines.length - 1, Math.max(0, at + step))]?.focus()
  }
  return (
    <div className="git-changes" role="tree" aria-label="Changes" onKeyDown={press}>
      {groups.map((group) => (
        <Group key={group.id} group={group} actions={actions} repository={repository} />
      ))}
      {repository.truncated && (
        <p className="git-none">There are more changes than are shown. Should a folder be in .gitignore?</p>
      )}
    </div>
  )
}

interface GroupProps {
  group: ChangeGroup
  actions: GitActions
  repository: Repository
}

function Group({ group, actions, repository }: GroupProps) {
  const [open, setOpen] = useState(true)
  const [most, setMost] = useState(SHOWN)
  const { id, title, changes } = group
  return (
    <>
      <div
        className="git-group"
        role="treeitem"
        aria-level={1}
        aria-expanded={open}
        aria-label={`${title}, ${changes.length}`}
        tabIndex={0}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === ' ') setOpen(!open)
          else if (event.key === 'ArrowLeft') setOpen(false)
          else if (event.key === 'ArrowRight') setOpen(true)
        }}
      >
        <Icon name="chevron" size={11} />
        <span className="label">{title}</span>
        <span className="actions">
          {id === 'staged' && <Tool icon="minus" label="Unstage all" run={() => void actions.unstage(repository)} />}
          {id === 'changes' && (
            <>
              <Tool
                icon="undo"
                label="Discard all changes"
                run={() => void actions.discard(repository, plain(changes))}
              />
              <Tool icon="plus" label="Stage all changes" run={() => void actions.stage(repository)} />
            </>
          )}
        </span>
        <span className="count">{changes.length}</span>
      </div>
      {open &&
        changes
          .slice(0, most)
          .map((change) => (
            <Line key={change.path} change={change} group={id} actions={actions} repository={repository} />
          ))}
      {open && changes.length > most && (
        <button type="button" className="git-more" onClick={() => setMost(most + 1_000)}>
          {changes.length - most} more
        </button>
      )}
    </>
  )
}

/** What can be discarded one by one. */
function plain(changes: readonly Change[]): Change[] {
  return changes.filter(({ path, submodule, unnamable }) => !submodule && !unnamable && !path.endsWith('/'))
}

interface LineProps {
  change: Change
  group: ChangeGroup['id']
  actions: GitActions
  repository: Repository
}

function Line({ change, group, actions, repository }: LineProps) {
  const workspace = useWorkspace()
  const side = group === 'staged' ? 'index' : 'worktree'
  const { letter, title, tone } = decorationOf(change, side)
  const { path, conflict, unnamable } = change
  const name = nameOf(path.replace(/\/$/, ''))
  const inner = repository.root === '' ? path : path.slice(repository.root.length + 1)
  const folder = parentOf(inner.replace(/\/$/, ''))
  const stage = () => void actions.stage(repository, [change])
  const unstage = () => void actions.unstage(repository, [change])
  const discard = () => void actions.discard(repository, [change])
  const open = () => !unnamable && actions.open(repository, change, side)
  const tools: ReactNode = unnamable ? null : group === 'staged' ? (
    <Tool icon="minus" label={`Unstage ${name}`} run={unstage} />
  ) : conflict !== undefined ? (
    <>
      <Tool icon="back" label={`Take ours for ${name}`} run={() => actions.takeSide(repository, change, 'ours')} />
      <Tool
        icon="chevron"
        label={`Take theirs for ${name}`}
        run={() => actions.takeSide(repository, change, 'theirs')}
      />
      <Tool icon="check" label={`Mark ${name} as resolved`} run={stage} />
    </>
  ) : (
    <>
      {change.worktree === '?' && (
        <Tool icon="eye" label={`Add ${name} to .gitignore`} run={() => actions.ignore(repository, change)} />
      )}
      <Tool icon="undo" label={`Discard changes in ${name}`} run={discard} />
      <Tool icon="plus" label={`Stage ${name}`} run={stage} />
    </>
  )
  return (
    <div
      className="git-line"
      role="treeitem"
      aria-level={2}
      aria-label={`${name}, ${title}`}
      data-tone={tone}
      data-path={path}
      data-group={group}
      title={`${path} (${title})${change.from ? `, was ${change.from}` : ''}`}
      tabIndex={0}
      onClick={open}
      onDoubleClick={() => change.worktree !== 'D' && workspace.openFile(path)}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return
        if (event.key === 'Enter') open()
        else if (event.key === ' ') group === 'staged' ? unstage() : stage()
        else if (event.key === 'Delete' && group === 'changes') discard()
        else return
        event.preventDefault()
      }}
    >
      <FileMark path={name} />
      <span className="label">{name}</span>
      <span className="where">{folder}</span>
      <span className="actions">{tools}</span>
      <span className="decoration" aria-hidden="true">
        {letter}
      </span>
    </div>
  )
}

function Tool({ icon, label, run }: { icon: IconName; label: string; run: () => void }) {
  return (
    <button
      type="button"
      className="tool"
      title={label}
      aria-label={label}
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation()
        run()
      }}
    >
      <Icon name={icon} size={14} />
    </button>
  )
}
