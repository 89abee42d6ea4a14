/**
 * What pages may ask of a language server. `edits`: it is about changing something, and refused to those who may only
 * look. `places`: its answer names places, outside of the project too.
 */
export interface LanguageMethod {
  edits?: true
  places?: true
}

const methods: Record<string, LanguageMethod> = {
  'textDocument/hover': {},
  'textDocument/definition': { places: true },
  'textDocument/typeDefinition': { places: true },
  'textDocument/implementation': { places: true },
  'textDocument/references': { places: true },
  'textDocument/documentHighlight': {},
  'textDocument/documentSymbol': {},
  'textDocument/inlayHint': {},
  'textDocument/signatureHelp': {},
  'workspace/symbol': { places: true },
  'textDocument/completion': { edits: true },
  'completionItem/resolve': { edits: true },
  'textDocument/prepareRename': { edits: true },
  'textDocument/rename': { edits: true },
  'textDocument/codeAction': { edits: true },
  'codeAction/resolve': { edits: true },
  'textDocument/formatting': { edits: true },
  'textDocument/rangeFormatting': { edits: true },
  'workspace/executeCommand': { edits: true },
}

export function languageMethod(method: string): LanguageMethod | undefined {
  return Object.hasOwn(methods, method) ? methods[method] : undefined
}

export const languageMethods: readonly string[] = Object.keys(methods)
