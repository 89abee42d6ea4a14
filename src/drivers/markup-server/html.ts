import { getLanguageService, type LanguageServiceOptions, TokenType } from 'vscode-html-languageservice'
import type { DocumentSymbol, Position } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { MarkupLanguage } from './markup-language.ts'

type Styles = Record<'css' | 'scss' | 'less', MarkupLanguage>

/** A `<style>` element's content. Offsets. */
interface Region {
  from: number
  to: number
  language: 'css' | 'scss' | 'less'
}

/** HTML on VS Code's service, with CSS in its `<style>` elements. Scripts in it are not looked into. */
export function htmlLanguages(styles: Styles, options: LanguageServiceOptions): Record<'html' | 'vue', MarkupLanguage> {
  const service = getLanguageService(options)
  const parse = (document: TextDocument) => service.parseHTMLDocument(document)

  const regionsOf = (document: TextDocument): Region[] => {
    const text = document.getText()
    const scanner = service.createScanner(text)
    const regions: Region[] = []
    let attribute = ''
    let language: Region['language'] = 'css'
    for (let token = scanner.scan(); token !== TokenType.EOS; token = scanner.scan()) {
      if (token === TokenType.StartTag) language = 'css'
      else if (token === TokenType.AttributeName) attribute = scanner.getTokenText().toLowerCase()
      else if (token === TokenType.AttributeValue && attribute === 'lang') {
        const value = scanner.getTokenText().replace(/["']/g, '')
        if (value === 'scss' || value === 'less') language = value
      } else if (token === TokenType.Styles) {
        regions.push({ from: scanner.getTokenOffset(), to: scanner.getTokenEnd(), language })
      }
    }
    return regions
  }

  /** The style a position is in, as a document of its own with everything at its place. */
  const styleAt = (document: TextDocument, at: Position) => {
    const offset = document.offsetAt(at)
    const region = regionsOf(document).find(({ from, to }) => offset >= from && offset <= to)
    return region && { language: styles[region.language], document: alone(document, region) }
  }

  const base: MarkupLanguage = {
    validate: async (document) => {
      const found = regionsOf(document).map((region) => styles[region.language].validate(alone(document, region)))
      return (await Promise.all(found)).flat()
    },
    complete: async (document, at) => {
      const style = styleAt(document, at)
      if (style) return style.language.complete(style.document, at)
      return service.doComplete(document, at, parse(document))
    },
    hover: async (document, at) => {
      const style = styleAt(document, at)
      return style ? style.language.hover(style.document, at) : service.doHover(document, at, parse(document))
    },
    symbols: (document) => service.findDocumentSymbols2(document, parse(document)) as DocumentSymbol[],
    definition: (document, at) => {
      const style = styleAt(document, at)
      return style?.language.definition?.(style.document, at) ?? null
    },
    references: (document, at) => {
      const style = styleAt(document, at)
      return style?.language.references?.(style.document, at) ?? []
    },
    highlights: (document, at) => {
      const style = styleAt(document, at)
      if (style) return style.language.highlights?.(style.document, at) ?? []
      return service.findDocumentHighlights(document, at, parse(document))
    },
    rename: (document, at, name) => {
      const style = styleAt(document, at)
      if (style) return style.language.rename?.(style.document, at, name) ?? null
      return service.doRename(document, at, name, parse(document))
    },
    codeActions: (document, range, context) => {
      const style = styleAt(document, range.start)
      return style?.language.codeActions?.(style.document, range, context) ?? []
    },
  }
  const html: MarkupLanguage = {
    ...base,
    format: (document, range, { tabSize, insertSpaces }) =>
      service.format(document, range, {
        tabSize,
        insertSpaces,
        endWithNewline: true,
        wrapLineLength: 120,
        contentUnformatted: 'pre,code,textarea',
        preserveNewLines: true,
        maxPreserveNewLines: 1,
      }),
  }
  // A formatter of HTML would spoil the script of a component.
  return { html, vue: base }
}

/** Only the region, all else blank, so that positions stay what they are. */
function alone(document: TextDocument, { from, to, language }: Region): TextDocument {
  const text = document.getText()
  const blank = (part: string) => part.replace(/[^\n\r]/g, ' ')
  const styled = blank(text.slice(0, from)) + text.slice(from, to) + blank(text.slice(to))
  return TextDocument.create(document.uri, language, document.version, styled)
}
