import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef, useState } from 'react'
import { codeTheme } from '../editor/code-theme.ts'
import { languageOf } from '../editor/languages.ts'
import { useWorkspace } from '../workspace-context.ts'
import { offsetOf } from './place.ts'
import { parseSource } from './source-tab.ts'

/** A file outside of the project, to look at: the declarations of a library. */
export function SourceView({ arg }: { arg: string }) {
  const { connection } = useWorkspace()
  const place = useRef<HTMLDivElement>(null)
  const [failure, setFailure] = useState<string | undefined>(undefined)
  useEffect(() => {
    const { uri, position, name } = parseSource(arg)
    let view: EditorView | undefined
    let left = false
    const show = async () => {
      const { text } = await connection.request('language.source', { uri })
      const language = await languageOf(name)?.load()
      if (left || !place.current) return
      const doc = EditorState.create({ doc: text }).doc
      const anchor = offsetOf(doc, position)
      view = new EditorView({
        parent: place.current,
        state: EditorState.create({
          doc,
          selection: { anchor },
          extensions: [
            lineNumbers(),
            EditorState.readOnly.of(true),
            EditorView.contentAttributes.of({ 'aria-label': `${name}, to look at` }),
            codeTheme,
            language ?? [],
          ],
        }),
      })
      view.dispatch({ effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
      view.focus()
    }
    show().catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)))
    return () => {
      left = true
      view?.destroy()
    }
  }, [arg, connection])
  if (failure !== undefined) {
    return (
      <div className="empty" role="alert">
        <strong>This cannot be shown</strong>
        <p>{failure} Go to the definition again to see it.</p>
      </div>
    )
  }
  return (
    <>
      <div className="banner">This file belongs to a library. It can be looked at, not changed.</div>
      <div className="code" ref={place} data-testid="source" />
    </>
  )
}
