import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { OmegaError } from '../../core/errors.ts'
import type { SandboxView, SnapshotView } from '../../core/wire/http.ts'
import { Sheet } from '../shared/sheet.tsx'
import type { Fleet } from './fleet.ts'
import { masterApi } from './master-api.ts'
import { NameInput } from './name-input.tsx'
import { duration, newKey, useElapsed } from './waiting.tsx'

interface LifeSheetProps {
  fleet: Fleet
  sandbox: SandboxView
  onClose: () => void
}

export function RenameSheet({ fleet, sandbox, onClose }: LifeSheetProps) {
  return (
    <NameSheet
      title={`Rename ${sandbox.name}`}
      detail="Its address stays as it is."
      action="Rename"
      waiting="Renaming"
      first={sandbox.name}
      required
      work={(name) => (name === sandbox.name ? Promise.resolve() : fleet.rename(sandbox.id, name))}
      onDone={onClose}
      onClose={onClose}
    />
  )
}

/** Goes to the copy when it is there, unless it was closed before: then the copy is in the list. */
export function ForkSheet({ fleet, sandbox, snapshot, onClose }: LifeSheetProps & { snapshot?: SnapshotView }) {
  const once = useRef({ name: '', key: newKey() })
  const fork = async (name: string) => {
    if (once.current.name !== name) once.current = { name, key: newKey() }
    try {
      return await masterApi.fork(sandbox.id, name, once.current.key, snapshot?.id)
    } catch (error) {
      // After a lost connection the same key asks for the same copy, never for a second one.
      if (!(error instanceof OmegaError && error.code === 'UNREACHABLE')) once.current = { name, key: newKey() }
      throw error
    } finally {
      void fleet.look()
    }
  }
  return (
    <NameSheet
      title={snapshot ? `Fork ${sandbox.name} of ${snapshot.name}` : `Fork ${sandbox.name}`}
      detail={`A copy of its files${snapshot ? ' as they were then' : ''} with a name and an address of its own, on the same host. This one goes on undisturbed.`}
      action="Fork"
      waiting={`Copying ${sandbox.name}`}
      first=""
      work={fork}
      onDone={(url) => location.assign(url)}
      onClose={onClose}
    />
  )
}

interface NameSheetProps<Result> {
  title: string
  detail: string
  /** What the button that does it says. */
  action: string
  /** Said while it is done. */
  waiting: string
  /** The name that stands there at first. */
  first: string
  required?: boolean
  /** Rejects with a reason that is shown; it can be tried again then. */
  work: (name: string) => Promise<Result>
  /** Not called when the sheet was closed meanwhile. */
  onDone: (result: Result) => void
  onClose: () => void
}

/** Asks for a name, does the work, and stays with the reason when it could not be done. */
function NameSheet<Result>(props: NameSheetProps<Result>) {
  const { title, detail, action, waiting, first, required = false, work, onDone, onClose } = props
  const [name, setName] = useState(first)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const elapsed = useElapsed(busy)
  const field = useRef<HTMLInputElement>(null)
  const isShown = useRef(true)
  const id = useId()

  useEffect(() => {
    isShown.current = true
    field.current?.select()
    return () => {
      isShown.current = false
    }
  }, [])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      const result = await work(name.trim())
      if (isShown.current) onDone(result)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setBusy(false)
      field.current?.focus()
    }
  }

  return (
    <Sheet title={title} onClose={onClose}>
      <p>{detail}</p>
      <form className="naming" onSubmit={(event) => void submit(event)}>
        <label htmlFor={id}>{required ? 'Name' : 'Name (optional)'}</label>
        <NameInput name={name} onName={setName} id={id} input={field} readOnly={busy} isWrong={problem !== undefined} />
        <ol className="steps" aria-live="polite">
          {busy && (
            <li>
              <i className="tick wait" />
              <span>{waiting}</span>
              <time aria-hidden="true">{duration(elapsed)}</time>
            </li>
          )}
        </ol>
        {problem !== undefined && (
          <div className="trouble" role="alert">
            <span>{problem}</span>
          </div>
        )}
        <div className="choices">
          <button type="button" className="button" onClick={onClose}>
            {busy ? 'Close' : 'Cancel'}
          </button>
          <button type="submit" className="button primary" disabled={busy || (required && name.trim() === '')}>
            {action}
          </button>
        </div>
      </form>
    </Sheet>
  )
}
