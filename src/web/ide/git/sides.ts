import { EditorState, type Extension, type Text } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useState } from 'react'
import type { GitText } from '../../../core/wire/operations/git.ts'
import { useStore } from '../../shared/use-store.ts'
import type { Content } from '../documents/content.ts'
import type { Document } from '../documents/document.ts'
import { codeTheme } from '../editor/code-theme.ts'
import { languageOf } from '../editor/languages.ts'
import type { GitPart } from './git-part.ts'
import { toText } from './line-marks.ts'

/** A version of a file: there, not there, or not to be shown. Undefined while it is read. */
export interface SideText {
  text: Text
  oid?: string
  unshown?: GitText['unshown']
}

const nothing: SideText = { text: toText('') }

/** A version that is in git; read again when the repository has changed. `file` is none: it gives nothing. */
export function useSideText(part: GitPart, root: string, path: string, side: string): SideText | undefined {
  const { connection, notices } = part.workspace
  const repositories = useStore(part.state.repositories)
  const [side_, setSide] = useState<SideText | undefined>(side === '' || side === 'file' ? nothing : undefined)
  const moves = !/^[0-9a-f]{40,64}$/.test(side)
  const changed = moves ? repositories : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the repository is why it is read again
  useEffect(() => {
    if (side === '' || side === 'file') return
    let left = false
    const known = side_?.oid
    connection.request('git.text', { root, path, at: side, ...(known === undefined ? {} : { known }) }).then(
      ({ oid, text, unshown }) => {
        if (left || (oid !== undefined && oid === known)) return
        setSide({ text: toText(text ?? ''), ...(oid === undefined ? {} : { oid }), ...(unshown ? { unshown } : {}) })
      },
      (error: unknown) => !left && notices.failed(error),
    )
    return () => {
      left = true
    }
  }, [connection, root, path, side, changed])
  return side_
}

/** The language of a file once its code is there; `[]` for none. */
export function useLanguage(path: string): Extension | undefined {
  const [language, setLanguage] = useState<Extension | undefined>()
  useEffect(() => {
    const found = languageOf(path)
    if (!found) setLanguage([])
    else
      found.load().then(
        (extension) => setLanguage(extension),
        () => setLanguage([]),
      )
  }, [path])
  return language
}

/** The document of the file that is worked on, while `wanted`. */
export function useDocument(
  part: GitPart,
  path: string,
  wanted: boolean,
): { document: Document; content: Content | undefined } | undefined {
  const [document] = useState(() => (wanted ? part.workspace.documents.at(path) : undefined))
  const [content, setContent] = useState<Content | undefined>()
  useEffect(() => {
    if (!document) return
    const look = () => setContent(document.state.get().phase === 'open' ? document.content.get() : undefined)
    look()
    const stops = [document.state.subscribe(look), document.content.subscribe(look)]
    return () => {
      for (const stop of stops) stop()
    }
  }, [document])
  return document && { document, content }
}

/** Of a version that cannot be edited. */
export function readOnly(label: string): Extension {
  return [
    EditorState.lineSeparator.of('\n'),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    lineNumbers(),
    codeTheme,
  ]
}

/** Makes the text of a view another one, touching only what differs at its ends. */
export function replaceText(view: EditorView, text: Text): void {
  if (view.state.doc.eq(text)) return
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
}
