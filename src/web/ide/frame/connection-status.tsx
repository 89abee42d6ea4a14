import { useEffect, useState } from 'react'
import { Sheet } from '../../shared/sheet.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { ConnectionState } from '../wire/connection-state.ts'
import { useWorkspace } from '../workspace-context.ts'
import { signInAgain } from './connection-watch.ts'

/** Slower than this is said in words. */
const SLOW_MS = 250
/** A laptop that wakes up, or a train in a tunnel, is back after a few tries: nobody needs to be told that it is offline. */
const PATIENT_TRIES = 6

/** A dot, and words when it is not well. Pressed, it tells more. */
export function ConnectionStatus() {
  const { connection } = useWorkspace()
  const state = useStore(connection.state)
  const words = useWords(state)
  const [open, setOpen] = useState(false)
  const latency = state.name === 'connected' ? state.latency : undefined
  const slow = latency !== undefined && latency > SLOW_MS
  return (
    <>
      <button
        type="button"
        className="status"
        data-testid="connection"
        data-state={state.name}
        data-calm={isCalm(state) ? '' : undefined}
        data-slow={slow ? '' : undefined}
        title="About the connection"
        onClick={() => setOpen(true)}
      >
        <span className="dot" />
        <span role="status">{words}</span>
        {latency !== undefined && (
          <span className="latency">
            {shownLatency(latency)}
            {slow && ', slow'}
          </span>
        )}
      </button>
      {state.name === 'waiting' && !state.waking && !isCalm(state) && (
        <button type="button" className="now" onClick={() => connection.retryNow()}>
          Retry now
        </button>
      )}
      {state.name === 'asleep' && (
        <button type="button" className="now" onClick={() => connection.wake()}>
          {state.rest === 'stopped' ? 'Start' : 'Wake'}
        </button>
      )}
      {state.name === 'signed-out' && (
        <button type="button" className="now" onClick={signInAgain}>
          Sign in
        </button>
      )}
      {open && <ConnectionSheet onClose={() => setOpen(false)} />}
    </>
  )
}

/** It is being tried again, and may be back at once. */
function isCalm(state: ConnectionState): boolean {
  return (state.name === 'waiting' || state.name === 'connecting') && !state.waking && state.attempt < PATIENT_TRIES
}

function shownLatency(latency: number): string {
  return `${latency < 1 ? '<1' : Math.round(latency)} ms`
}

function useWords(state: ConnectionState): string {
  const [, tick] = useState(0)
  const waiting = state.name === 'waiting'
  useEffect(() => {
    if (!waiting) return
    const timer = setInterval(() => tick((count) => count + 1), 500)
    return () => clearInterval(timer)
  }, [waiting])
  if (state.name === 'connected') return 'connected'
  if (state.name === 'signed-out') return 'signed out'
  if (state.name === 'ended') return 'your link has ended'
  if (state.name === 'asleep') return state.rest
  if (state.waking) return state.waking === 'stopped' ? 'starting' : 'waking up'
  if (state.name === 'connecting') return state.attempt === 0 ? 'connecting' : 'connecting again'
  if (!navigator.onLine) return 'no network'
  if (isCalm(state)) return 'connecting again'
  const seconds = Math.max(0, Math.ceil((state.retryAt - performance.now()) / 1000))
  return seconds > 0 ? `offline, next try in ${seconds} s` : 'offline'
}

/** What the connection is, and what is not saved. */
function ConnectionSheet({ onClose }: { onClose: () => void }) {
  const { connection, documents, hello, notices } = useWorkspace()
  const state = useStore(connection.state)
  const words = useWords(state)
  const known = useStore(hello)
  useStore(documents.unsaved)
  const dirty = documents.all().filter((document) => document.state.get().dirty)
  const latency = state.name === 'connected' ? state.latency : undefined
  const retry = () => {
    if (state.name === 'connected') connection.check()
    else if (state.name === 'asleep') connection.wake()
    else connection.retryNow()
  }
  return (
    <Sheet title="Connection" onClose={onClose}>
      <dl className="facts">
        <dt>Sandbox</dt>
        <dd>{known ? `${known.sandbox.name} (omega ${known.version})` : location.host}</dd>
        <dt>State</dt>
        <dd>
          {words}
          {latency !== undefined && `, ${shownLatency(latency)} there and back`}
        </dd>
        <dt>Unsaved</dt>
        <dd>
          {dirty.length === 0
            ? 'nothing'
            : 'What you typed in these files is kept in this browser, also over a reload, and reaches them by itself:'}
          {dirty.length > 0 && (
            <ul>
              {dirty.map(({ path }) => (
                <li key={path}>{path}</li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
      {state.name !== 'connected' && (
        <p>Typing goes on as before. Terminals, the preview and other files wait for the connection.</p>
      )}
      <div className="choices">
        {state.name === 'signed-out' ? (
          <button type="button" className="button" onClick={signInAgain}>
            Sign in
          </button>
        ) : (
          <button type="button" className="button" onClick={retry}>
            {state.name === 'connected' ? 'Measure again' : state.name === 'asleep' ? 'Wake it' : 'Retry now'}
          </button>
        )}
        {dirty.length > 0 && state.name === 'connected' && (
          <button type="button" className="button" onClick={() => notices.attempt(documents.saveAll())}>
            Save all
          </button>
        )}
        <button type="button" className="button primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Sheet>
  )
}
