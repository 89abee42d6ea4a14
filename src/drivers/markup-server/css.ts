import {
  getCSSLanguageService,
  getLESSLanguageService,
  getSCSSLanguageService,
  type LanguageService,
  type LanguageServiceOptions,
} from 'vscode-css-languageservice'
import type { DocumentSymbol } from 'vscode-languageserver'
import type { MarkupLanguage } from './markup-language.ts'

/** CSS, SCSS and Less on VS Code's service. */
export function cssLanguages(options: LanguageServiceOptions): Record<'css' | 'scss' | 'less', MarkupLanguage> {
  return {
    css: languageOf(getCSSLanguageService(options)),
    scss: languageOf(getSCSSLanguageService(options)),
    less: languageOf(getLESSLanguageService(options)),
  }
}

function languageOf(service: LanguageService): MarkupLanguage {
  // At-rules of Tailwind and PostCSS are not known to the service, and are no mistakes.
  service.configure({ validate: true, lint: { unknownAtRules: 'ignore' } })
  return {
    validate: async (document) => service.doValidation(document, service.parseStylesheet(document)),
    complete: async (document, at) => service.doComplete(document, at, service.parseStylesheet(document)),
    hover: async (document, at) => service.doHover(document, at, service.parseStylesheet(document)),
    symbols: (document) =>
      service.findDocumentSymbols2(document, service.parseStylesheet(document)) as DocumentSymbol[],
    format: (document, range, { tabSize, insertSpaces }) =>
      service.format(document, range, { tabSize, insertSpaces, insertFinalNewline: true }),
    definition: (document, at) => service.findDefinition(document, at, service.parseStylesheet(document)),
    references: (document, at) => service.findReferences(document, at, service.parseStylesheet(document)),
    highlights: (document, at) => service.findDocumentHighlights(document, at, service.parseStylesheet(document)),
    rename: (document, at, name) => service.doRename(document, at, name, service.parseStylesheet(document)),
    codeActions: (document, range, { diagnostics }) => {
      // The service's own messages are plain.
      const own = diagnostics.flatMap((one) =>
        typeof one.message === 'string' ? { ...one, message: one.message } : [],
      )
      return service.doCodeActions2(document, range, { diagnostics: own }, service.parseStylesheet(document))
    },
  }
}
