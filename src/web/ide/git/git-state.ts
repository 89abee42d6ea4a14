import type { Ask, Change, Job, Repository } from '../../../core/wire/operations/git.ts'
import { Store } from '../../shared/store.ts'
import type { FileDecoration } from '../files/file-decorations.ts'
import { isWithin, parentOf } from '../files/paths.ts'
import { whenIdle } from '../frame/when-idle.ts'
import type { Connection } from '../wire/connection.ts'

/** What this page knows of the project's repositories. Asked for when there is time, then the worker tells of changes. */
export class GitState {
  /** Undefined until the worker has said. */
  readonly repositories = new Store<readonly Repository[] | undefined>(undefined)
  readonly jobs = new Store<readonly Job[]>([])
  readonly asks = new Store<readonly Ask[]>([])
  /** How many files have changed; '' for none. */
  readonly badge = new Store('')
  /** Root of the repository that is looked at, where there are several. */
  readonly chosen = new Store('')
  /** Why nothing is known: git is not there, for example. */
  readonly problem = new Store<string | undefined>(undefined)
  #byPath: ReadonlyMap<string, Change> = new Map()
  #folders: ReadonlyMap<string, FileDecoration> = new Map()

  constructor(connection: Pick<Connection, 'on' | 'onSession' | 'request'>) {
    connection.on('git.changed', ({ repositories }) => this.#know(repositories))
    connection.on('git.jobs', ({ jobs }) => this.jobs.set(jobs))
    connection.on('git.asks', ({ asks }) => this.asks.set(asks))
    connection.onSession(async () => {
      await whenIdle(2_000)
      try {
        const { repositories, jobs, asks } = await connection.request('git.watch', {})
        this.jobs.set(jobs)
        this.asks.set(asks)
        this.#know(repositories)
        this.problem.set(undefined)
      } catch (error) {
        this.problem.set(error instanceof Error ? error.message : String(error))
      }
    })
  }

  /** The repository looked at: the chosen one, else the first. */
  get current(): Repository | undefined {
    const all = this.repositories.get() ?? []
    return all.find(({ root }) => root === this.chosen.get()) ?? all[0]
  }

  /** The innermost repository a file is in. */
  repositoryOf(path: string): Repository | undefined {
    let found: Repository | undefined
    for (const repository of this.repositories.get() ?? []) {
      if (!isWithin(path, repository.root) || path === repository.root) continue
      if (!found || repository.root.length > found.root.length) found = repository
    }
    return found
  }

  changeOf(path: string): Change | undefined {
    return this.#byPath.get(path)
  }

  /** What the tree says of a file, or of a folder with changed files in it. */
  decorate(path: string, isFolder: boolean): FileDecoration | undefined {
    if (isFolder) return this.#folders.get(path)
    const change = this.#byPath.get(path)
    return change && decorationOf(change)
  }

  #know(repositories: readonly Repository[]): void {
    const byPath = new Map<string, Change>()
    const folders = new Map<string, FileDecoration>()
    let count = 0
    for (const { changes } of repositories) {
      count += changes.length
      for (const change of changes) {
        byPath.set(change.path.replace(/\/$/, ''), change)
        const { tone } = decorationOf(change)
        for (let folder = parentOf(change.path); folder !== ''; folder = parentOf(folder)) {
          const known = folders.get(folder)
          if (known?.tone === 'conflict' || (known && tone !== 'conflict')) break
          folders.set(folder, { letter: '•', title: 'has changes', tone })
        }
      }
    }
    this.#byPath = byPath
    this.#folders = folders
    this.badge.set(count === 0 ? '' : count > 999 ? '1k+' : String(count))
    this.repositories.set(repositories)
  }
}

const words: Record<string, [string, FileDecoration['tone']]> = {
  M: ['modified', 'changed'],
  A: ['added', 'added'],
  D: ['deleted', 'deleted'],
  R: ['renamed', 'added'],
  C: ['copied', 'added'],
  T: ['type changed', 'changed'],
}

/** Letter, words and colour of a change, as git's users know them. */
export function decorationOf(change: Change, side: 'index' | 'worktree' | 'any' = 'any'): FileDecoration {
  if (change.conflict !== undefined)
    return { letter: '!', title: `conflict: ${conflictWords(change.conflict)}`, tone: 'conflict' }
  if (change.worktree === '?') return { letter: 'U', title: 'untracked', tone: 'added' }
  const letter = side === 'index' || (side === 'any' && change.worktree === '.') ? change.index : change.worktree
  const [title, tone] = words[letter] ?? ['changed', 'changed']
  return { letter, title: side === 'any' && change.worktree === '.' ? `${title}, staged` : title, tone }
}

/** git-status(1), of unmerged paths. */
export function conflictWords(letters: string): string {
  const known: Record<string, string> = {
    DD: 'both deleted it',
    AU: 'added by us',
    UD: 'deleted by them',
    UA: 'added by them',
    DU: 'deleted by us',
    AA: 'both added it',
    UU: 'both changed it',
  }
  return known[letters] ?? letters
}
