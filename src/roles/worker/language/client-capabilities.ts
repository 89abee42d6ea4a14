import type { LanguageServer } from '../../../core/language-servers.ts'

/** What page and worker together can do, in LSP's terms. */
export function clientCapabilities(server: LanguageServer): object {
  const markup = ['markdown', 'plaintext']
  return {
    general: { positionEncodings: ['utf-16'], markdown: { parser: 'marked' } },
    window: { workDoneProgress: true },
    workspace: {
      applyEdit: true,
      configuration: true,
      workspaceFolders: true,
      symbol: {},
      executeCommand: {},
      workspaceEdit: { documentChanges: true },
      didChangeConfiguration: { dynamicRegistration: true },
      didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
      diagnostics: { refreshSupport: true },
      inlayHint: { refreshSupport: true },
    },
    textDocument: {
      synchronization: {},
      completion: {
        contextSupport: true,
        completionItem: {
          snippetSupport: true,
          commitCharactersSupport: true,
          documentationFormat: markup,
          deprecatedSupport: true,
          tagSupport: { valueSet: [1] },
          labelDetailsSupport: true,
          insertReplaceSupport: false,
          resolveSupport: { properties: ['documentation', 'detail', 'additionalTextEdits'] },
        },
        completionList: { itemDefaults: ['commitCharacters', 'editRange', 'insertTextFormat', 'data'] },
      },
      hover: { contentFormat: markup },
      signatureHelp: {
        contextSupport: true,
        signatureInformation: {
          documentationFormat: markup,
          parameterInformation: { labelOffsetSupport: true },
          activeParameterSupport: true,
        },
      },
      definition: { linkSupport: true },
      typeDefinition: { linkSupport: true },
      implementation: { linkSupport: true },
      references: {},
      documentHighlight: {},
      documentSymbol: { hierarchicalDocumentSymbolSupport: true },
      formatting: {},
      rangeFormatting: {},
      rename: { prepareSupport: true },
      inlayHint: {},
      codeAction: {
        codeActionLiteralSupport: {
          codeActionKind: { valueSet: ['quickfix', 'refactor', 'source', 'source.organizeImports', 'source.fixAll'] },
        },
        isPreferredSupport: true,
        disabledSupport: true,
        dataSupport: true,
        resolveSupport: { properties: ['edit'] },
      },
      publishDiagnostics: { relatedInformation: true, versionSupport: true, tagSupport: { valueSet: [1, 2] } },
      // Others push them when asked to; this one only tells when asked.
      ...(server === 'typescript' ? { diagnostic: { relatedDocumentSupport: true } } : {}),
    },
  }
}
