import { LanguageSupport, StreamLanguage, type StreamParser } from '@codemirror/language'
import type { Language } from './language.ts'

/** Modes of CodeMirror 5, for what has no grammar of its own. */
function stream(load: () => Promise<StreamParser<unknown>>): Language['load'] {
  return async () => new LanguageSupport(StreamLanguage.define(await load()))
}

const javascript = (jsx: boolean, typescript: boolean) => async () =>
  (await import('@codemirror/lang-javascript')).javascript({ jsx, typescript })
const clike = () => import('@codemirror/legacy-modes/mode/clike')
const properties = stream(async () => (await import('@codemirror/legacy-modes/mode/properties')).properties)
const mllike = () => import('@codemirror/legacy-modes/mode/mllike')
const four = '    '

/** By their titles. Each is fetched when a file of it is first shown. */
export const languages: readonly Language[] = [
  {
    title: 'C',
    extensions: ['c', 'h'],
    indent: four,
    load: async () => (await import('@codemirror/lang-cpp')).cpp(),
  },
  {
    title: 'C#',
    extensions: ['cs', 'csx'],
    indent: four,
    load: stream(async () => (await clike()).csharp),
  },
  {
    title: 'C++',
    extensions: ['cpp', 'cc', 'cxx', 'hpp', 'hh', 'hxx', 'ino'],
    indent: four,
    load: async () => (await import('@codemirror/lang-cpp')).cpp(),
  },
  {
    title: 'Clojure',
    extensions: ['clj', 'cljs', 'cljc', 'edn'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/clojure')).clojure),
  },
  {
    title: 'CMake',
    extensions: ['cmake'],
    names: ['cmakelists.txt'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/cmake')).cmake),
  },
  { title: 'CSS', extensions: ['css'], load: async () => (await import('@codemirror/lang-css')).css() },
  { title: 'Dart', extensions: ['dart'], load: stream(async () => (await clike()).dart) },
  {
    title: 'Diff',
    extensions: ['diff', 'patch'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/diff')).diff),
  },
  {
    title: 'Dockerfile',
    extensions: ['dockerfile'],
    names: ['dockerfile', 'containerfile'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/dockerfile')).dockerFile),
  },
  {
    title: 'Elm',
    extensions: ['elm'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/elm')).elm),
  },
  {
    title: 'Erlang',
    extensions: ['erl', 'hrl'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/erlang')).erlang),
  },
  { title: 'F#', extensions: ['fs', 'fsx', 'fsi'], indent: four, load: stream(async () => (await mllike()).fSharp) },
  { title: 'Go', extensions: ['go'], indent: '\t', load: async () => (await import('@codemirror/lang-go')).go() },
  {
    title: 'Groovy',
    extensions: ['groovy', 'gradle'],
    names: ['jenkinsfile'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/groovy')).groovy),
  },
  {
    title: 'Haskell',
    extensions: ['hs'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/haskell')).haskell),
  },
  {
    title: 'HTML',
    extensions: ['html', 'htm', 'xhtml', 'astro', 'hbs', 'ejs'],
    load: async () => (await import('@codemirror/lang-html')).html(),
  },
  {
    title: 'Java',
    extensions: ['java'],
    indent: four,
    load: async () => (await import('@codemirror/lang-java')).java(),
  },
  {
    title: 'JavaScript',
    extensions: ['js', 'mjs', 'cjs'],
    programs: ['node', 'bun'],
    load: javascript(true, false),
  },
  { title: 'JavaScript JSX', extensions: ['jsx'], load: javascript(true, false) },
  {
    title: 'JSON',
    extensions: ['json', 'jsonc', 'json5', 'webmanifest', 'map', 'geojson', 'ipynb', 'code-workspace'],
    names: ['.prettierrc', '.babelrc', '.eslintrc', '.swcrc', 'composer.lock', 'flake.lock'],
    load: async () => (await import('@codemirror/lang-json')).json(),
  },
  {
    title: 'Julia',
    extensions: ['jl'],
    programs: ['julia'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/julia')).julia),
  },
  {
    title: 'Kotlin',
    extensions: ['kt', 'kts'],
    indent: four,
    load: stream(async () => (await clike()).kotlin),
  },
  {
    title: 'LaTeX',
    extensions: ['tex', 'sty', 'cls', 'bib'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/stex')).stex),
  },
  { title: 'Less', extensions: ['less'], load: async () => (await import('@codemirror/lang-less')).less() },
  {
    title: 'Lua',
    extensions: ['lua'],
    programs: ['lua', 'luajit'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/lua')).lua),
  },
  {
    title: 'Markdown',
    extensions: ['md', 'markdown', 'mdx', 'mkd'],
    async load() {
      const { markdown, markdownLanguage } = await import('@codemirror/lang-markdown')
      return markdown({ base: markdownLanguage, codeLanguages: (await import('./fenced-languages.ts')).fencedLanguage })
    },
  },
  {
    title: 'nginx',
    extensions: ['nginx'],
    names: ['nginx.conf'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/nginx')).nginx),
  },
  { title: 'OCaml', extensions: ['ml', 'mli'], load: stream(async () => (await mllike()).oCaml) },
  {
    title: 'Perl',
    extensions: ['pl', 'pm'],
    programs: ['perl'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/perl')).perl),
  },
  {
    title: 'PHP',
    extensions: ['php', 'phtml'],
    programs: ['php'],
    indent: four,
    load: async () => (await import('@codemirror/lang-php')).php(),
  },
  {
    title: 'PowerShell',
    extensions: ['ps1', 'psm1', 'psd1'],
    programs: ['pwsh'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/powershell')).powerShell),
  },
  {
    title: 'Properties',
    extensions: ['ini', 'cfg', 'conf', 'properties', 'env', 'desktop', 'service'],
    names: ['.editorconfig', '.npmrc', '.gitconfig', '.env', '.gitattributes', '.gitmodules'],
    load: properties,
  },
  {
    title: 'Protocol Buffers',
    extensions: ['proto'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/protobuf')).protobuf),
  },
  {
    title: 'Pug',
    extensions: ['pug', 'jade'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/pug')).pug),
  },
  {
    title: 'Python',
    extensions: ['py', 'pyi', 'pyw'],
    names: ['sconstruct'],
    programs: ['python'],
    indent: four,
    load: async () => (await import('@codemirror/lang-python')).python(),
  },
  {
    title: 'R',
    extensions: ['r'],
    programs: ['rscript'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/r')).r),
  },
  {
    title: 'Ruby',
    extensions: ['rb', 'gemspec', 'rake', 'ru', 'podspec'],
    names: ['gemfile', 'rakefile', 'podfile', 'vagrantfile'],
    programs: ['ruby'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby),
  },
  {
    title: 'Rust',
    extensions: ['rs'],
    indent: four,
    load: async () => (await import('@codemirror/lang-rust')).rust(),
  },
  {
    title: 'Sass',
    extensions: ['sass'],
    load: async () => (await import('@codemirror/lang-sass')).sass({ indented: true }),
  },
  { title: 'Scala', extensions: ['scala', 'sbt', 'sc'], load: stream(async () => (await clike()).scala) },
  { title: 'SCSS', extensions: ['scss'], load: async () => (await import('@codemirror/lang-sass')).sass() },
  {
    title: 'Shell',
    extensions: ['sh', 'bash', 'zsh', 'ksh'],
    names: ['.bashrc', '.bash_profile', '.profile', '.zshrc', '.zprofile', '.bash_aliases', '.envrc'],
    programs: ['sh', 'bash', 'zsh', 'dash', 'ksh'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/shell')).shell),
  },
  { title: 'SQL', extensions: ['sql', 'psql'], load: async () => (await import('@codemirror/lang-sql')).sql() },
  {
    title: 'Svelte',
    extensions: ['svelte'],
    load: async () => (await import('@replit/codemirror-lang-svelte')).svelte(),
  },
  {
    title: 'Swift',
    extensions: ['swift'],
    indent: four,
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/swift')).swift),
  },
  {
    title: 'TOML',
    extensions: ['toml'],
    names: ['cargo.lock', 'poetry.lock', 'uv.lock', 'pdm.lock'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/toml')).toml),
  },
  {
    title: 'TypeScript',
    extensions: ['ts', 'mts', 'cts'],
    programs: ['deno', 'tsx', 'ts-node'],
    load: javascript(false, true),
  },
  { title: 'TypeScript JSX', extensions: ['tsx'], load: javascript(true, true) },
  { title: 'Vue', extensions: ['vue'], load: async () => (await import('@codemirror/lang-vue')).vue() },
  {
    title: 'WebAssembly text',
    extensions: ['wat', 'wast'],
    load: stream(async () => (await import('@codemirror/legacy-modes/mode/wast')).wast),
  },
  {
    title: 'XML',
    extensions: ['xml', 'svg', 'xsl', 'xslt', 'xsd', 'plist', 'csproj', 'fsproj', 'rss', 'atom', 'xaml'],
    load: async () => (await import('@codemirror/lang-xml')).xml(),
  },
  {
    title: 'YAML',
    extensions: ['yml', 'yaml'],
    names: ['.clang-format', '.yarnrc'],
    load: async () => (await import('@codemirror/lang-yaml')).yaml(),
  },
]
