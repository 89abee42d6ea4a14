import type { Store } from '../../shared/store.ts'
import { useStore } from '../../shared/use-store.ts'
import type { Document } from '../documents/document.ts'
import { withKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { CodeEditor } from './code-editor.ts'
import { titleOf } from './indentation.ts'

/** Where the cursor is, how the file is indented and what language it is; each can be pressed to change it. */
export function EditorStatus() {
  const { documents, tabs } = useWorkspace()
  useStore(tabs.state)
  const path = tabs.activeFile
  return path === undefined ? null : <StatusOf document={documents.at(path)} />
}

function StatusOf({ document }: { document: Document }) {
  const { editors } = useWorkspace()
  const { phase } = useStore(document.state)
  useStore(document.content)
  const editor = phase === 'open' ? editors.of(document) : undefined
  if (!editor) return null
  return (
    <>
      <Place editor={editor} />
      <Choice command="editor.indentation" store={editor.indentation} title={titleOf} />
      <Choice command="editor.language" store={editor.language} title={(language) => language?.title ?? 'Plain text'} />
    </>
  )
}

function Place({ editor }: { editor: CodeEditor }) {
  const { editors, palette, keys } = useWorkspace()
  const offset = useStore(editors.cursor)
  const { ranges, chars } = useStore(editors.selected)
  const doc = editor.view?.state.doc
  if (!doc) return null
  const at = Math.min(offset, doc.length)
  const line = doc.lineAt(at)
  return (
    <button
      type="button"
      title={withKeys('Go to a line', keys.ofId('editor.goToLine'))}
      onClick={() => palette.open(':')}
    >
      {ranges > 1 ? `${ranges} selections` : `Ln ${line.number}, Col ${at - line.from + 1}`}
      {chars > 0 && ` (${chars} selected)`}
    </button>
  )
}

interface ChoiceProps<T> {
  /** Of the command that lets a person choose. */
  command: string
  store: Store<T>
  title: (value: T) => string
}

function Choice<T>({ command, store, title }: ChoiceProps<T>) {
  const { commands, keys } = useWorkspace()
  const known = commands.get(command)
  return (
    <button type="button" title={known && withKeys(known.title, keys.ofId(command))} onClick={() => known?.run()}>
      {title(useStore(store))}
    </button>
  )
}
