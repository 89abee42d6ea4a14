import { type FormEvent, useCallback, useEffect, useMemo, useState } from 'react'
import { sizeText } from '../../core/container-disk.ts'
import type { SandboxView, SnapshotView } from '../../core/wire/http.ts'
import { Icon } from '../shared/icons.tsx'
import { Sheet } from '../shared/sheet.tsx'
import { agoText } from './age.ts'
import type { Fleet } from './fleet.ts'
import { masterApi } from './master-api.ts'
import { NameInput } from './name-input.tsx'
import { duration, useElapsed } from './waiting.tsx'

interface SnapshotsSheetProps {
  fleet: Fleet
  sandbox: SandboxView
  now: number
  onFork: (snapshot: SnapshotView) => void
  onClose: () => void
}

/** The files of a sandbox as they were: keeps them as they are now, puts back, copies and deletes those kept. */
export function SnapshotsSheet({ fleet, sandbox, now, onFork, onClose }: SnapshotsSheetProps) {
  const { snapshots, waiting, said, problem, attempt } = useSnapshots(sandbox, fleet)
  const [name, setName] = useState('')
  const elapsed = useElapsed(waiting !== undefined)
  const busy = waiting !== undefined
  const take = (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    void attempt('Keeping its files', async (api) => {
      const taken = await api.take(name.trim())
      setName('')
      return `${taken.name} is kept.`
    })
  }
  const restore = (snapshot: SnapshotView) =>
    void attempt(`Putting ${snapshot.name} back`, async (api) => {
      await api.restore(snapshot)
      return `${sandbox.name} has the files of ${snapshot.name} again.`
    })
  const remove = (snapshot: SnapshotView) =>
    void attempt(`Deleting ${snapshot.name}`, async (api) => {
      await api.remove(snapshot)
      return `${snapshot.name} is deleted.`
    })
  return (
    <Sheet title={`Snapshots of ${sandbox.name}`} wide onClose={onClose}>
      <button type="button" className="icon-button share-close" aria-label="Close" onClick={onClose}>
        <Icon name="close" size={14} />
      </button>
      <p>Its files as they are now, packages too, to put back or to copy later. It goes on undisturbed.</p>
      <form className="snapshot-take" onSubmit={take}>
        <NameInput
          name={name}
          onName={setName}
          label="Name of the new snapshot (optional)"
          placeholder="Name (optional)"
          readOnly={busy}
        />
        <button type="submit" className="button primary" disabled={busy}>
          Take a snapshot
        </button>
      </form>
      <p className="snapshot-said" role="status">
        {waiting === undefined ? said : `${waiting}: ${duration(elapsed)}`}
      </p>
      {problem !== undefined && (
        <div className="trouble" role="alert">
          <span>{problem}</span>
        </div>
      )}
      {snapshots && snapshots.length > 0 && (
        <section className="share-list" aria-label="Snapshots, newest first">
          <h3>Kept with the sandbox</h3>
          <ul>
            {snapshots.toReversed().map((snapshot) => (
              <Kept
                key={snapshot.id}
                snapshot={snapshot}
                now={now}
                busy={busy}
                onRestore={() => restore(snapshot)}
                onFork={() => onFork(snapshot)}
                onRemove={() => remove(snapshot)}
              />
            ))}
          </ul>
        </section>
      )}
    </Sheet>
  )
}

interface KeptProps {
  snapshot: SnapshotView
  now: number
  busy: boolean
  onRestore: () => void
  onFork: () => void
  onRemove: () => void
}

/** What loses something asks once more in its place. */
function Kept({ snapshot, now, busy, onRestore, onFork, onRemove }: KeptProps) {
  const [sure, setSure] = useState<'restore' | 'remove'>()
  const { name, createdAt, bytes } = snapshot
  const decide = (act: () => void) => () => {
    setSure(undefined)
    act()
  }
  return (
    <li data-snapshot={name}>
      <span title={new Date(createdAt).toLocaleString()}>
        <strong>{name}</strong>
        <small>
          {agoText(createdAt, now)}, {sizeText(bytes)}
        </small>
      </span>
      {sure === undefined ? (
        <span className="snapshot-deeds">
          <button type="button" className="button" disabled={busy} onClick={() => setSure('restore')}>
            Put back
          </button>
          <button type="button" className="button" disabled={busy} onClick={onFork}>
            Fork…
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={`Delete ${name}`}
            title="Delete"
            disabled={busy}
            onClick={() => setSure('remove')}
          >
            <Icon name="trash" />
          </button>
        </span>
      ) : (
        <span className="snapshot-deeds">
          <button type="button" className="button" onClick={() => setSure(undefined)}>
            Cancel
          </button>
          <button
            type="button"
            className="button danger"
            disabled={busy}
            onClick={decide(sure === 'restore' ? onRestore : onRemove)}
          >
            {sure === 'restore' ? 'Put back: what was written since is lost' : 'Delete it for good'}
          </button>
        </span>
      )}
    </li>
  )
}

type SnapshotApi = ReturnType<typeof masterApi.snapshots>

interface SnapshotsState {
  /** Undefined until they were read once. */
  snapshots?: readonly SnapshotView[]
  /** What is being done. */
  waiting?: string
  /** What was done last. */
  said?: string
  problem?: string
}

/** The snapshots there are, and what changes them: one thing at a time, with its outcome in words. */
function useSnapshots({ id }: SandboxView, fleet: Fleet) {
  const api = useMemo(() => masterApi.snapshots(id), [id])
  const [state, setState] = useState<SnapshotsState>({})
  const attempt = useCallback(
    async (waiting: string | undefined, work: (api: SnapshotApi) => Promise<string | undefined>) => {
      setState(({ snapshots }) => ({ ...(snapshots && { snapshots }), ...(waiting !== undefined && { waiting }) }))
      const outcome: Pick<SnapshotsState, 'said' | 'problem'> = {}
      try {
        const said = await work(api)
        if (said !== undefined) outcome.said = said
      } catch (error) {
        outcome.problem = error instanceof Error ? error.message : String(error)
      }
      const snapshots = await api.list().catch((error: unknown) => {
        outcome.problem ??= error instanceof Error ? error.message : String(error)
        return undefined
      })
      setState((before) => ({
        ...((snapshots ?? before.snapshots) && { snapshots: snapshots ?? before.snapshots }),
        ...outcome,
      }))
      void fleet.look()
    },
    [api, fleet],
  )
  useEffect(() => void attempt(undefined, async () => undefined), [attempt])
  return { ...state, attempt }
}
