import type { EditorView } from '@codemirror/view'
import type {
  DocumentSymbol,
  Position,
  Range,
  SymbolInformation,
  WorkspaceSymbol,
} from 'vscode-languageserver-protocol'
import { askQuietly, contextOf } from './editor/editor-context.ts'
import type { Languages } from './languages.ts'
import type { Place } from './place.ts'

/** A symbol in a list: of one file, or of the project. */
export interface ListedSymbol {
  name: string
  /** LSP's SymbolKind. */
  kind: number
  /** What it is in. */
  container: string
  /** How deep in the file. */
  depth: number
  place: Place
}

/** The symbols of the editor's file, as a tree. */
export async function symbolsOf(view: EditorView): Promise<DocumentSymbol[]> {
  if (!contextOf(view.state)?.link.capabilities.get()?.documentSymbolProvider) return []
  const found = await askQuietly<(DocumentSymbol | SymbolInformation)[]>(view, 'textDocument/documentSymbol')
  return (found ?? []).map((symbol) =>
    'location' in symbol
      ? { name: symbol.name, kind: symbol.kind, range: symbol.location.range, selectionRange: symbol.location.range }
      : symbol,
  )
}

/** A tree of symbols as a list, in the order of the file. */
export function flattenSymbols(symbols: readonly DocumentSymbol[], uri: string): ListedSymbol[] {
  const flatten = (level: readonly DocumentSymbol[], container: string, depth: number): ListedSymbol[] =>
    level
      .toSorted((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character)
      .flatMap(({ name, kind, selectionRange, children = [] }) => [
        { name, kind, container, depth, place: { uri, range: selectionRange } },
        ...flatten(children, name, depth + 1),
      ])
  return flatten(symbols, '', 0)
}

const MOST_FOUND = 200

/** The symbols of the project that fit a query, as all servers in use know them. */
export async function findSymbols(languages: Languages, query: string, signal: AbortSignal): Promise<ListedSymbol[]> {
  const links = languages.links().filter(({ capabilities }) => capabilities.get()?.workspaceSymbolProvider)
  const answers = links.map((link) =>
    link
      .request<(SymbolInformation | WorkspaceSymbol)[] | null>('workspace/symbol', { query }, { signal })
      .catch(() => []),
  )
  const found = (await Promise.all(answers)).flatMap((answer) => answer ?? [])
  return found.slice(0, MOST_FOUND).map(({ name, kind, containerName = '', location }) => ({
    name,
    kind,
    container: containerName,
    depth: 0,
    place: { uri: location.uri, range: 'range' in location ? location.range : nowhere },
  }))
}

const nowhere: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }

export function isInside({ line, character }: Position, { start, end }: Range): boolean {
  const isBehind = line > start.line || (line === start.line && character >= start.character)
  return isBehind && (line < end.line || (line === end.line && character <= end.character))
}
