import { type Finished, type ProgramOptions, runGit } from '../../../drivers/git.ts'
import { gitFailure, isLocked } from './failure.ts'

/** A command that found another git at work tries again so often, each time waiting twice as long. */
const LOCK_TRIES = 5
const LOCK_WAIT_MS = 100

export type GitOptions = Omit<ProgramOptions, 'cwd' | 'env'> & {
  /** More of the environment. */
  env?: Record<string, string>
  lockless?: boolean
  /** Exit codes that are no failure, besides 0. */
  allows?: readonly number[]
}

/** The git program in a folder. */
export class GitProgram {
  readonly folder: string
  readonly #environment: () => Record<string, string>

  constructor(folder: string, environment: () => Record<string, string>) {
    this.folder = folder
    this.#environment = environment
  }

  /** What it runs with. */
  get environment(): Record<string, string> {
    return this.#environment()
  }

  /** In another folder. */
  in(folder: string): GitProgram {
    return new GitProgram(folder, this.#environment)
  }

  /** Rejects with what git's failure means. */
  async run(parameters: readonly string[], options: GitOptions = {}): Promise<Finished> {
    const { env, allows = [], ...rest } = options
    for (let attempt = 1; ; attempt++) {
      const done = await runGit(parameters, {
        cwd: this.folder,
        env: { ...this.#environment(), ...env },
        ...rest,
      })
      if (done.code === 0 || done.cut || allows.includes(done.code)) return done
      const words = `${done.stderr}\n${done.stdout.subarray(0, 16_384).toString()}`
      if (!isLocked(words) || attempt === LOCK_TRIES || rest.signal?.aborted) throw gitFailure(words)
      await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS * 2 ** attempt))
    }
  }

  /** What it prints, without the last newline. Only for what changes nothing. */
  async text(parameters: readonly string[], options: GitOptions = {}): Promise<string> {
    const { stdout } = await this.run(parameters, { lockless: true, ...options })
    return stdout.toString().replace(/\n$/, '')
  }

  /** Paths for a command that reads them from its input (`-z`). */
  static list(paths: readonly string[]): string {
    return paths.map((path) => `${path}\0`).join('')
  }
}
