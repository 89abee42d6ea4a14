import { useEffect, useState } from 'react'
import { useStore } from '../../shared/use-store.ts'
import type { Document } from '../documents/document.ts'
import type { Editors } from '../editor/editors.ts'
import { languageOf } from '../editor/languages.ts'
import { Bell } from '../notices/notice-list.tsx'
import type { ConnectionState } from '../wire/connection.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { StatusItem } from './side-view.ts'

/** Slower than this is said in words. */
const SLOW_MS = 250

export function StatusBar() {
  const { statusItems } = useWorkspace()
  const items = useStore(statusItems.list)
  const of = (side: StatusItem['side']) =>
    items.filter((item) => item.side === side).map(({ id, Component }) => <Component key={id} />)
  return (
    <footer className="statusbar">
      <ConnectionStatus />
      <Saved />
      {of('left')}
      <span className="grow" />
      {of('right')}
      <Place />
      <Sandbox />
      <Bell />
    </footer>
  )
}

function Sandbox() {
  const { hello } = useWorkspace()
  const known = useStore(hello)
  if (!known) return null
  return (
    <>
      {known.appPort !== 0 && <span>port {known.appPort}</span>}
      <span>{known.sandbox.template}</span>
      <a href={known.masterUrl}>Dashboard</a>
    </>
  )
}

function ConnectionStatus() {
  const { connection } = useWorkspace()
  const state = useStore(connection.state)
  const words = useWords(state)
  const latency = state.name === 'connected' ? state.latency : undefined
  return (
    <span className="status" role="status" data-testid="connection" data-state={state.name}>
      <span className="dot" />
      {words}
      {latency !== undefined && (
        <span className="latency" aria-hidden="true">
          {latency < 1 ? '<1' : Math.round(latency)} ms{latency > SLOW_MS && ', slow'}
        </span>
      )}
      {state.name === 'waiting' && (
        <button type="button" onClick={() => connection.retryNow()}>
          <u>Retry now</u>
        </button>
      )}
    </span>
  )
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
  if (state.name === 'connecting') return state.attempt === 0 ? 'connecting' : 'connecting again'
  if (state.name === 'signed-out') return 'signed out'
  const seconds = Math.max(0, Math.ceil((state.retryAt - performance.now()) / 1000))
  return seconds > 0 ? `offline, next try in ${seconds} s` : 'offline'
}

function Saved() {
  const { documents, connection } = useWorkspace()
  const unsaved = useStore(documents.unsaved)
  const { name } = useStore(connection.state)
  if (unsaved === 0) {
    return (
      <span className="saved" data-testid="saved">
        Saved
      </span>
    )
  }
  return (
    <span className="saved" data-testid="saved">
      {name === 'connected' ? `${unsaved} unsaved` : `${unsaved} unsaved, kept in this browser`}
    </span>
  )
}

function Place() {
  const { documents, editors, tabs } = useWorkspace()
  useStore(tabs.state)
  const path = tabs.activeFile
  return path === undefined ? null : <PlaceIn document={documents.at(path)} editors={editors} />
}

function PlaceIn({ document, editors }: { document: Document; editors: Editors }) {
  const offset = useStore(editors.cursor)
  const { phase } = useStore(document.state)
  const doc = phase === 'open' ? editors.of(document)?.view?.state.doc : undefined
  if (!doc) return null
  const line = doc.lineAt(Math.min(offset, doc.length))
  return (
    <>
      <span>
        Ln {line.number}, Col {Math.min(offset, doc.length) - line.from + 1}
      </span>
      <span>{languageOf(document.path)?.title ?? 'Plain text'}</span>
    </>
  )
}
