import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { Loaded } from '../frame/loaded.tsx'
import type { Command } from '../palette/command.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { GitPart } from './git-part.ts'

const loadOverlay = async () => (await import('./overlay.tsx')).Overlay

/** The branch in the status bar, what is under way, and what git asks. */
export function GitStatus({ part }: { part: GitPart }) {
  const { state, dialogs } = part
  const repositories = useStore(state.repositories)
  useStore(state.chosen)
  const asks = useStore(state.asks)
  const dialog = useStore(dialogs.open)
  const [job] = useStore(state.jobs)
  const { current: repository } = state
  const run = useRun()
  return (
    <>
      {repositories && repository && (
        <span className="git-status">
          <button
            type="button"
            data-testid="branch"
            title="Switch to another branch"
            aria-label={`Branch ${repository.branch ?? 'none'}, switch`}
            onClick={() => run('git.switch')}
          >
            <Icon name="git" size={13} />
            {nameOfPlace(repository)}
            {repository.changes.length > 0 && '*'}
          </button>
          {repository.commit !== undefined && (repository.upstream !== undefined || repository.remotes.length > 0) && (
            <button
              type="button"
              data-testid="sync"
              title={
                repository.upstream === undefined
                  ? 'Publish the branch'
                  : `Pull from and push to ${repository.upstream}`
              }
              disabled={job !== undefined}
              onClick={() => run('git.sync')}
            >
              <Icon name={repository.upstream === undefined ? 'cloud' : 'sync'} size={13} />
              {repository.behind > 0 && `${repository.behind}↓`}
              {repository.ahead > 0 && ` ${repository.ahead}↑`}
              {repository.upstream === undefined && 'Publish'}
              <span className="hidden-text">Synchronise</span>
            </button>
          )}
        </span>
      )}
      {job && (
        <span className="git-status" role="status" data-testid="git-job">
          {job.title}
          {job.text !== '' && `: ${job.text}`}
          {job.percent !== undefined && ` ${job.percent} %`}
          <button
            type="button"
            onClick={() => part.workspace.attempt(part.workspace.connection.request('git.cancel', { job: job.job }))}
          >
            <u>Cancel</u>
          </button>
        </span>
      )}
      {(dialog || asks.length > 0) && <Loaded load={loadOverlay} props={{ part }} />}
    </>
  )
}

export function useRun(): (id: Command['id']) => void {
  const { commands } = useWorkspace()
  return (id) => commands.get(id)?.run()
}

function nameOfPlace({
  branch,
  commit,
  unfinished,
}: {
  branch?: string
  commit?: string
  unfinished?: { kind: string; branch?: string }
}): string {
  const place = branch ?? unfinished?.branch ?? commit?.slice(0, 8) ?? 'no commit'
  return unfinished ? `${place} (${unfinished.kind})` : place
}
