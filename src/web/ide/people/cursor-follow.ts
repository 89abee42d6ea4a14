import type { Extension } from '@codemirror/state'
import { EditorView, ViewPlugin } from '@codemirror/view'
import type { Store } from '../../shared/store.ts'
import { onOthersMove, othersIn, shownContent } from './cursors.ts'

/** Keeps in sight what the person followed has in sight. */
export function cursorFollow(target: Store<string | undefined>): Extension {
  return ViewPlugin.define((view) => {
    let frame: number | undefined
    let second: number | undefined
    const later = () => {
      if (target.get() !== undefined) frame ??= requestAnimationFrame(go)
    }
    const go = () => {
      frame = undefined
      const content = view.state.facet(shownContent)
      const cursor = content && othersIn(content).find(({ id }) => id === target.get())
      if (!cursor) return
      const { length } = view.state.doc
      const { top, bottom, ranges } = cursor
      if (top === undefined || bottom === undefined) return
      view.dispatch({ effects: EditorView.scrollIntoView(Math.min(top, length), { y: 'start', yMargin: 0 }) })
      const head = Math.min(ranges[0]?.head ?? top, length)
      // Their window may be higher than ours: the cursor they see matters more than the line at the top.
      if (head >= top && head <= bottom) second = requestAnimationFrame(() => reveal(head))
    }
    const reveal = (head: number) => {
      if (!isOutside(view, head)) return
      view.dispatch({ effects: EditorView.scrollIntoView(head, { y: 'nearest', yMargin: 20 }) })
    }
    const content = view.state.facet(shownContent)
    const stops = [target.subscribe(later), ...(content ? [onOthersMove(content.awareness, later)] : [])]
    later()
    return {
      destroy() {
        for (const stop of stops) stop()
        for (const waiting of [frame, second]) if (waiting !== undefined) cancelAnimationFrame(waiting)
      },
    }
  })
}

function isOutside(view: EditorView, head: number): boolean {
  const { top, bottom } = view.scrollDOM.getBoundingClientRect()
  const { top: above, bottom: below } = view.lineBlockAt(head)
  return view.documentTop + above < top || view.documentTop + below > bottom
}
