import { closeSearchPanel, openSearchPanel, search, searchPanelOpen } from '@codemirror/search'
import type { Extension } from '@codemirror/state'
import { type Command, EditorView } from '@codemirror/view'
import { FindPanel } from './find-panel.ts'
import { findScope } from './find-scope.ts'

const panels = new WeakMap<EditorView, FindPanel>()

/** Find and replace in an editor. */
export const findInFile: Extension = [
  findScope,
  search({
    top: true,
    literal: true,
    createPanel(view) {
      const panel = new FindPanel(view)
      panels.set(view, panel)
      return panel
    },
    scrollToMatch: ({ from, to }, view) => {
      const isSeen = view.visibleRanges.some((range) => range.from <= from && to <= range.to)
      return EditorView.scrollIntoView(to, { y: isSeen ? 'nearest' : 'center', yMargin: 40 })
    },
  }),
  // What is found must not lie below the panel.
  EditorView.scrollMargins.of((view) => {
    const panel = searchPanelOpen(view.state) ? panels.get(view)?.dom : undefined
    return panel ? { top: panel.offsetHeight + 8 } : null
  }),
]

/** Shows the panel, or gives it the focus; what is selected is what is looked for. */
export const openFind: Command = (view) => {
  openSearchPanel(view)
  panels.get(view)?.begin()
  return true
}

/** The same, with a field for what is put in its place. */
export const openReplace: Command = (view) => {
  openFind(view)
  panels.get(view)?.showReplace(true)
  return true
}

export { closeSearchPanel as closeFind }
