import { type Extension, StateEffect, StateField } from '@codemirror/state'
import { showTooltip } from '@codemirror/view'
import type { Workspace } from '../../workspace.ts'
import type { Languages } from '../languages.ts'
import { positionOf } from '../place.ts'
import { listedProblems, neighbourProblem, type Problem } from '../problem.ts'
import { showInFile, viewOf } from '../show-place.ts'

const say = StateEffect.define<{ at: number; problem: Problem }>()

/** What is wrong, said at the place that was walked to, until the cursor goes elsewhere. */
const said = StateField.define<{ at: number; problem: Problem } | undefined>({
  create: () => undefined,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(say)) return effect.value
    return transaction.docChanged || transaction.selection ? undefined : value
  },
  provide: (field) =>
    showTooltip.computeN([field], (state) => {
      const value = state.field(field)
      return [value ? { pos: value.at, above: true, create: () => ({ dom: draw(value.problem) }) } : null]
    }),
})

export const problemWalk: Extension = said

/** Goes to the next problem of the project, or to the one before. */
export async function walkProblems(workspace: Workspace, languages: Languages, step: 1 | -1): Promise<void> {
  const problems = listedProblems(languages.problems.get())
  const { tabs, documents, editors } = workspace
  const path = tabs.activeFile
  const view = path === undefined ? undefined : editors.of(documents.at(path))?.view
  const at = view ? positionOf(view.state.doc, view.state.selection.main.head) : { line: 0, character: 0 }
  const next = neighbourProblem(problems, path, at, step)
  if (next) await showProblem(workspace, next)
  else workspace.notices.say('Nothing is wrong in the open files, as far as the language servers know.')
}

/** Shows a problem at its place. */
export async function showProblem(workspace: Workspace, problem: Problem): Promise<void> {
  showInFile(workspace, problem.path, problem.range)
  const view = await viewOf(workspace, problem.path)
  view?.dispatch({ effects: say.of({ at: view.state.selection.main.head, problem }) })
}

function draw({ message, source, severity }: Problem): HTMLElement {
  const dom = document.createElement('div')
  dom.className = `language-problem ${severity}`
  dom.setAttribute('role', 'alert')
  dom.textContent = message
  if (source !== '') dom.appendChild(document.createElement('small')).textContent = source
  return dom
}
