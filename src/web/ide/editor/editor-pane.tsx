import { useEffect } from 'react'
import type { DocumentConflict } from '../../../core/wire/operations/documents.ts'
import { Icon } from '../../shared/icons.tsx'
import { Skeleton } from '../../shared/skeleton.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { Document } from '../documents/document.ts'
import { shownName } from '../files/paths.ts'
import { Loaded } from '../frame/loaded.tsx'
import { Welcome } from '../frame/welcome.tsx'
import { pageIsShown } from '../frame/when-idle.ts'
import { TabBar } from '../tabs/tab-bar.tsx'
import { parseViewTab } from '../tabs/tab-view.ts'
import { Beside } from '../viewers/beside.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { CodeView } from './code-view.tsx'
import { EditorKeys } from './editor-keys.tsx'

/** Tabs, and what the one shown holds. */
export function EditorPane() {
  const { tabs } = useWorkspace()
  const { active } = useStore(tabs.state)
  useEffect(() => {
    if (active === undefined || parseViewTab(active)) pageIsShown()
  }, [active])
  return (
    <main className="part work" aria-label="Editor">
      <TabBar />
      <div className="stage" role="tabpanel" aria-label="Content of the tab">
        {active === undefined ? <Welcome /> : <TabContent key={active} tab={active} />}
      </div>
      <EditorKeys />
    </main>
  )
}

/** For files that are no documents; with the code of pictures, bytes and large texts. */
const loadFileViewer = async () => (await import('../viewers/file-viewer.tsx')).default

function TabContent({ tab }: { tab: string }) {
  const { documents, tabs } = useWorkspace()
  const views = useStore(tabs.views.list)
  const parsed = parseViewTab(tab)
  if (!parsed) return <Stage document={documents.at(tab)} />
  const view = views.find(({ id }) => id === parsed.view)
  return view ? (
    <Loaded load={view.load} props={{ arg: parsed.arg }} />
  ) : (
    <div className="empty">This tab is of another version of omega.</div>
  )
}

function Stage({ document }: { document: Document }) {
  const { phase, failure, conflict, problem, stranded } = useStore(document.state)
  const content = useStore(document.content)
  useEffect(() => {
    if (phase === 'failed') pageIsShown()
  }, [phase])
  if (phase === 'failed') {
    const code = failure?.code
    if (code === 'TOO_LARGE' || code === 'UNSUPPORTED_MEDIA_TYPE') {
      return <Loaded load={loadFileViewer} props={{ path: document.path, code }} />
    }
    return (
      <div className="empty" role="alert">
        <strong>{shownName(document.path)} cannot be shown</strong>
        <p>{failure?.detail}</p>
        <button type="button" className="button" onClick={() => void document.load()}>
          Try again
        </button>
      </div>
    )
  }
  if (phase === 'loading' || !content) return <Skeleton lines={5} />
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
      <Beside document={document} content={content}>
        <CodeView key={content.generation} document={document} />
      </Beside>
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
      <button type="button" className="button" onClick={() => workspace.tabs.discard(document.path)}>
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
