import type { Extension } from '@codemirror/state'
import { extensionOf, nameOf } from '../files/paths.ts'

interface Language {
  /** Shown in the status bar. */
  title: string
  load: () => Promise<Extension>
}

const javascript = (title: string, jsx: boolean, typescript: boolean): Language => ({
  title,
  load: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx, typescript }),
})
const html: Language = { title: 'HTML', load: async () => (await import('@codemirror/lang-html')).html() }
const json: Language = { title: 'JSON', load: async () => (await import('@codemirror/lang-json')).json() }
const css: Language = { title: 'CSS', load: async () => (await import('@codemirror/lang-css')).css() }

const markdown: Language = {
  title: 'Markdown',
  load: async () => {
    const { markdown: parser, markdownLanguage } = await import('@codemirror/lang-markdown')
    return parser({ base: markdownLanguage })
  },
}
const python: Language = { title: 'Python', load: async () => (await import('@codemirror/lang-python')).python() }
const vue: Language = { title: 'Vue', load: async () => (await import('@codemirror/lang-vue')).vue() }

const byExtension: Record<string, Language> = {
  js: javascript('JavaScript', true, false),
  mjs: javascript('JavaScript', true, false),
  cjs: javascript('JavaScript', true, false),
  jsx: javascript('JavaScript JSX', true, false),
  ts: javascript('TypeScript', false, true),
  mts: javascript('TypeScript', false, true),
  cts: javascript('TypeScript', false, true),
  tsx: javascript('TypeScript JSX', true, true),
  html,
  htm: html,
  svg: html,
  xml: html,
  css,
  scss: css,
  less: css,
  json,
  jsonc: json,
  webmanifest: json,
  md: markdown,
  markdown,
  py: python,
  pyi: python,
  vue,
}

/** Files without a telling extension. */
const byName: Record<string, Language> = { '.prettierrc': json, '.babelrc': json, '.eslintrc': json }

/** The language of a file by its name, or undefined for plain text. */
export function languageOf(path: string): Language | undefined {
  return byName[nameOf(path)] ?? byExtension[extensionOf(path)]
}
