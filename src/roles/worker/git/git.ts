import { join, sep } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { GitEvents, GitResults, Repository as State } from '../../../core/wire/operations/git.ts'
import type { EventName, Events } from '../../../core/wire/operations.ts'
import { FolderWatch } from '../../../drivers/folder-watch.ts'
import { findRepositories, refFolders } from '../../../drivers/git-folder.ts'
import { makeSshKey, readSshKey } from '../../../drivers/ssh-key.ts'
import type { Documents } from '../documents/documents.ts'
import type { Page } from '../wire/page.ts'
import type { Asks } from './asks.ts'
import { GitProgram } from './git-program.ts'
import { Jobs } from './jobs.ts'
import { Repository } from './repository.ts'
import { WorktreeFolders } from './worktree-folders.ts'

/** From a new name to a search for repositories, and between two searches. */
const FIND_AFTER_MS = 300
const FIND_EVERY_MS = 2_000
/** Between looks where the kernel cannot watch all folders. */
const LOOK_EVERY_MS = 10_000
/** Of a git folder what says nothing of the state. */
const idle = /\.lock$|^(?:objects|logs|hooks|info|COMMIT_EDITMSG|gc\.log|description)$/
/** A document on its way to the disk. */
const TEMPORARY = '.omega-save-'

export interface GitOptions {
  /** The project's folder; absolute, its links followed. */
  folder: () => Promise<string>
  /** Of the commands. */
  environment: () => Record<string, string>
  documents: Documents
  asks: Asks
  /** What the sandbox is called: written into keys that it makes. */
  name: () => string
  clock: Clock
}

type Watched = { kind: 'work' | 'git'; repository: Repository }

/**
 * The repositories of the project. They are looked at, and their folders watched, only while a page wants to know; each
 * change is told to those pages.
 */
export class Git {
  readonly jobs: Jobs
  readonly asks: Asks
  readonly #options: GitOptions
  readonly #repositories = new Map<string, Repository>()
  readonly #worktrees = new WeakMap<Repository, WorktreeFolders>()
  readonly #viewers = new Set<Page>()
  readonly #watch: FolderWatch
  #watched = new Map<string, Watched[]>()
  #rewatching: Promise<void> = Promise.resolve()
  #finding: Promise<void> | undefined
  #cancelFind: (() => void) | undefined
  #cancelPoll: (() => void) | undefined
  #foundAt = -1e9
  #project = ''

  constructor(options: GitOptions) {
    this.#options = options
    this.asks = options.asks
    this.jobs = new Jobs(options.clock, (jobs) => this.#tell('git.jobs', { jobs }))
    this.#watch = new FolderWatch((folder, name, isNew) => this.#changed(folder, name, isNew))
    // Who may only look has nothing to answer.
    options.asks.onChange((asks) => {
      for (const page of this.#viewers) if (page.mayChange) page.tell('git.asks', { asks })
    })
    options.asks.audience(() => [...this.#viewers].some(({ mayChange }) => mayChange))
  }

  /** The git program in the project's folder. */
  async program(): Promise<GitProgram> {
    this.#project ||= await this.#options.folder()
    const { environment } = this.#options
    // What is above the project is not the sandbox's business.
    const bounded = () => ({ ...environment(), GIT_CEILING_DIRECTORIES: join(this.#project, '..') })
    return new GitProgram(this.#project, bounded)
  }

  /** From now on the page is told. */
  async watch(page: Page): Promise<GitResults['git.watch']> {
    const wasIdle = this.#viewers.size === 0
    this.#viewers.add(page)
    if (wasIdle) await this.find(true)
    else await this.#finding
    return { repositories: this.#states(), jobs: this.jobs.list(), asks: page.mayChange ? this.asks.list() : [] }
  }

  unwatch(page: Page): void {
    if (!this.#viewers.delete(page) || this.#viewers.size > 0) return
    this.#cancelFind?.()
    this.#cancelFind = undefined
    this.#cancelPoll?.()
    this.#cancelPoll = undefined
    this.#watched = new Map()
    this.#watch.close()
  }

  sshKey(): Promise<GitResults['git.sshKey']> {
    return readSshKey(this.#options.environment().HOME ?? '/')
  }

  makeSshKey(): Promise<GitResults['git.makeSshKey']> {
    const environment = this.#options.environment()
    return makeSshKey(environment.HOME ?? '/', `omega ${this.#options.name()}`, environment)
  }

  /** The repository in that folder. */
  async repository(root: string): Promise<Repository> {
    if (!this.#repositories.has(root)) await this.find(false)
    const found = this.#repositories.get(root)
    if (found) return found
    throw new OmegaError('NOT_FOUND', `There is no git repository in ${quote(root === '' ? 'the project' : root)}.`)
  }

  /** Searches the project for repositories. `look`: at those that are known, too. */
  async find(look: boolean): Promise<void> {
    const before = this.#finding
    const finding = (before ?? Promise.resolve()).then(() => this.#find(look))
    this.#finding = finding
    try {
      await finding
    } finally {
      if (this.#finding === finding) this.#finding = undefined
    }
  }

  /** What is typed in files of a repository is on the disk when it resolves, as far as it can be. */
  async save(repository: Repository): Promise<void> {
    const documents = await this.#options.documents.below(repository.root)
    const dirty = documents.filter(({ state }) => state.dirty && state.conflict === undefined)
    await Promise.all(dirty.map((document) => document.save().catch(() => undefined)))
  }

  /** Does something to the files of a repository while no open document writes to them; what was typed is saved before. */
  async aside<T>(repository: Repository, work: () => Promise<T>, paths?: readonly string[]): Promise<T> {
    const open = await this.#options.documents.below(repository.root)
    const held = paths ? open.filter(({ path }) => paths.includes(path)) : open
    return held.reduce<() => Promise<T>>((inner, document) => () => document.aside(inner), work)()
  }

  close(): void {
    for (const page of [...this.#viewers]) this.unwatch(page)
    this.jobs.close()
    for (const repository of this.#repositories.values()) repository.close()
  }

  async #find(look: boolean): Promise<void> {
    const git = await this.program()
    const roots = await findRepositories(git.folder)
    this.#foundAt = this.#options.clock.now()
    const before = [...this.#repositories.keys()].join('\0')
    for (const [root, repository] of this.#repositories) {
      if (roots.includes(root)) continue
      this.#repositories.delete(root)
      repository.close()
    }
    const looks: Promise<void>[] = []
    for (const root of roots) {
      const known = this.#repositories.get(root)
      const repository =
        known ??
        new Repository({
          root,
          git: git.in(join(git.folder, root)),
          clock: this.#options.clock,
          onChange: () => this.#stateChanged(),
        })
      this.#repositories.set(root, repository)
      if (look || !known) looks.push(repository.look())
    }
    await Promise.all(looks)
    if (before !== [...this.#repositories.keys()].join('\0')) this.#stateChanged()
    if (this.#viewers.size > 0) await this.#rewatch()
  }

  #states(): State[] {
    return [...this.#repositories.values()].map(({ state }) => state).sort((a, b) => (a.root < b.root ? -1 : 1))
  }

  #stateChanged(): void {
    if (this.#viewers.size === 0) return
    this.#tell('git.changed', { repositories: this.#states() })
    void this.#rewatch()
  }

  #tell<E extends keyof GitEvents & EventName>(event: E, data: Events[E]): void {
    for (const page of this.#viewers) page.tell(event, data)
  }

  /** Watches the folders that matter now. */
  #rewatch(): Promise<void> {
    this.#rewatching = this.#rewatching
      .then(() => this.#setWatch())
      .catch(() => {
        // A repository that went meanwhile; the next search notices.
      })
    return this.#rewatching
  }

  async #setWatch(): Promise<void> {
    const watched = new Map<string, Watched[]>([[this.#project, []]])
    const add = (folder: string, one: Watched) => watched.set(folder, [...(watched.get(folder) ?? []), one])
    let isShort = false
    for (const repository of this.#repositories.values()) {
      const { folders } = repository
      if (!folders) {
        // Half made, or not trusted yet: once it changes it is looked at again.
        add(join(repository.git.folder, '.git'), { kind: 'git', repository })
        continue
      }
      for (const folder of new Set([folders.gitDir, ...(await refFolders(folders.commonDir))])) {
        add(folder, { kind: 'git', repository })
      }
      const worktree = this.#worktrees.get(repository) ?? new WorktreeFolders()
      this.#worktrees.set(repository, worktree)
      const list = await worktree.list(repository)
      isShort ||= list.truncated
      for (const folder of list.folders) add(folder, { kind: 'work', repository })
    }
    if (this.#viewers.size === 0) return
    const unseen = [...watched].filter(([folder]) => !this.#watched.has(folder)).flatMap(([, all]) => all)
    this.#watched = watched
    this.#watch.set(new Set(watched.keys()))
    // Something may have happened in them after they were looked at and before they were watched.
    for (const { repository } of unseen) repository.touched()
    this.#cancelPoll?.()
    this.#cancelPoll = undefined
    if (isShort || this.#watch.isShort) this.#poll()
  }

  #poll(): void {
    this.#cancelPoll = this.#options.clock.after(LOOK_EVERY_MS, () => {
      for (const repository of this.#repositories.values()) repository.touched()
      this.#poll()
    })
  }

  #changed(folder: string, name: string, isNew: boolean): void {
    if (name.startsWith(TEMPORARY)) return
    for (const { kind, repository } of this.#watched.get(folder) ?? []) {
      if (kind === 'work' ? name !== '.git' : !idle.test(name)) repository.touched()
    }
    const depth = folder.slice(this.#project.length).split(sep).length
    if (!isNew || depth > 3 || !folder.startsWith(this.#project)) return
    const { clock } = this.#options
    this.#cancelFind ??= clock.after(Math.max(FIND_AFTER_MS, this.#foundAt + FIND_EVERY_MS - clock.now()), () => {
      this.#cancelFind = undefined
      if (this.#viewers.size > 0) void this.find(false).catch(() => undefined)
    })
  }
}
