import { useMemo } from 'react'
import type { Repository } from '../../../core/wire/operations/git.ts'
import { Icon } from '../../shared/icons.tsx'
import { Skeleton } from '../../shared/skeleton.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { GitActions } from './actions.ts'
import { ChangeList } from './change-list.tsx'
import { CommitBox } from './commit-box.tsx'
import { CommitList } from './commit-list.tsx'
import type { GitPart } from './git-part.ts'
import { useRun } from './git-status.tsx'

/** The side view of source control. */
export function GitPane({ part }: { part: GitPart }) {
  const { state } = part
  const repositories = useStore(state.repositories)
  const problem = useStore(state.problem)
  useStore(state.chosen)
  const run = useRun()
  const { current } = state
  return (
    <>
      <div className="heading">
        Source control
        <span className="grow" />
        <button type="button" className="tool" title="Refresh" aria-label="Refresh" onClick={() => run('git.refresh')}>
          <Icon name="refresh" size={15} />
        </button>
        <MoreButton part={part} />
      </div>
      {problem !== undefined && <div className="banner bad">{problem}</div>}
      {!repositories && problem === undefined && <Skeleton />}
      {repositories && !current && <NoRepository />}
      {repositories && repositories.length > 1 && (
        <select
          className="field git-choose"
          aria-label="Repository"
          value={current?.root}
          onChange={(event) => state.chosen.set(event.target.value)}
        >
          {repositories.map(({ root, changes }) => (
            <option key={root} value={root}>
              {root === '' ? 'project' : root} {changes.length > 0 && `(${changes.length})`}
            </option>
          ))}
        </select>
      )}
      {current && <OneRepository key={current.root} part={part} repository={current} />}
    </>
  )
}

function NoRepository() {
  const run = useRun()
  return (
    <div className="empty">
      <strong>No git repository yet</strong>
      <p>With one, each step of your work can be kept, compared and shared.</p>
      <button type="button" className="button primary" onClick={() => run('git.init')}>
        Initialise repository
      </button>
      <button type="button" className="button" onClick={() => run('git.clone')}>
        Clone a repository
      </button>
    </div>
  )
}

function OneRepository({ part, repository }: { part: GitPart; repository: Repository }) {
  const actions = useMemo(() => new GitActions(part), [part])
  const { problem } = repository
  if (problem) {
    return (
      <div className="empty" role="alert">
        <strong>
          {problem.kind === 'untrusted' ? 'This folder is not trusted' : 'Git cannot read this repository'}
        </strong>
        <p>{problem.detail}</p>
        {problem.kind === 'untrusted' && (
          <button type="button" className="button" onClick={() => actions.trust(repository)}>
            Trust this folder
          </button>
        )}
      </div>
    )
  }
  return (
    <div className="git-pane">
      {repository.unfinished && <Unfinished part={part} actions={actions} repository={repository} />}
      <CommitBox part={part} actions={actions} repository={repository} />
      <ChangeList actions={actions} repository={repository} />
      {repository.commit !== undefined && <CommitList part={part} repository={repository} />}
    </div>
  )
}

/** A merge or rebase waits for its person. */
function Unfinished({ part, actions, repository }: { part: GitPart; actions: GitActions; repository: Repository }) {
  const { unfinished, changes, branch } = repository
  if (!unfinished) return null
  const { kind, branch: moved, step, steps } = unfinished
  const conflicts = changes.filter(({ conflict }) => conflict !== undefined).length
  const names = {
    merge: 'Merging',
    rebase: 'Rebasing',
    'cherry-pick': 'Picking a commit',
    revert: 'Reverting',
    bisect: 'Bisecting',
  }
  const where =
    kind === 'rebase' ? ` ${moved ?? ''}${steps ? `, ${step} of ${steps}` : ''}` : ` into ${branch ?? 'HEAD'}`
  // A merge is done by committing it, with what was written for it.
  const goOn = () => {
    const message = part.messages.get()[repository.root] ?? ''
    if (kind === 'merge' && message.trim() !== '') void actions.commit(repository, message, false)
    else void actions.proceed(repository, 'continue')
  }
  return (
    <div className="git-unfinished" role="status" data-testid="git-unfinished">
      <strong>
        {names[kind]}
        {kind === 'bisect' ? '' : where}
      </strong>
      <span>
        {conflicts > 0
          ? `${conflicts} ${conflicts === 1 ? 'file has' : 'files have'} conflicts. Resolve and stage them, then continue.`
          : 'No conflicts are left.'}
      </span>
      {kind !== 'bisect' && (
        <div className="choices">
          <button type="button" className="button" onClick={() => void actions.proceed(repository, 'abort')}>
            Abort
          </button>
          {kind !== 'merge' && (
            <button type="button" className="button" onClick={() => void actions.proceed(repository, 'skip')}>
              Skip
            </button>
          )}
          <button type="button" className="button primary" disabled={conflicts > 0} onClick={goOn}>
            Continue
          </button>
        </div>
      )}
    </div>
  )
}

/** All that git can do, to choose from. */
function MoreButton({ part }: { part: GitPart }) {
  const { commands } = useWorkspace()
  const choose = async () => {
    const choices = commands.list
      .get()
      .filter(({ id, when }) => id.startsWith('git.') && (!when || when()))
      .map(({ id, title }) => ({ id, title: title.replace(/^Git: /, ''), value: id }))
    const id = await part.dialogs.pick('What shall git do?', choices)
    if (id !== undefined) commands.get(id)?.run()
  }
  return (
    <button type="button" className="tool" title="More" aria-label="More of git" onClick={() => void choose()}>
      <Icon name="more" size={15} />
    </button>
  )
}
