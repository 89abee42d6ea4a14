import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { Outcome } from '../../../core/wire/operations/git.ts'
import type { Git } from './git.ts'
import type { Repository } from './repository.ts'

/** Commands that put other files into the working tree: no open document writes meanwhile. */
export function moveTo(git: Git, repository: Repository, words: readonly string[]): Promise<void> {
  return repository.change(async () => {
    await git.aside(repository, () => repository.git.run(words))
  })
}

/** What stops half-way with conflicts has not failed: a person goes on. */
export async function mayStop(git: Git, repository: Repository, words: readonly string[]): Promise<Outcome> {
  await repository.look()
  const before = conflictsOf(repository)
  try {
    await moveTo(git, repository, words)
  } catch (error) {
    if (before > 0 || conflictsOf(repository) === 0) throw error
  }
  return { conflicts: conflictsOf(repository) }
}

function conflictsOf({ state }: Repository): number {
  return state.changes.filter(({ conflict }) => conflict !== undefined).length
}

export interface SwitchOptions {
  to: string
  create?: boolean
  detach?: boolean
  from?: string
}

export async function switchTo(git: Git, repository: Repository, options: SwitchOptions): Promise<void> {
  const { to, create, detach, from } = options
  if (create) {
    await checkBranchName(repository, to)
    await moveTo(git, repository, ['switch', '-q', '-c', to, ...(from === undefined ? [] : [from])])
  } else await moveTo(git, repository, ['switch', '-q', ...(detach ? ['--detach'] : []), to])
}

export async function renameBranch(repository: Repository, branch: string, to: string): Promise<void> {
  await checkBranchName(repository, to)
  await repository.change(() => repository.git.run(['branch', '-m', '--', branch, to]))
}

/** Gives the commit it was at, so that it can be made again. */
export function deleteBranch(repository: Repository, branch: string, force: boolean): Promise<{ commit: string }> {
  return repository.change(async () => {
    const commit = await repository.git.text(['rev-parse', '--verify', '-q', `refs/heads/${branch}`])
    await repository.git.run(['branch', force ? '-D' : '-d', '--', branch])
    return { commit }
  })
}

export async function setTag(repository: Repository, tag: string, at: string, remove: boolean): Promise<void> {
  const words = remove ? ['tag', '-d', '--', tag] : ['tag', '--', tag, at]
  await repository.change(() => repository.git.run(words))
}

export function merge(git: Git, repository: Repository, ref: string): Promise<Outcome> {
  return mayStop(git, repository, ['merge', '--no-edit', ref])
}

/** What is not committed waits in a stash meanwhile: files are saved by themselves here, so there is always something. */
export function rebase(git: Git, repository: Repository, onto: string): Promise<Outcome> {
  return mayStop(git, repository, ['rebase', '--autostash', onto])
}

export async function proceed(
  git: Git,
  repository: Repository,
  action: 'continue' | 'abort' | 'skip',
): Promise<Outcome> {
  await repository.look()
  const kind = repository.state.unfinished?.kind
  if (kind === undefined || kind === 'bisect') {
    throw new OmegaError('CONFLICT', 'There is no merge, rebase, cherry-pick or revert that waits here.')
  }
  if (kind === 'merge') {
    if (action === 'skip') throw new OmegaError('INVALID_REQUEST', 'A merge has nothing to skip.')
    if (action === 'abort') return mayStop(git, repository, ['merge', '--abort'])
    return mayStop(git, repository, ['commit', '--no-edit'])
  }
  return mayStop(git, repository, [kind, `--${action}`])
}

export async function stash(
  git: Git,
  repository: Repository,
  options: { message?: string; untracked?: boolean },
): Promise<void> {
  const { message, untracked } = options
  const words = ['stash', 'push', '-q', ...(untracked ? ['--include-untracked'] : [])]
  await repository.look()
  const before = repository.state.stashes
  await moveTo(git, repository, [...words, ...(message ? ['-m', message] : [])])
  if (repository.state.stashes === before && repository.state.changes.length > 0) {
    throw new OmegaError('CONFLICT', 'There is nothing to stash: only untracked files have changed.')
  }
}

export function useStash(
  git: Git,
  repository: Repository,
  stash: number,
  action: 'pop' | 'apply' | 'drop',
): Promise<Outcome> {
  const words = ['stash', action, '-q', ...(action === 'drop' ? [] : ['--index']), `stash@{${stash}}`]
  return mayStop(git, repository, words).catch((error: unknown) => {
    // What was staged cannot be staged again: then as a plain change.
    if (action === 'drop' || !/index/i.test(String(error))) throw error
    return mayStop(git, repository, ['stash', action, '-q', `stash@{${stash}}`])
  })
}

async function checkBranchName(repository: Repository, name: string): Promise<void> {
  const { code } = await repository.git.run(['check-ref-format', '--branch', name], {
    lockless: true,
    allows: [1, 128],
  })
  if (code === 0) return
  throw new OmegaError(
    'INVALID_NAME',
    `${quote(name)} cannot be the name of a branch: no spaces, no "..", none of ~^:?*[\\, not ending in ".lock".`,
  )
}
