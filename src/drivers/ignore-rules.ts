import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** For git to answer; a disk that hangs must not keep a page waiting for colours. */
const GIT_LIMIT_MS = 20_000

/**
 * What git ignores, by git's own rules (`git check-ignore`). Where the project is no repository an empty one in the
 * worker's folder lends its rules, so that a .gitignore counts from the start.
 */
export class IgnoreRules {
  readonly #root: string
  readonly #emptyRepository: string
  readonly #environment: () => Record<string, string>

  constructor(root: string, emptyRepository: string, environment: () => Record<string, string>) {
    this.#root = root
    this.#emptyRepository = emptyRepository
    this.#environment = environment
  }

  /** Those of the names in a folder (absolute) that are ignored. None where git is not installed or does not answer. */
  async ignored(folder: string, names: readonly string[]): Promise<string[]> {
    const asked = names.filter((name) => name !== '.git')
    if (asked.length === 0) return []
    // With ./ no name is taken for an option or for a pattern's magic.
    const input = asked.map((name) => `./${name}\0`).join('')
    const check = ['check-ignore', '-z', '--stdin']
    const own = await this.#git(check, folder, input)
    const answer = own.code === NO_REPOSITORY ? await this.#inEmptyRepository(check, folder, input) : own
    const ignored = answer.code === 0 ? answer.output.split('\0') : []
    return ignored.filter((path) => path !== '').map((path) => path.slice(2))
  }

  async #inEmptyRepository(check: string[], folder: string, input: string): Promise<GitAnswer> {
    if (!existsSync(join(this.#emptyRepository, 'HEAD'))) {
      await this.#git(['init', '--quiet', '--bare', this.#emptyRepository], this.#root, '')
    }
    const borrowed = [`--git-dir=${this.#emptyRepository}`, `--work-tree=${this.#root}`]
    return this.#git([...borrowed, ...check, '--no-index'], folder, input)
  }

  #git(parameters: string[], cwd: string, input: string): Promise<GitAnswer> {
    return new Promise((resolve) => {
      // The project's own repository, and not one that a person keeps their home in.
      const ceiling = { GIT_CEILING_DIRECTORIES: dirname(this.#root) }
      const env = { ...this.#environment(), ...ceiling, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }
      const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore']
      const child = spawn('git', ['-c', 'core.fsmonitor=false', ...parameters], { cwd, env, stdio })
      const timer = setTimeout(() => child.kill('SIGKILL'), GIT_LIMIT_MS)
      const chunks: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
      child.on('error', () => resolve({ code: undefined, output: '' }))
      child.on('close', (code) => {
        clearTimeout(timer)
        resolve({ code: code ?? undefined, output: Buffer.concat(chunks).toString() })
      })
      feed(child, input)
    })
  }
}

/** The exit code of git outside of every repository. */
const NO_REPOSITORY = 128

interface GitAnswer {
  /** Undefined when there is no git, or it was ended. */
  code: number | undefined
  output: string
}

function feed(child: ChildProcess, input: string): void {
  // It may have ended before it read everything.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
}
