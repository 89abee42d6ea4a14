import { useEffect, useState } from 'react'
import type { CommitFile } from '../../../core/wire/operations/git.ts'
import type { Results } from '../../../core/wire/operations.ts'
import { Skeleton } from '../../shared/skeleton.tsx'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf } from '../files/paths.ts'
import { GitActions } from './actions.ts'
import { BranchActions } from './branch-actions.ts'
import { diffTab } from './diff-tab.ts'
import type { GitPart } from './git-part.ts'
import { decorationOf } from './git-state.ts'

/** One commit: its message and the files it changed, each of which opens as a difference. */
export function CommitTab({ part, arg }: { part: GitPart; arg: string }) {
  const { root, commit: name } = JSON.parse(arg) as { root: string; commit: string }
  const [details, setDetails] = useState<Results['git.commitDetails'] | undefined>()
  const { connection, notices, tabs } = part.workspace
  useEffect(() => {
    connection.request('git.commitDetails', { root, commit: name }).then(setDetails, (error) => notices.failed(error))
  }, [connection, notices, root, name])
  if (!details) return <Skeleton />
  const { message, author, email, at, files, parents, refs, commit } = details
  const show = ({ path, from, kind }: CommitFile) => {
    const left = kind === 'A' ? '' : (parents[0] ?? '')
    tabs.open(diffTab({ root, path, ...(from ? { from } : {}), left, right: kind === 'D' ? '' : commit }))
  }
  const repository = () => part.state.repositories.get()?.find((one) => one.root === root)
  const branches = () => new BranchActions(new GitActions(part))
  const branch = () => {
    const now = repository()
    if (now) void branches().create(now, commit)
  }
  const tag = () => {
    const now = repository()
    if (now) void branches().tag(now, commit)
  }
  const [subject = '', ...rest] = message.split('\n')
  return (
    <div className="git-page">
      <h2>{subject}</h2>
      <p className="git-facts">
        {author} &lt;{email}&gt; · {new Date(at).toLocaleString()} · <code>{commit.slice(0, 10)}</code>
        {refs.map((ref) => (
          <span key={ref} className="chip">
            {ref}
          </span>
        ))}
      </p>
      {rest.join('').trim() !== '' && <pre>{rest.join('\n').trim()}</pre>}
      <div className="git-buttons">
        <button type="button" className="button" onClick={branch}>
          Branch from here
        </button>
        <button type="button" className="button" onClick={tag}>
          Tag
        </button>
        <button type="button" className="button" onClick={() => void navigator.clipboard?.writeText(commit)}>
          Copy name
        </button>
      </div>
      <ol>
        {files.map((file) => {
          const { letter, title, tone } = decorationOf({ path: file.path, index: '.', worktree: file.kind })
          return (
            <li key={file.path}>
              <button
                type="button"
                className="git-line"
                data-tone={tone}
                title={`${file.path} (${title})`}
                onClick={() => show(file)}
              >
                <FileMark path={file.path} />
                <span className="label">{nameOf(file.path)}</span>
                <span className="where">
                  {parentOf(file.path)}
                  {file.from && ` ← ${file.from}`}
                </span>
                <span className="decoration">{letter}</span>
              </button>
            </li>
          )
        })}
      </ol>
    </div>
  )
}
