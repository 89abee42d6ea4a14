import type { LanguageSupport } from '@codemirror/language'
import { extensionOf, nameOf } from '../files/paths.ts'
import type { Language } from './language.ts'
import { languages } from './language-table.ts'

const byExtension = new Map(languages.flatMap((language) => language.extensions.map((one) => [one, language] as const)))
const byName = new Map(languages.flatMap((language) => (language.names ?? []).map((one) => [one, language] as const)))
const byProgram = new Map(
  languages.flatMap((language) => (language.programs ?? []).map((one) => [one, language] as const)),
)

/** The language of a file by its name, or undefined for plain text. */
export function languageOf(path: string): Language | undefined {
  const name = nameOf(path).toLowerCase()
  return byName.get(name) ?? byExtension.get(extensionOf(name)) ?? byName.get(name.split('.')[0] ?? '')
}

/** The language of a text that begins so, where its file's name says nothing. */
export function languageOfText(start: string): Language | undefined {
  if (/^<\?xml\b/.test(start)) return languageNamed('XML')
  if (/^\s*<!doctype html\b/i.test(start)) return languageNamed('HTML')
  const program = /^#!\s*(?:\S*\/)?([^/\s]+)(?:[ \t]+(?:-S[ \t]+)?([^\s-]\S*))?/.exec(start)
  const name = program?.[1] === 'env' ? program[2] : program?.[1]
  return byProgram.get(name?.replace(/[\d.]+$/, '') ?? '')
}

export function languageNamed(title: string): Language | undefined {
  return languages.find((language) => language.title === title)
}

const loaded = new Map<Language, LanguageSupport>()

/** Rejects when its code does not come. */
export async function loadLanguage(language: Language): Promise<LanguageSupport> {
  const support = loaded.get(language) ?? (await language.load())
  loaded.set(language, support)
  return support
}

/** Undefined before `loadLanguage` has succeeded. */
export function loadedLanguage(language: Language): LanguageSupport | undefined {
  return loaded.get(language)
}
