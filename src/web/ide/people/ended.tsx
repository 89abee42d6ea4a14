import { useEffect, useRef } from 'react'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'

const words = { revoked: 'was revoked', over: 'is over', ended: 'has ended' }

/** Over the whole page when the link that let its person in has ended. */
export function Ended() {
  const { access, connection, documents, hello } = useWorkspace()
  const state = useStore(connection.state)
  const unsaved = useStore(documents.unsaved)
  const known = useStore(hello)
  const dialog = useRef<HTMLDialogElement>(null)
  const ended = state.name === 'ended'
  useEffect(() => {
    if (ended && !dialog.current?.open) dialog.current?.showModal()
  }, [ended])
  if (!ended) return null
  return (
    <dialog
      ref={dialog}
      className="sheet ended"
      aria-labelledby="ended-title"
      data-testid="ended"
      // There is nothing behind it to go back to.
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id="ended-title">The link by which you came {words[state.why ?? 'ended']}</h2>
      <p>
        This page is not connected to the sandbox any more.{' '}
        {access.get() === 'look'
          ? ''
          : unsaved === 0
            ? 'All you have typed is there. '
            : 'What you typed last may not be there; it stays in this browser. '}
        To go on, ask whoever gave you the link for a new one.
      </p>
      {known && (
        <div className="choices">
          <a className="button" href={`${known.masterUrl}/open/${known.sandbox.subdomain}`}>
            Sign in with an account
          </a>
        </div>
      )}
    </dialog>
  )
}
