import {
  getChunks,
  goToNextChunk,
  goToPreviousChunk,
  MergeView,
  originalDocChangeEffect,
  unifiedMergeView,
} from '@codemirror/merge'
import { ChangeSet, EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import { useEffect, useRef, useState } from 'react'
import { Icon, type IconName } from '../../shared/icons.tsx'
import { Skeleton } from '../../shared/skeleton.tsx'
import { useStore } from '../../shared/use-store.ts'
import { GitActions } from './actions.ts'
import { type DiffSides, parseDiff, sideName } from './diff-tab.ts'
import type { GitPart } from './git-part.ts'
import { readOnly, type SideText, useDocument, useLanguage, useSideText } from './sides.ts'
import { diffWithoutSpaces } from './whitespace-diff.ts'

/** Two versions of a file. The right one, when it is the file itself, is edited like in its own tab. */
export function DiffView({ part, arg }: { part: GitPart; arg: string }) {
  const sides = parseDiff(arg)
  if (!sides) return <div className="empty">This tab is of another version of omega.</div>
  return <Difference part={part} sides={sides} />
}

function Difference({ part, sides }: { part: GitPart; sides: DiffSides }) {
  const { root, path, from = path, left, right } = sides
  const old = useSideText(part, root, from, left)
  const fresh = useSideText(part, root, path, right)
  const edited = useDocument(part, path, right === 'file')
  const language = useLanguage(path)
  const unshown = old?.unshown ?? fresh?.unshown
  if (unshown) {
    const words = {
      binary: 'is no text',
      large: 'is too large to be compared here',
      submodule: 'is a repository of its own',
    }
    return (
      <div className="empty">
        <strong>{path}</strong>
        <p>This file {words[unshown]}.</p>
      </div>
    )
  }
  const failure = edited?.document.state.get().failure
  if (failure && !edited?.content) {
    return (
      <div className="empty" role="alert">
        <strong>The file cannot be shown</strong>
        <p>{failure.detail}</p>
      </div>
    )
  }
  if (!old || !fresh || !language || (edited && !edited.content)) return <Skeleton lines={4} />
  return <Compared part={part} sides={sides} old={old} fresh={fresh} />
}

/** Below this both sides have too little room beside each other. */
const NARROW = 640

function Compared({ part, sides, old, fresh }: { part: GitPart; sides: DiffSides; old: SideText; fresh: SideText }) {
  const { root, path, from = path, left, right } = sides
  const { settings, documents, editors, tabs } = part.workspace
  const { diffLayout, diffWhitespace } = useStore(settings.values)
  const language = useLanguage(path)
  const place = useRef<HTMLDivElement>(null)
  const shown = useRef<
    { view: EditorView; setOld: (side: SideText) => void; setFresh: (side: SideText) => void } | undefined
  >(undefined)
  const [narrow, setNarrow] = useState(false)
  const [count, setCount] = useState(0)
  const inline = narrow || diffLayout === 'inline'
  const ignores = diffWhitespace === 'ignore'

  useEffect(() => {
    const element = place.current
    if (!element) return
    const observer = new ResizeObserver(() => setNarrow(element.clientWidth < NARROW))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts come in by `setOld` and `setFresh`
  useEffect(() => {
    const parent = place.current
    if (!parent || !language) return
    const editor = right === 'file' ? editors.of(documents.at(path)) : undefined
    const counting = EditorView.updateListener.of(({ state }) => setCount(getChunks(state)?.chunks.length ?? 0))
    const keys = keymap.of([
      { key: 'F7', run: goToNextChunk },
      { key: 'Shift-F7', run: goToPreviousChunk },
    ])
    const diffConfig = { scanLimit: 2_000, timeout: 500, ...(ignores ? { override: diffWithoutSpaces } : {}) }
    const rightSide = [editor ? editor.extensions() : readOnly(`${path}, ${sideName(right)}`), language, keys, counting]
    const doc = editor ? editor.content.text.toString() : fresh.text
    const collapseUnchanged = { margin: 4, minSize: 8 }
    let end: () => void
    if (inline) {
      const merge = unifiedMergeView({
        original: old.text,
        mergeControls: false,
        gutter: false,
        diffConfig,
        collapseUnchanged,
      })
      const view = new EditorView({ parent, state: EditorState.create({ doc, extensions: [rightSide, merge] }) })
      let original = old.text
      shown.current = {
        view,
        setOld: ({ text }) => {
          const changes = ChangeSet.of([{ from: 0, to: original.length, insert: text }], original.length)
          original = text
          view.dispatch({ effects: originalDocChangeEffect(view.state, changes) })
        },
        setFresh: ({ text }) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
      }
      end = () => view.destroy()
    } else {
      const merge = new MergeView({
        parent,
        a: { doc: old.text, extensions: [readOnly(`${from}, ${sideName(left)}`), language, keys] },
        b: { doc, extensions: rightSide },
        gutter: false,
        diffConfig,
        collapseUnchanged,
        ...(editor ? { revertControls: 'a-to-b', renderRevertControl: revertButton } : {}),
      })
      shown.current = {
        view: merge.b,
        setOld: ({ text }) => merge.a.dispatch({ changes: { from: 0, to: merge.a.state.doc.length, insert: text } }),
        setFresh: ({ text }) => merge.b.dispatch({ changes: { from: 0, to: merge.b.state.doc.length, insert: text } }),
      }
      end = () => merge.destroy()
    }
    const { view } = shown.current
    setCount(getChunks(view.state)?.chunks.length ?? 0)
    // From the beginning to what one came to see.
    const first = getChunks(view.state)?.chunks[0]
    if (first)
      view.dispatch({
        selection: { anchor: Math.min(first.fromB, view.state.doc.length) },
        effects: EditorView.scrollIntoView(Math.min(first.fromB, view.state.doc.length), { y: 'center' }),
      })
    if (matchMedia('(pointer: fine)').matches) view.focus()
    return () => {
      shown.current = undefined
      end()
    }
  }, [language, inline, ignores, path, right])

  const first = useRef({ old, fresh })
  useEffect(() => {
    if (first.current.old !== old) shown.current?.setOld(old)
    if (first.current.fresh !== fresh && right !== 'file') shown.current?.setFresh(fresh)
    first.current = { old, fresh }
  }, [old, fresh, right])

  const step = (command: typeof goToNextChunk) => {
    const { view } = shown.current ?? {}
    if (!view) return
    command(view)
    view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head, { y: 'center' }) })
    view.focus()
  }
  const repository = () => part.state.repositories.get()?.find((one) => one.root === root)
  const actions = new GitActions(part)
  const change = part.state.changeOf(path)
  const whole = (work: 'stage' | 'unstage') => {
    const found = repository()
    if (found && change) void actions[work](found, [change])
  }
  return (
    <div className="git-diff" data-testid="diff">
      <div className="git-diff-bar">
        <span className="label" title={path}>
          {sideName(left)} → {sideName(right)}
        </span>
        <span role="status" data-testid="diff-count">
          {count === 0 ? 'no differences' : `${count} ${count === 1 ? 'difference' : 'differences'}`}
        </span>
        <span className="grow" />
        {right === 'file' && change && <Tool icon="plus" label="Stage the file" run={() => whole('stage')} />}
        {right === 'index' && change && <Tool icon="minus" label="Unstage the file" run={() => whole('unstage')} />}
        <Tool icon="up" label="Previous difference (Shift+F7)" run={() => step(goToPreviousChunk)} />
        <Tool icon="down" label="Next difference (F7)" run={() => step(goToNextChunk)} />
        <Tool
          icon="code"
          label="Do not count spaces"
          pressed={ignores}
          run={() => settings.set('diffWhitespace', ignores ? 'show' : 'ignore')}
        />
        {!narrow && (
          <Tool
            icon="split"
            label="Side by side"
            pressed={!inline}
            run={() => settings.set('diffLayout', inline ? 'beside' : 'inline')}
          />
        )}
        <Tool icon="file" label="Open the file" run={() => tabs.open(path)} />
      </div>
      <div className={`git-diff-texts${inline ? ' inline' : ''}`} ref={place} />
    </div>
  )
}

function revertButton(): HTMLElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'git-revert'
  made.textContent = '→'
  made.title = 'Revert this difference'
  made.setAttribute('aria-label', 'Revert this difference')
  return made
}

function Tool({ icon, label, pressed, run }: { icon: IconName; label: string; pressed?: boolean; run: () => void }) {
  return (
    <button type="button" className="tool" title={label} aria-label={label} aria-pressed={pressed} onClick={run}>
      <Icon name={icon} size={15} />
    </button>
  )
}
