import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Repository } from '../../../core/wire/operations/git.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { GitActions } from './actions.ts'
import type { GitPart } from './git-part.ts'
import { useRun } from './git-status.tsx'

/** The message of the next commit, and what goes to the server. */
export function CommitBox({
  part,
  actions,
  repository,
}: {
  part: GitPart
  actions: GitActions
  repository: Repository
}) {
  const { root, branch, message: prepared, changes, upstream, ahead, behind, remotes, commit } = repository
  const messages = useStore(part.messages)
  const [amend, setAmend] = useState(false)
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const [job] = useStore(part.state.jobs)
  const run = useRun()
  const message = messages[root] ?? ''
  const write = (text: string) => part.messages.update((all) => ({ ...all, [root]: text }))

  // What git prepared for a merge, unless something was written already; it goes with the merge.
  useEffect(() => {
    if (!prepared) return
    part.messages.update((all) => (all[root] ? all : { ...all, [root]: prepared }))
    return () => part.messages.update((all) => (all[root] === prepared ? { ...all, [root]: '' } : all))
  }, [prepared, root, part])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as high as what is written
  useEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight + 2, 200)}px`
  }, [message])

  const submit = async () => {
    if (busy) return
    if (message.trim() === '' && !amend) {
      field.current?.focus()
      return
    }
    setBusy(true)
    if (await actions.commit(repository, message, amend)) {
      write('')
      setAmend(false)
    }
    setBusy(false)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    event.stopPropagation()
    void submit()
  }
  const canSync = commit !== undefined && branch !== undefined && (upstream === undefined || ahead > 0 || behind > 0)
  return (
    <div className="git-commit">
      <textarea
        ref={field}
        className="field"
        aria-label="Message of the commit"
        placeholder={
          amend ? 'Message, or empty for the last one' : `Message (Ctrl+Enter commits on ${branch ?? 'HEAD'})`
        }
        rows={1}
        value={message}
        onChange={(event) => write(event.target.value)}
        onKeyDown={press}
      />
      <div className="git-commit-row">
        <button
          type="button"
          className="button primary"
          disabled={busy || (changes.length === 0 && !amend && !repository.unfinished)}
          onClick={() => void submit()}
        >
          <Icon name="check" size={14} />
          {busy ? 'Committing…' : amend ? 'Amend' : 'Commit'}
        </button>
        {commit !== undefined && (
          <label className="check">
            <input type="checkbox" checked={amend} onChange={(event) => setAmend(event.target.checked)} />
            Amend
          </label>
        )}
      </div>
      {canSync && changes.length === 0 && (
        <button type="button" className="button" disabled={job !== undefined} onClick={() => run('git.sync')}>
          <Icon name={upstream === undefined ? 'cloud' : 'sync'} size={14} />
          {upstream === undefined
            ? remotes.length === 0
              ? 'Publish branch…'
              : 'Publish branch'
            : `Synchronise${behind > 0 ? ` ${behind}↓` : ''}${ahead > 0 ? ` ${ahead}↑` : ''}`}
        </button>
      )}
      {job && (
        <div className="git-progress" role="progressbar" aria-label={job.title} aria-valuenow={job.percent}>
          <i style={job.percent === undefined ? undefined : { width: `${job.percent}%` }} />
        </div>
      )}
    </div>
  )
}
