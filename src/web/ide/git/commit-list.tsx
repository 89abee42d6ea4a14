import { useEffect, useState } from 'react'
import type { Commit, Repository } from '../../../core/wire/operations/git.ts'
import { Icon } from '../../shared/icons.tsx'
import { viewTab } from '../tabs/tab-view.ts'
import { useWorkspace } from '../workspace-context.ts'
import { ago } from './ago.ts'
import { COMMIT_VIEW } from './diff-tab.ts'
import type { GitPart } from './git-part.ts'

const PAGE = 50

/** The commits up to where one is; read when the list is opened. */
export function CommitList({ part, repository }: { part: GitPart; repository: Repository }) {
  const [open, setOpen] = useState(false)
  const { commits, more, next } = useLog(part, repository, undefined, open)
  const { tabs, layout } = useWorkspace()
  const show = ({ commit }: Commit) => {
    tabs.open(viewTab(COMMIT_VIEW, JSON.stringify({ root: repository.root, commit })))
    layout.showPane('editor')
  }
  return (
    <section className="git-log" aria-label="Commits">
      <button type="button" className="git-group" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="chevron" size={11} />
        <span className="label">Commits</span>
      </button>
      {open && (
        <ol>
          {commits.map((commit) => (
            <li key={commit.commit}>
              <CommitLine commit={commit} onOpen={() => show(commit)} />
            </li>
          ))}
        </ol>
      )}
      {open && more && (
        <button type="button" className="git-more" onClick={next}>
          More
        </button>
      )}
    </section>
  )
}

export function CommitLine({ commit, onOpen }: { commit: Commit; onOpen: () => void }) {
  const { subject, author, at, refs, commit: name } = commit
  return (
    <button
      type="button"
      className="git-commit-line"
      title={`${name.slice(0, 10)} · ${author} · ${new Date(at).toLocaleString()}`}
      onClick={onOpen}
    >
      <span className="subject">{subject === '' ? '(no message)' : subject}</span>
      {refs.map((ref) => (
        <span key={ref} className="chip">
          {ref.replace('HEAD -> ', '')}
        </span>
      ))}
      <span className="where">
        {author} · {ago(Date.now() - at)}
      </span>
    </button>
  )
}

/** A log that is read page by page, and again when there is a new commit. */
export function useLog(part: GitPart, repository: Repository, path: string | undefined, wanted: boolean) {
  const { root, commit } = repository
  const [log, setLog] = useState<{ commits: readonly Commit[]; more: boolean }>({ commits: [], more: false })
  const { connection, notices } = part.workspace
  const read = async (skip: number) =>
    connection.request('git.log', { root, skip, limit: PAGE, ...(path === undefined ? {} : { path }) })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new commit is why it is read again
  useEffect(() => {
    if (!wanted) return
    let left = false
    read(0).then(
      (found) => !left && setLog(found),
      (error: unknown) => notices.failed(error),
    )
    return () => {
      left = true
    }
  }, [root, commit, path, wanted])
  const next = () =>
    notices.attempt(
      read(log.commits.length).then(({ commits, more }) => setLog({ commits: [...log.commits, ...commits], more })),
    )
  return { ...log, next }
}
