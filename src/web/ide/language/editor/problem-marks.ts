import { type Diagnostic, forEachDiagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import type { Extension, Text } from '@codemirror/state'
import { type EditorView, ViewPlugin } from '@codemirror/view'
import { textHash } from '../../../../core/text-hash.ts'
import { offsetOf } from '../place.ts'
import type { Problem } from '../problem.ts'
import { contextOf } from './editor-context.ts'

/** Marks what the server finds wrong in the text and beside it. */
export function problemMarks(): Extension {
  return [
    marks,
    lintGutter({ markerFilter: (all) => all.filter(({ severity }) => severity !== 'hint'), hoverTime: 200 }),
  ]
}

const marks = ViewPlugin.define((view) => {
  const context = contextOf(view.state)
  let told: unknown
  let alive = true
  const draw = () => {
    const file = context?.languages.problems.get().get(context.document.path)
    if (!alive || file === told) return
    const { doc } = view.state
    // About another text than the one shown: what it says of this one comes soon.
    if (file?.hash !== undefined && file.hash !== textHash(doc.toString())) return
    told = file
    const diagnostics = (file?.problems ?? []).map((problem) => diagnosticOf(problem, doc))
    view.dispatch(setDiagnostics(view.state, diagnostics))
  }
  const stop = context?.languages.problems.subscribe(draw)
  // A view is not changed while it is being made.
  queueMicrotask(draw)
  return {
    destroy() {
      alive = false
      stop?.()
    },
  }
})

function diagnosticOf(problem: Problem, doc: Text): Diagnostic {
  const { range, severity, message, source, isUnused, isDeprecated } = problem
  const from = offsetOf(doc, range.start)
  const end = Math.max(from, offsetOf(doc, range.end))
  // A place without width could not be seen.
  const to = end > from ? end : Math.min(doc.lineAt(from).to, from + 1)
  const classes = [isUnused && 'language-unused', isDeprecated && 'language-deprecated'].filter(Boolean).join(' ')
  return {
    from,
    to,
    severity,
    message,
    ...(source === '' ? {} : { source }),
    ...(classes === '' ? {} : { markClass: classes }),
  }
}

/** What is marked in a range now, wherever typing has moved it. */
export function problemsIn(view: EditorView, from: number, to: number): Problem[] {
  const context = contextOf(view.state)
  const told = context?.languages.problems.get().get(context.document.path)?.problems ?? []
  const messages = new Set<string>()
  forEachDiagnostic(view.state, ({ message }, start, end) => {
    if (start <= to && end >= from) messages.add(message)
  })
  const { doc } = view.state
  const [first, last] = [doc.lineAt(from).number - 1, doc.lineAt(to).number - 1]
  return told.filter(
    ({ message, range }) => messages.has(message) && range.start.line <= last && range.end.line >= first,
  )
}
