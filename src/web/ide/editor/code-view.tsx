import { EditorView } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import type { Document } from '../documents/document.ts'
import { useWorkspace } from '../workspace-context.ts'
import { CodeBuffer } from './code-buffer.ts'

/** The editor on one document's buffer; its undo history, cursor and scroll outlive it. */
export function CodeView({ document }: { document: Document }) {
  const workspace = useWorkspace()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const { buffer } = document
    if (!place.current || !(buffer instanceof CodeBuffer)) return
    const view = new EditorView({ state: buffer.state, parent: place.current })
    buffer.view = view
    workspace.cursor.set(buffer.state.selection.main.head)
    if (buffer.scroll) view.dispatch({ effects: buffer.scroll })
    else view.dispatch({ effects: EditorView.scrollIntoView(buffer.state.selection.main.head, { y: 'center' }) })
    // A phone would cover half of the page with its keyboard.
    if (workspace.takeEditorFocus() && matchMedia('(pointer: fine)').matches) view.focus()
    return () => {
      buffer.scroll = view.scrollSnapshot()
      buffer.view = undefined
      view.destroy()
    }
  }, [document, workspace])
  return <div className="code" ref={place} data-testid="editor" />
}
