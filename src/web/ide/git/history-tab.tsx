import type { Commit } from '../../../core/wire/operations/git.ts'
import { useStore } from '../../shared/use-store.ts'
import { nameOf } from '../files/paths.ts'
import { CommitLine, useLog } from './commit-list.tsx'
import { diffTab, parseDiff } from './diff-tab.ts'
import type { GitPart } from './git-part.ts'

/** The commits that changed a file; each opens what it changed there. */
export function HistoryTab({ part, arg }: { part: GitPart; arg: string }) {
  const { root, path } = parseDiff(JSON.stringify({ left: '', right: '', ...JSON.parse(arg) })) ?? {
    root: '',
    path: '',
  }
  const repositories = useStore(part.state.repositories)
  const repository = repositories?.find((one) => one.root === root)
  const { commits, more, next } = useLog(
    part,
    repository ?? { root, ahead: 0, behind: 0, changes: [], stashes: 0, remotes: [] },
    path,
    repository !== undefined,
  )
  const show = (commit: Commit, index: number) => {
    const now = commit.path ?? path
    const before = commits[index + 1]?.path
    const left = commit.parents[0] ?? ''
    const from = before !== undefined && before !== now ? { from: before } : {}
    part.workspace.tabs.open(diffTab({ root, path: now, ...from, left, right: commit.commit }))
  }
  return (
    <div className="git-page">
      <h2>History of {nameOf(path)}</h2>
      {commits.length === 0 && <p>No commit has changed this file yet.</p>}
      <ol>
        {commits.map((commit, index) => (
          <li key={commit.commit}>
            <CommitLine commit={commit} onOpen={() => show(commit, index)} />
          </li>
        ))}
      </ol>
      {more && (
        <button type="button" className="button" onClick={next}>
          More
        </button>
      )}
    </div>
  )
}
