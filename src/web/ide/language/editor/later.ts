import { Compartment, type Extension } from '@codemirror/state'
import { EditorView, ViewPlugin } from '@codemirror/view'
import type { Document } from '../../documents/document.ts'
import { whenIdle } from '../../frame/when-idle.ts'
import type { Workspace } from '../../workspace.ts'
import { breadcrumbs } from './breadcrumbs.ts'

type Intelligence = typeof import('./intelligence.ts')['intelligence']

let loaded: Intelligence | undefined

/** Loads the code of it all; once. */
export async function loadIntelligence(): Promise<Intelligence> {
  loaded ??= (await import('./intelligence.ts')).intelligence
  return loaded
}

/** Intelligence for an editor, which comes after it can be typed in; at once when its code is there already. */
export function intelligenceLater(workspace: Workspace, document: Document): Extension {
  if (loaded) return [breadcrumbs(document), loaded(workspace, document) ?? []]
  const place = new Compartment()
  const awaited = EditorView.editorAttributes.of({ class: 'language-awaited' })
  return [
    breadcrumbs(document),
    place.of(awaited),
    ViewPlugin.define((view) => new Later(view, place, workspace, document)),
  ]
}

class Later {
  #alive = true

  constructor(view: EditorView, place: Compartment, workspace: Workspace, document: Document) {
    void this.#load(view, place, workspace, document)
  }

  destroy(): void {
    this.#alive = false
  }

  async #load(view: EditorView, place: Compartment, workspace: Workspace, document: Document): Promise<void> {
    await whenIdle(1_500)
    // Without a connection the code does not come; the next editor tries again.
    const intelligence = await loadIntelligence().catch(() => undefined)
    const extension = this.#alive ? intelligence?.(workspace, document) : undefined
    if (extension) view.dispatch({ effects: place.reconfigure(extension) })
  }
}
