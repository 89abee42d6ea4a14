/** Which language server knows a file, and what the Language Server Protocol calls its language. */

/**
 * typescript  TypeScript and JavaScript
 * python      Python
 * markup      HTML, CSS, SCSS, Less, JSON; of Vue its template and styles
 */
export type LanguageServer = 'typescript' | 'python' | 'markup'

export const languageServers: readonly LanguageServer[] = ['typescript', 'python', 'markup']

/** What a person calls it. */
export const serverTitles: Record<LanguageServer, string> = {
  typescript: 'TypeScript',
  python: 'Python',
  markup: 'HTML, CSS and JSON',
}

export interface FileLanguage {
  server: LanguageServer
  /** LSP's name of it. */
  languageId: string
}

const typescript = (languageId: string): FileLanguage => ({ server: 'typescript', languageId })
const markup = (languageId: string): FileLanguage => ({ server: 'markup', languageId })
const python: FileLanguage = { server: 'python', languageId: 'python' }

const byExtension: Record<string, FileLanguage> = {
  ts: typescript('typescript'),
  mts: typescript('typescript'),
  cts: typescript('typescript'),
  tsx: typescript('typescriptreact'),
  js: typescript('javascript'),
  mjs: typescript('javascript'),
  cjs: typescript('javascript'),
  jsx: typescript('javascriptreact'),
  py: python,
  pyi: python,
  html: markup('html'),
  htm: markup('html'),
  vue: markup('vue'),
  css: markup('css'),
  scss: markup('scss'),
  less: markup('less'),
  json: markup('json'),
  webmanifest: markup('json'),
  jsonc: markup('jsonc'),
}

/** JSON with comments, though nothing in the name says so. */
const commented = /^(?:[tj]sconfig(?:\..*)?\.json|\.(?:eslintrc|babelrc|swcrc)(?:\.json)?|devcontainer\.json)$/

/** The language of the file at a path, or undefined when no server knows it. */
export function languageOfFile(path: string): FileLanguage | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (commented.test(name)) return markup('jsonc')
  if (name === '.prettierrc') return markup('json')
  const dot = name.lastIndexOf('.')
  const extension = name.slice(dot + 1).toLowerCase()
  return dot > 0 && Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined
}
