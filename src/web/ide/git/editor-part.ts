import { Compartment } from '@codemirror/state'
import { ViewPlugin } from '@codemirror/view'
import type { EditorPart } from '../editor/editors.ts'
import { whenIdle } from '../frame/when-idle.ts'
import type { GitPart } from './git-part.ts'

/** Marks of changed lines and conflicts in the editor. What draws them comes once the file can be typed in. */
export function editorPart(part: GitPart): EditorPart {
  return (document) => {
    const place = new Compartment()
    const loader = ViewPlugin.define((view) => {
      let left = false
      let loading = false
      const load = async () => {
        if (loading || !part.state.repositoryOf(document.path)) return
        loading = true
        await whenIdle(2_000)
        const { gitEditor } = await import('./git-editor.ts')
        if (!left) view.dispatch({ effects: place.reconfigure(gitEditor(part, document)) })
      }
      const begin = () => {
        load().catch(() => {
          // No connection: the next change of a repository tries again.
          loading = false
        })
      }
      const stop = part.state.repositories.subscribe(begin)
      begin()
      return {
        destroy() {
          left = true
          stop()
        },
      }
    })
    return [place.of([]), loader]
  }
}
