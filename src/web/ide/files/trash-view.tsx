import { useCallback, useEffect, useState } from 'react'
import { printable } from '../../../core/printable.ts'
import type { TrashedItem } from '../../../core/wire/operations/files.ts'
import { Skeleton } from '../../shared/skeleton.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { FileMark } from './file-mark.tsx'
import { inBytes } from './uploads.ts'

/** What was deleted and can be restored. */
export default function TrashView() {
  const { connection, files, notices, mayChange } = useWorkspace()
  const [items, setItems] = useState<readonly TrashedItem[] | undefined>()
  const load = useCallback(() => {
    notices.attempt(connection.request('files.trashed', {}).then((answer) => setItems(answer.items)))
  }, [connection, notices])
  const changes = useStore(files.actions.history.next)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is done to files may change it
  useEffect(load, [load, changes])
  const act = (work: Promise<unknown>) => notices.attempt(work.finally(load))
  const empty = async () => {
    const answer = await files.actions.questions.ask(
      'Empty the trash?',
      'Everything in it is gone for good, and deletions cannot be undone any more.',
      [{ id: 'empty', title: 'Empty the trash', kind: 'danger' }],
    )
    if (answer === 'empty') await connection.request('files.emptyTrash', {})
  }
  if (!items) return <Skeleton />
  if (items.length === 0) {
    return (
      <div className="empty">
        <strong>The trash is empty</strong>
        <p>What you delete is kept here for a week.</p>
      </div>
    )
  }
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
  return (
    <div className="trash" data-testid="trash">
      <div className="heading">
        Deleted files
        <span className="grow" />
        <small>{inBytes(bytes)}</small>
        {mayChange && (
          <button type="button" className="button" onClick={() => act(empty())}>
            Empty the trash
          </button>
        )}
      </div>
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <FileMark path={item.path} folder={item.kind === 'directory'} />
            <span className="label" title={printable(item.path)}>
              {printable(item.path)}
            </span>
            <small>{inBytes(item.bytes)}</small>
            <small>{new Date(item.at).toLocaleString()}</small>
            {mayChange && (
              <>
                <button
                  type="button"
                  className="button"
                  aria-label={`Restore ${printable(item.path)}`}
                  onClick={() => act(files.actions.restore(item))}
                >
                  Restore
                </button>
                <button
                  type="button"
                  className="button danger"
                  aria-label={`Delete ${printable(item.path)} for good`}
                  onClick={() => act(connection.request('files.emptyTrash', { id: item.id }))}
                >
                  Delete
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
