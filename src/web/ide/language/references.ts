import { Text } from '@codemirror/state'
import { Store } from '../../shared/store.ts'
import type { Workspace } from '../workspace.ts'
import type { Languages } from './languages.ts'
import { offsetOf, type Place } from './place.ts'
import { grouped } from './problem.ts'

/** A place with its line, and where in it. */
export interface Reference extends Place {
  line: string
  from: number
  to: number
}

export interface ReferencesIn {
  uri: string
  /** As shown: the path in the project, or the end of that of a library. */
  title: string
  references: readonly Reference[]
}

export interface References {
  title: string
  count: number
  files: readonly ReferencesIn[]
}

/** What the list shows now. */
export const references = new Store<References | undefined>(undefined)

export const REFERENCES_VIEW = 'references'
const MAX_SHOWN = 2_000
const MAX_LINE = 300

/** Lists places, file by file, with their lines. */
export async function showReferences(
  workspace: Workspace,
  languages: Languages,
  title: string,
  places: readonly Place[],
): Promise<void> {
  const shown = places.slice(0, MAX_SHOWN)
  const files = grouped(shown, ({ uri }) => uri)
  const found = files.map(async ([uri, here]): Promise<ReferencesIn> => {
    const doc = Text.of((await textOf(workspace, languages, uri).catch(() => '')).split('\n'))
    const path = languages.pathOf(uri)
    const at = here.toSorted(
      (a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character,
    )
    return {
      uri,
      title: path ?? libraryName(uri),
      references: at.map((place) => referenceOf(place, doc)),
    }
  })
  const all = await Promise.all(found)
  references.set({ title, count: places.length, files: all.toSorted((a, b) => (a.title < b.title ? -1 : 1)) })
  // It has a button once it has been used.
  workspace.sideViews.add({
    id: REFERENCES_VIEW,
    title: 'References',
    icon: 'references',
    load: async () => (await import('./references-view.tsx')).ReferencesView,
  })
  workspace.layout.showSideView(REFERENCES_VIEW)
}

function referenceOf(place: Place, doc: Text): Reference {
  const { start, end } = place.range
  const line = doc.lineAt(offsetOf(doc, start))
  const indent = line.text.length - line.text.trimStart().length
  const cut = Math.min(indent, start.character)
  const text = line.text.slice(cut, cut + MAX_LINE)
  const from = Math.min(text.length, start.character - cut)
  const to = start.line === end.line ? Math.min(text.length, end.character - cut) : text.length
  return { ...place, line: text, from, to: Math.max(from, to) }
}

async function textOf({ documents, connection }: Workspace, languages: Languages, uri: string): Promise<string> {
  const path = languages.pathOf(uri)
  if (path === undefined) return (await connection.request('language.source', { uri })).text
  const open = documents
    .all()
    .find((document) => document.path === path)
    ?.content.get()
  return open ? open.text.toString() : (await connection.request('files.read', { path })).text
}

export function libraryName(uri: string): string {
  const parts = uri.split('/')
  const at = parts.lastIndexOf('node_modules')
  try {
    return decodeURIComponent(parts.slice(at < 0 ? -2 : at + 1).join('/'))
  } catch {
    return uri
  }
}
