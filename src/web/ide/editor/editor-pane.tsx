import { useEffect, useRef } from 'react'
import type { DocumentConflict } from '../../../core/wire/operations/documents.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { Document } from '../documents/document.ts'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'
import { CodeView } from './code-view.tsx'

/** Tabs, and the document of the one shown. */
export function EditorPane() {
  const { documents } = useWorkspace()
  const { open, active } = useStore(documents.tabs)
  return (
    <main className="part work" aria-label="Editor">
      <div className="tabbar" role="tablist" aria-label="Open files">
        {open.map((path) => (
          <FileTab key={path} path={path} active={path === active} open={open} />
        ))}
      </div>
      <div className="stage" role="tabpanel" aria-label={active === undefined ? 'No file' : nameOf(active)}>
        {active === undefined ? <NothingOpen /> : <Stage key={active} document={documents.at(active)} />}
      </div>
    </main>
  )
}

function FileTab({ path, active, open }: { path: string; active: boolean; open: readonly string[] }) {
  const workspace = useWorkspace()
  const { documents } = workspace
  const element = useRef<HTMLDivElement>(null)
  // An unshown tab's document is loaded when it is shown: only then can it be dirty.
  useStore(documents.unsaved)
  const dirty = documents.isDirty(path)
  useEffect(() => {
    if (active) element.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [active])
  const name = nameOf(path)
  const twin = open.some((other) => other !== path && nameOf(other) === name)
  const close = () => workspace.attempt(documents.close(path))
  return (
    <div
      ref={element}
      className="tab"
      role="tab"
      aria-selected={active}
      aria-label={dirty ? `${name}, not saved` : name}
      data-path={path}
      data-dirty={dirty ? '' : undefined}
      title={path}
      tabIndex={active ? 0 : -1}
      onClick={() => workspace.openFile(path)}
      onAuxClick={(event) => event.button === 1 && close()}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') workspace.openFile(path)
        else if (event.key === 'ArrowRight') documents.step(1)
        else if (event.key === 'ArrowLeft') documents.step(-1)
        else if (event.key === 'Delete') close()
      }}
    >
      <FileMark path={path} />
      <span className="label">{name}</span>
      {twin && <span className="where">{nameOf(parentOf(path)) || '.'}</span>}
      <button
        type="button"
        className="tool"
        aria-label={`Close ${name}`}
        tabIndex={-1}
        onClick={(event) => {
          event.stopPropagation()
          close()
        }}
      >
        <Icon name="close" size={12} />
      </button>
    </div>
  )
}

function Stage({ document }: { document: Document }) {
  const { phase, failure, conflict, problem, stranded } = useStore(document.state)
  const content = useStore(document.content)
  if (phase === 'failed') {
    return (
      <div className="empty" role="alert">
        <strong>{nameOf(document.path)} cannot be shown</strong>
        <p>{failure?.detail}</p>
        <button type="button" className="button" onClick={() => void document.load()}>
          Try again
        </button>
      </div>
    )
  }
  if (phase === 'loading' || !content) {
    return (
      <div className="ghosts" aria-busy="true">
        <i />
        <i />
        <i />
        <i />
        <i />
      </div>
    )
  }
  return (
    <>
      {conflict && <ConflictBanner document={document} conflict={conflict} />}
      {stranded !== undefined && <StrandedBanner document={document} />}
      {problem && !conflict && (
        <div className="banner bad" role="alert">
          <span>Not saved. {problem}</span>
          <button type="button" className="button" onClick={() => void document.save()}>
            Save again
          </button>
        </div>
      )}
      <CodeView key={content.generation} document={document} />
    </>
  )
}

function ConflictBanner({ document, conflict }: { document: Document; conflict: DocumentConflict }) {
  const workspace = useWorkspace()
  return (
    <div className="banner" role="alert" data-testid="conflict">
      <Icon name="warning" />
      <span>
        {conflict === 'gone'
          ? 'This file was deleted or moved by something else.'
          : 'Something else made this file one that cannot be edited as text.'}
      </span>
      <button type="button" className="button" onClick={() => workspace.documents.discard(document.path)}>
        Close it
      </button>
      <button type="button" className="button primary" onClick={() => workspace.attempt(document.overwrite())}>
        {conflict === 'gone' ? 'Save it again' : 'Overwrite with mine'}
      </button>
    </div>
  )
}

function StrandedBanner({ document }: { document: Document }) {
  return (
    <div className="banner" role="alert" data-testid="stranded">
      <Icon name="warning" />
      <span>
        What you typed here without a connection could not be merged: the sandbox has lost this file's history.
      </span>
      <button type="button" className="button" onClick={() => document.settleStranded(false)}>
        Forget mine
      </button>
      <button type="button" className="button primary" onClick={() => document.settleStranded(true)}>
        Put mine in its place
      </button>
    </div>
  )
}

const keys = [
  ['Ctrl P', 'Go to file'],
  ['Ctrl Shift P', 'All commands'],
  ['Ctrl `', 'Terminal'],
  ['Ctrl B', 'Files'],
]

function NothingOpen() {
  return (
    <div className="empty">
      <strong>Open a file to start</strong>
      <div className="keys">
        {keys.map(([key, what]) => [<kbd key={key}>{key}</kbd>, <span key={what}>{what}</span>])}
      </div>
    </div>
  )
}
