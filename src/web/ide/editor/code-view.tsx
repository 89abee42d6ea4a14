import { useEffect, useRef } from 'react'
import type { Document } from '../documents/document.ts'
import { pageIsShown } from '../frame/when-idle.ts'
import { useWorkspace } from '../workspace-context.ts'

/** The editor on one document's content. */
export function CodeView({ document }: { document: Document }) {
  const workspace = useWorkspace()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const editor = workspace.editors.of(document)
    if (!place.current || !editor) return
    const hide = editor.show(place.current)
    if (workspace.takeEditorFocus()) editor.view?.focus()
    pageIsShown()
    return hide
  }, [document, workspace])
  return <div className="code" ref={place} data-testid="editor" />
}
