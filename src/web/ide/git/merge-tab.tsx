import { EditorState, RangeSetBuilder, type Text } from '@codemirror/state'
import { Decoration, EditorView } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { Skeleton } from '../../shared/skeleton.tsx'
import { useStore } from '../../shared/use-store.ts'
import { GitActions } from './actions.ts'
import { parseDiff } from './diff-tab.ts'
import type { GitPart } from './git-part.ts'
import { lineHunks } from './hunks.ts'
import { mapLine } from './line-map.ts'
import { readOnly, type SideText, useDocument, useLanguage, useSideText } from './sides.ts'

/** A conflict in three versions: ours, the file in which it is resolved, theirs. */
export function MergeTab({ part, arg }: { part: GitPart; arg: string }) {
  const { root = '', path = '' } = parseDiff(JSON.stringify({ left: '', right: '', ...JSON.parse(arg) })) ?? {}
  useStore(part.state.repositories)
  const base = useSideText(part, root, path, 'base')
  const ours = useSideText(part, root, path, 'ours')
  const theirs = useSideText(part, root, path, 'theirs')
  const edited = useDocument(part, path, true)
  const language = useLanguage(path)
  const actions = new GitActions(part)
  const change = part.state.changeOf(path)
  const repository = part.state.repositories.get()?.find((one) => one.root === root)
  if (!change?.conflict) {
    return (
      <div className="empty">
        <strong>{path} has no conflict any more</strong>
        <button type="button" className="button" onClick={() => part.workspace.openFile(path)}>
          Open the file
        </button>
      </div>
    )
  }
  if (!base || !ours || !theirs || !language || !edited?.content) return <Skeleton />
  const take = (side: 'ours' | 'theirs') => repository && actions.takeSide(repository, change, side)
  return (
    <div className="git-merge" data-testid="merge">
      <div className="git-merge-heads">
        <Head title="Current (ours)" action="Take whole" run={() => take('ours')} />
        <Head
          title="Result"
          action="Mark as resolved"
          run={() => repository && void actions.stage(repository, [change])}
        />
        <Head title="Incoming (theirs)" action="Take whole" run={() => take('theirs')} />
      </div>
      <Three part={part} path={path} base={base} ours={ours} theirs={theirs} />
    </div>
  )
}

function Head({ title, action, run }: { title: string; action: string; run: () => void }) {
  return (
    <div>
      <span className="label">{title}</span>
      <button type="button" className="button" aria-label={`${title}: ${action}`} onClick={run}>
        {action}
      </button>
    </div>
  )
}

interface ThreeProps {
  part: GitPart
  path: string
  base: SideText
  ours: SideText
  theirs: SideText
}

function Three({ part, path, base, ours, theirs }: ThreeProps) {
  const place = useRef<HTMLDivElement>(null)
  const language = useLanguage(path)
  const { documents, editors } = part.workspace
  useEffect(() => {
    const parent = place.current
    const editor = editors.of(documents.at(path))
    if (!parent || !editor || !language) return
    const side = (label: string, { text }: SideText) =>
      new EditorView({
        parent,
        state: EditorState.create({
          doc: text,
          extensions: [readOnly(label), language, changedLines(base.text, text)],
        }),
      })
    const left = side(`${path}, ours`, ours)
    const middle = new EditorView({
      parent,
      state: EditorState.create({ doc: editor.content.text.toString(), extensions: [editor.extensions(), language] }),
    })
    const right = side(`${path}, theirs`, theirs)
    const stop = follow(middle, [left, right])
    if (matchMedia('(pointer: fine)').matches) middle.focus()
    return () => {
      stop()
      for (const view of [left, middle, right]) view.destroy()
    }
  }, [documents, editors, path, language, base, ours, theirs])
  return <div className="git-merge-texts" ref={place} />
}

/** Marks the lines that are not as both had them. */
function changedLines(base: Text, text: Text) {
  const builder = new RangeSetBuilder<Decoration>()
  const changed = Decoration.line({ class: 'git-changed-line' })
  for (const { fromB, toB } of lineHunks(base, text)) {
    for (let line = fromB; line < toB; line++) builder.add(text.line(line + 1).from, text.line(line + 1).from, changed)
  }
  return EditorView.decorations.of(builder.finish())
}

/** The sides show what stands beside the line at the top of the middle one. */
function follow(middle: EditorView, sides: readonly EditorView[]): () => void {
  let asked = 0
  const move = () => {
    asked = 0
    const { doc } = middle.state
    const block = middle.lineBlockAtHeight(middle.scrollDOM.scrollTop)
    const line = doc.lineAt(block.from).number - 1
    const within = middle.scrollDOM.scrollTop - block.top
    for (const side of sides) {
      const hunks = lineHunks(doc, side.state.doc)
      const beside = Math.min(side.state.doc.lines, mapLine(hunks, line) + 1)
      side.scrollDOM.scrollTop = side.lineBlockAt(side.state.doc.line(beside).from).top + Math.min(within, block.height)
    }
  }
  const scrolled = () => {
    asked ||= requestAnimationFrame(move)
  }
  middle.scrollDOM.addEventListener('scroll', scrolled, { passive: true })
  return () => {
    cancelAnimationFrame(asked)
    middle.scrollDOM.removeEventListener('scroll', scrolled)
  }
}
