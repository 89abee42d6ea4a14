import module from 'node:module'
import { fileURLToPath } from 'node:url'
import {
  type CompletionItem,
  createConnection,
  MarkupKind,
  type Position,
  ProposedFeatures,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { cssLanguages } from './css.ts'
import { htmlLanguages } from './html.ts'
import { jsonLanguages } from './json.ts'
import type { MarkupLanguage } from './markup-language.ts'

/** omega's language server for HTML, CSS, SCSS, Less and JSON: VS Code's services in one process, over stdio. */

const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown }
enableCompileCache?.(fileURLToPath(new URL('../../.cache/compile', import.meta.url)))

/** After the last change. */
const VALIDATE_AFTER_MS = 150

const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout)
const documents = new TextDocuments(TextDocument)
const clientCapabilities = {
  textDocument: {
    completion: { completionItem: { documentationFormat: [MarkupKind.Markdown] } },
    hover: { contentFormat: [MarkupKind.Markdown] },
  },
}
const styles = cssLanguages({ clientCapabilities })
const languages: Record<string, MarkupLanguage> = {
  ...styles,
  ...htmlLanguages(styles, { clientCapabilities }),
  ...jsonLanguages(),
}

interface At {
  textDocument: { uri: string }
  position: Position
}

/** Does something with a document and its language, if they are known; a fault of a service is no end of all. */
function on<P extends { textDocument: { uri: string } }, R>(
  work: (language: MarkupLanguage, document: TextDocument, params: P) => R | Promise<R>,
): (params: P) => Promise<R | null> {
  return async (params) => {
    const document = documents.get(params.textDocument.uri)
    const language = document && languages[document.languageId]
    return document && language ? work(language, document, params) : null
  }
}

connection.onInitialize(() => ({
  capabilities: {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    completionProvider: {
      resolveProvider: true,
      triggerCharacters: ['<', '/', '.', ':', '"', '=', '#', '-', '@', ' '],
    },
    hoverProvider: true,
    documentSymbolProvider: true,
    definitionProvider: true,
    referencesProvider: true,
    documentHighlightProvider: true,
    renameProvider: true,
    codeActionProvider: { codeActionKinds: ['quickfix'] },
    documentFormattingProvider: true,
    documentRangeFormattingProvider: true,
  },
}))

/** The explanations of the names told last: they are asked for one by one, and would be most of the answer. */
let explained: CompletionItem['documentation'][] = []

connection.onCompletion(
  on(async (language, document, { position }: At) => {
    const list = await language.complete(document, position)
    if (!list) return null
    explained = list.items.map(({ documentation }) => documentation)
    return { ...list, items: list.items.map(({ documentation: _, ...item }, index) => ({ ...item, data: index })) }
  }),
)
connection.onCompletionResolve((item) => {
  const documentation = typeof item.data === 'number' ? explained[item.data] : undefined
  return documentation === undefined ? item : { ...item, documentation }
})
connection.onHover(on((language, document, { position }: At) => language.hover(document, position)))
connection.onDocumentSymbol(on((language, document) => language.symbols(document)))
connection.onDefinition(on((language, document, { position }: At) => language.definition?.(document, position) ?? null))
connection.onReferences(on((language, document, { position }: At) => language.references?.(document, position) ?? []))
connection.onDocumentHighlight(
  on((language, document, { position }: At) => language.highlights?.(document, position) ?? []),
)
connection.onRenameRequest(
  on(
    (language, document, { position, newName }: At & { newName: string }) =>
      language.rename?.(document, position, newName) ?? null,
  ),
)
connection.onCodeAction(
  on((language, document, { range, context }) => language.codeActions?.(document, range, context) ?? []),
)
connection.onDocumentFormatting(
  on((language, document, { options }) => language.format?.(document, undefined, options) ?? []),
)
connection.onDocumentRangeFormatting(
  on((language, document, { range, options }) => language.format?.(document, range, options) ?? []),
)

const waiting = new Map<string, NodeJS.Timeout>()

documents.onDidChangeContent(({ document }) => {
  clearTimeout(waiting.get(document.uri))
  waiting.set(
    document.uri,
    setTimeout(() => void validate(document), VALIDATE_AFTER_MS),
  )
})
documents.onDidClose(({ document: { uri } }) => {
  clearTimeout(waiting.get(uri))
  waiting.delete(uri)
  void connection.sendDiagnostics({ uri, diagnostics: [] })
})

async function validate(document: TextDocument): Promise<void> {
  waiting.delete(document.uri)
  const { uri, version } = document
  const diagnostics = (await languages[document.languageId]?.validate(document).catch(() => [])) ?? []
  if (documents.get(uri)?.version === version) await connection.sendDiagnostics({ uri, version, diagnostics })
}

documents.listen(connection)
connection.listen()
