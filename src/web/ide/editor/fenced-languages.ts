import { LanguageDescription } from '@codemirror/language'
import { languages } from './language-table.ts'

const descriptions = languages.map(({ title, extensions, programs = [], load }) =>
  LanguageDescription.of({ name: title, alias: [...extensions, ...programs], load }),
)

/** The language of a fenced block of Markdown, by what stands behind its fence. */
export function fencedLanguage(info: string): LanguageDescription | null {
  return LanguageDescription.matchLanguageName(descriptions, /^[\w#+.-]+/.exec(info)?.[0] ?? '', false)
}
