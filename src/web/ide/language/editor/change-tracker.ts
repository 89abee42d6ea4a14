import { ChangeSet, type Text } from '@codemirror/state'
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'

/** The text as it was, and where its places are now: for an answer that comes when others have typed on. */
export interface Tracked {
  readonly doc: Text
  /** Where an offset of `doc` is now. `assoc` as in CodeMirror: to which side it sticks. */
  map(offset: number, assoc?: -1 | 1): number
  /** Whether anything in the range was changed since. */
  touched(from: number, to: number): boolean
}

interface Tracker {
  changes: ChangeSet
}

const plugin = ViewPlugin.fromClass(
  class {
    readonly trackers = new Set<Tracker>()

    update({ changes, docChanged }: ViewUpdate) {
      if (docChanged) for (const tracker of this.trackers) tracker.changes = tracker.changes.compose(changes)
    }
  },
)

/** To be part of the editor for `tracked` to work. */
export const changeTracking = plugin.extension

/** Does something with an eye on what happens to the text meanwhile. */
export async function tracked<T>(view: EditorView, work: (tracked: Tracked) => Promise<T>): Promise<T> {
  const { doc } = view.state
  const tracker: Tracker = { changes: ChangeSet.empty(doc.length) }
  const trackers = view.plugin(plugin)?.trackers
  trackers?.add(tracker)
  try {
    return await work({
      doc,
      map: (offset, assoc = -1) => tracker.changes.mapPos(Math.min(offset, doc.length), assoc),
      touched: (from, to) => tracker.changes.touchesRange(from, to) !== false,
    })
  } finally {
    trackers?.delete(tracker)
  }
}
