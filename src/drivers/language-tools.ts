import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageServer } from '../core/language-servers.ts'
import { type Filtered, filter } from './filter-program.ts'
import { type Formatter, formattersFor } from './formatter-programs.ts'
import { findLanguageProgram } from './language-programs.ts'
import { type LanguageServerProcess, startLanguageServer } from './language-server.ts'
import { readSource } from './source-file.ts'
import { type TreeChange, TreeWatch } from './tree-watch.ts'

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024
const FORMAT_LIMIT_MS = 15_000
const MAX_FORMATTED_BYTES = 16 * 1024 * 1024
const MAX_FOLDERS = 3_000

/** What is made by tools and read by nobody, and the history. */
const skipped =
  /^(?:\.git|\.hg|\.svn|__pycache__|\.(?:mypy|pytest|ruff)_cache|\.cache|\.next|\.nuxt|\.svelte-kit|\.turbo|\.vite|coverage)$/
/** Of dependencies only the names: when one comes or goes, servers look anew. */
const dependency = /(?:^|\/)(?:node_modules|site-packages)\/[^/]+$/
const venv = /(?:^|\/)\.?venv\//
const wayToSitePackages = /(?:^|\/)\.?venv\/lib(?:\/python[^/]+(?:\/site-packages)?)?$/

/** The programs and files of this machine that language intelligence for the project in `root` needs. */
export function languageTools(root: string, environment: () => Record<string, string>) {
  return {
    /** How to start a server, or a sentence that says why it cannot be. */
    find(server: LanguageServer) {
      const env = environment()
      const found = findLanguageProgram(server, root, env.PATH ?? '')
      if (typeof found === 'string') return found
      const options = { ...found, cwd: root, env: { ...env, ...found.env }, maxMessageBytes: MAX_MESSAGE_BYTES }
      return (onMessage: (message: object) => void, onEnd: (reason: string) => void): LanguageServerProcess =>
        startLanguageServer(options, { onMessage, onEnd })
    },
    /** The project's own Python, if it has one. */
    python: () => ['.venv', 'venv'].map((folder) => join(root, folder, 'bin/python')).find((file) => existsSync(file)),
    watch(onChange: (changes: TreeChange[] | undefined) => void): { close(): void } {
      const watch = new TreeWatch({ root, skips, maxFolders: MAX_FOLDERS, onChange })
      void watch.start()
      return watch
    },
    readSource,
    formattersFor: (path: string): Formatter[] => formattersFor(root, path, namesIn),
    runFormatter: ({ command }: Formatter, text: string): Promise<Filtered> =>
      filter(command, {
        cwd: root,
        env: environment(),
        input: text,
        limitMs: FORMAT_LIMIT_MS,
        maxBytes: MAX_FORMATTED_BYTES,
      }),
  }
}

function skips(name: string, path: string): boolean {
  return skipped.test(name) || dependency.test(path) || (venv.test(path) && !wayToSitePackages.test(path))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
