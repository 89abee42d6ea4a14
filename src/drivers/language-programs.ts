import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { LanguageServer } from '../core/language-servers.ts'
import { packageRoot } from './package-root.ts'

/** Where the image has them. */
const IMAGE_MODULES = '/opt/language-servers/node_modules'

/** MiB of heap that a server's garbage collector aims at. */
const heap = { typescript: 700, python: 700, markup: 192 } as const

export interface LanguageProgram {
  command: string[]
  env: Record<string, string>
}

/** How to start a language server here; a sentence when it is not installed. `path` is the PATH of the project's shells. */
export function findLanguageProgram(server: LanguageServer, root: string, path: string): LanguageProgram | string {
  if (server === 'typescript') return findTypescript(root, path)
  return server === 'python' ? findPython(path) : findMarkup()
}

/** TypeScript 7's own; the project's, if it has one, so that it says what the project's compiler says. */
function findTypescript(root: string, path: string): LanguageProgram | string {
  const native = join('@typescript', `typescript-${process.platform}-${process.arch}`, 'lib/tsc')
  const folders = [join(root, 'node_modules'), IMAGE_MODULES, join(packageRoot, 'node_modules')]
  const found = folders.map((folder) => join(folder, native)).find(isExecutable) ?? onPath('tsgo', path)
  if (found === undefined) {
    return 'The TypeScript language server is not installed. Run: npm install --global typescript@7'
  }
  return { command: [found, '--lsp', '--stdio'], env: { GOMEMLIMIT: `${heap.typescript}MiB`, GOGC: '60' } }
}

function findPython(path: string): LanguageProgram | string {
  const flag = `--max-old-space-size=${heap.python}`
  const script = [IMAGE_MODULES, join(packageRoot, 'node_modules')]
    .map((folder) => join(folder, 'basedpyright/langserver.index.js'))
    .find((file) => existsSync(file))
  if (script !== undefined) return { command: [process.execPath, flag, script, '--stdio'], env: {} }
  const program = onPath('basedpyright-langserver', path) ?? onPath('pyright-langserver', path)
  if (program !== undefined) return { command: [program, '--stdio'], env: { NODE_OPTIONS: flag } }
  return 'The Python language server is not installed. Run: npm install --global basedpyright'
}

/** omega's own, on VS Code's language services. */
function findMarkup(): LanguageProgram | string {
  const script = join(packageRoot, 'dist/bin/markup-server.js')
  if (!existsSync(script)) return "omega's server for HTML, CSS and JSON is not built. Run: npm run build"
  return { command: [process.execPath, `--max-old-space-size=${heap.markup}`, script, '--stdio'], env: {} }
}

function onPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
