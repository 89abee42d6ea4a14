import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { Remote, Repository as State } from '../../../core/wire/operations/git.ts'
import { configChangedAt, readPreparedMessage, readUnfinished } from '../../../drivers/git-folder.ts'
import { withoutPassword } from './failure.ts'
import type { GitProgram } from './git-program.ts'
import { MAX_STATUS_BYTES, parseStatus, statusParameters } from './status.ts'

/** From something that changed to a look: changes come in bursts. */
const LOOK_AFTER_MS = 200
/** Between two looks at least so many times as long as the last one took: a huge repository is looked at less often. */
const REST = 4

/** Where git keeps a repository's things; absolute. */
interface Folders {
  /** Of this working tree: HEAD, index, what waits. */
  gitDir: string
  /** Shared by all working trees: branches, objects, configuration. */
  commonDir: string
}

export interface RepositoryOptions {
  /** Relative to the project. */
  root: string
  /** Runs in its folder. */
  git: GitProgram
  clock: Clock
  /** Its state is another one. */
  onChange: () => void
}

/** One repository: what is known of it, and the one place where it is changed from. */
export class Repository {
  readonly root: string
  readonly git: GitProgram
  readonly #options: RepositoryOptions
  #state: State
  #shown = ''
  #folders: Folders | undefined
  #remotes: { changedAt: number; list: Remote[] } | undefined
  #turns: Promise<unknown> = Promise.resolve()
  #changing = 0
  #looking: Promise<void> | undefined
  #lookAgain = false
  #cancelLook: (() => void) | undefined
  #tookMs = 0
  #lookedAt = -1e9
  #closed = false

  constructor(options: RepositoryOptions) {
    this.root = options.root
    this.git = options.git
    this.#options = options
    this.#state = { root: options.root, ahead: 0, behind: 0, changes: [], stashes: 0, remotes: [] }
  }

  get state(): State {
    return this.#state
  }

  get folders(): Folders | undefined {
    return this.#folders
  }

  /** Something may have changed; it is looked at soon. */
  touched(): void {
    if (this.#closed || this.#changing > 0 || this.#cancelLook) return
    const rest = this.#lookedAt + this.#tookMs * REST - this.#options.clock.now()
    this.#cancelLook = this.#options.clock.after(Math.max(LOOK_AFTER_MS, rest), () => {
      this.#cancelLook = undefined
      void this.look()
    })
  }

  /** Looks now; when a look is under way, once more behind it. */
  look(): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true
      return this.#looking
    }
    this.#cancelLook?.()
    this.#cancelLook = undefined
    const looking = this.#looks().finally(() => {
      this.#looking = undefined
    })
    this.#looking = looking
    return looking
  }

  /** Changes something, one thing at a time; its effect is in the state when it resolves. */
  async change<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(async () => {
      this.#changing++
      try {
        return await work()
      } finally {
        this.#changing--
        await this.look()
      }
    })
    this.#turns = turn.catch(() => undefined)
    return turn
  }

  /** A path of the project as git calls it here. Throws INVALID_REQUEST for one that is not in this repository. */
  inside(path: string): string {
    const prefix = this.root === '' ? '' : `${this.root}/`
    const inner = path.slice(prefix.length)
    const isBad = inner.split('/').some((part) => part === '' || part === '.' || part === '..')
    if (!path.startsWith(prefix) || isBad || path.includes('\0')) {
      throw new OmegaError('INVALID_REQUEST', `${quote(path)} is no file of the repository ${quote(this.root || '.')}.`)
    }
    return inner
  }

  /** A path of git's as the project calls it. */
  outside(path: string): string {
    return this.root === '' ? path : `${this.root}/${path}`
  }

  close(): void {
    this.#closed = true
    this.#cancelLook?.()
  }

  async #looks(): Promise<void> {
    const { clock } = this.#options
    do {
      this.#lookAgain = false
      const began = clock.now()
      const state = await this.#read().catch((error: unknown) => this.#failed(error))
      this.#lookedAt = clock.now()
      this.#tookMs = this.#lookedAt - began
      const shown = JSON.stringify(state)
      if (shown === this.#shown || this.#closed) continue
      this.#shown = shown
      this.#state = state
      this.#options.onChange()
    } while (this.#lookAgain && !this.#closed)
  }

  async #read(): Promise<State> {
    const { git, root } = this
    this.#folders ??= await this.#findFolders()
    const { gitDir, commonDir } = this.#folders
    const [{ stdout, cut }, unfinished, remotes] = await Promise.all([
      git.run(statusParameters, { lockless: true, maxBytes: MAX_STATUS_BYTES }),
      readUnfinished(gitDir),
      this.#readRemotes(commonDir),
    ])
    const message = unfinished && unfinished.kind !== 'bisect' ? await readPreparedMessage(gitDir) : undefined
    return {
      root,
      ...parseStatus(stdout, root, cut),
      ...(unfinished ? { unfinished } : {}),
      ...(message ? { message } : {}),
      remotes,
    }
  }

  #failed(error: unknown): State {
    const detail = error instanceof Error ? error.message : String(error)
    const kind = error instanceof OmegaError && error.code === 'FORBIDDEN' ? 'untrusted' : 'failed'
    // Whatever was known of its place may be wrong: `.git` may be another one now.
    this.#folders = undefined
    return {
      root: this.root,
      ahead: 0,
      behind: 0,
      changes: [],
      stashes: 0,
      remotes: [],
      problem: { kind, detail },
    }
  }

  async #findFolders(): Promise<Folders> {
    const words = ['rev-parse', '--path-format=absolute', '--git-dir', '--git-common-dir']
    const [gitDir = '', commonDir = ''] = (await this.git.text(words)).split('\n')
    return { gitDir, commonDir }
  }

  async #readRemotes(commonDir: string): Promise<Remote[]> {
    const changedAt = await configChangedAt(commonDir)
    if (this.#remotes?.changedAt === changedAt) return this.#remotes.list
    const words = ['config', '-z', '--get-regexp', '^remote\\..*\\.url$']
    // 1: there is none.
    const { stdout } = await this.git.run(words, { lockless: true, allows: [1] })
    const list = stdout
      .toString()
      .split('\0')
      .flatMap((entry) => {
        const match = /^remote\.(.*)\.url\n(.*)$/s.exec(entry)
        return match ? [{ name: match[1] ?? '', url: withoutPassword(match[2] ?? '') }] : []
      })
    const known = new Map(list.reverse().map((remote) => [remote.name, remote]))
    this.#remotes = { changedAt, list: [...known.values()].reverse() }
    return this.#remotes.list
  }
}
