import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { getLanguageService } from 'vscode-json-languageservice'
import type { DocumentSymbol } from 'vscode-languageserver'
import type { MarkupLanguage } from './markup-language.ts'

const MAX_SCHEMA_BYTES = 4 * 1024 * 1024
const SCHEMA_LIMIT_MS = 8_000

/** Well-known files, as far as this network reaches the store of schemas. */
const schemas = [
  { fileMatch: ['package.json'], uri: 'https://www.schemastore.org/package.json' },
  { fileMatch: ['tsconfig.json', 'tsconfig.*.json'], uri: 'https://www.schemastore.org/tsconfig.json' },
  { fileMatch: ['jsconfig.json'], uri: 'https://www.schemastore.org/jsconfig.json' },
]

/** JSON, with comments or without, on VS Code's service. */
export function jsonLanguages(): Record<'json' | 'jsonc', MarkupLanguage> {
  const service = getLanguageService({
    schemaRequestService: fetchSchema,
    workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).href },
  })
  service.configure({ allowComments: false, validate: true, schemas })
  const languageOf = (comments: 'ignore' | 'error'): MarkupLanguage => ({
    // Without a network there are no schemas; that is no mistake of the document's.
    validate: async (document) =>
      service.doValidation(document, service.parseJSONDocument(document), {
        comments,
        trailingCommas: comments,
        schemaRequest: 'ignore',
      }),
    complete: async (document, at) => service.doComplete(document, at, service.parseJSONDocument(document)),
    hover: async (document, at) => service.doHover(document, at, service.parseJSONDocument(document)),
    symbols: (document) =>
      service.findDocumentSymbols2(document, service.parseJSONDocument(document)) as DocumentSymbol[],
    format: (document, range, options) => service.format(document, range, options),
  })
  return { json: languageOf('error'), jsonc: languageOf('ignore') }
}

async function fetchSchema(uri: string): Promise<string> {
  if (uri.startsWith('file:')) {
    const path = fileURLToPath(uri)
    const found = await stat(path)
    if (!found.isFile() || found.size > MAX_SCHEMA_BYTES) throw new Error('not a schema')
    return readFile(path, 'utf8')
  }
  const answer = await fetch(uri, { signal: AbortSignal.timeout(SCHEMA_LIMIT_MS) })
  if (!answer.ok) throw new Error(`${uri} answers ${answer.status}`)
  return answer.text()
}
