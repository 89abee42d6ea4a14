import { lstat, opendir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Unfinished } from '../core/wire/operations/git.ts'

/** How deep below the project repositories are looked for, and in how many folders at most. */
const DEPTH = 2
const MAX_FOLDERS = 1_000
const MAX_REPOSITORIES = 20
/** Where nobody keeps a repository of their own. */
const passed = /^(?:\.|node_modules$|__pycache__$|vendor$|target$|dist$)/

/** The folders with a `.git` in them: `root` itself ('') and those a little below it. Links are not followed. */
export async function findRepositories(root: string): Promise<string[]> {
  const found: string[] = []
  let looked = 0
  let level = ['']
  for (let depth = 0; depth <= DEPTH; depth++) {
    const next: string[] = []
    for (const folder of level) {
      if (looked++ >= MAX_FOLDERS || found.length >= MAX_REPOSITORIES) return found
      if (await lstat(join(root, folder, '.git')).catch(() => undefined)) found.push(folder)
      if (depth < DEPTH) for (const name of await foldersIn(join(root, folder))) next.push(join(folder, name))
    }
    level = next.sort()
  }
  return found
}

async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = []
  const entries = await opendir(folder).catch(() => undefined)
  if (!entries) return names
  for await (const entry of entries) {
    if (entry.isDirectory() && !passed.test(entry.name)) names.push(entry.name)
    if (names.length >= MAX_FOLDERS) break
  }
  return names
}

/** What waits in a repository's git folder (git's own `wt-status.c` looks at the same files). */
export async function readUnfinished(gitDir: string): Promise<Unfinished | undefined> {
  const at = (name: string) => join(gitDir, name)
  if (await isThere(at('rebase-merge'))) {
    const [branch, step, steps] = await Promise.all([
      readLine(at('rebase-merge/head-name')),
      readLine(at('rebase-merge/msgnum')),
      readLine(at('rebase-merge/end')),
    ])
    return rebase(branch, step, steps)
  }
  if (await isThere(at('rebase-apply/rebasing'))) {
    const [branch, step, steps] = await Promise.all([
      readLine(at('rebase-apply/head-name')),
      readLine(at('rebase-apply/next')),
      readLine(at('rebase-apply/last')),
    ])
    return rebase(branch, step, steps)
  }
  if (await isThere(at('MERGE_HEAD'))) return { kind: 'merge' }
  if (await isThere(at('CHERRY_PICK_HEAD'))) return { kind: 'cherry-pick' }
  if (await isThere(at('REVERT_HEAD'))) return { kind: 'revert' }
  if (await isThere(at('BISECT_LOG'))) return { kind: 'bisect' }
  return undefined
}

function rebase(branch: string | undefined, step: string | undefined, steps: string | undefined): Unfinished {
  return {
    kind: 'rebase',
    ...(branch ? { branch: branch.replace(/^refs\/heads\//, '') } : {}),
    ...(step && steps ? { step: Number(step), steps: Number(steps) } : {}),
  }
}

/** The message git prepared for the next commit, without its comments. */
export async function readPreparedMessage(gitDir: string): Promise<string | undefined> {
  const text = await readFile(join(gitDir, 'MERGE_MSG'), 'utf8').catch(() => undefined)
  const lines = text?.slice(0, 100_000).split('\n')
  return lines
    ?.filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim()
}

/** When the configuration was last changed, in milliseconds; 0 without one. */
export async function configChangedAt(commonDir: string): Promise<number> {
  const stat = await lstat(join(commonDir, 'config')).catch(() => undefined)
  return stat?.mtimeMs ?? 0
}

/** The folders whose files change when a branch or a remote's branch moves. */
export async function refFolders(commonDir: string): Promise<string[]> {
  const remotes = join(commonDir, 'refs/remotes')
  const names = await foldersIn(remotes)
  return [commonDir, join(commonDir, 'refs/heads'), remotes, ...names.map((name) => join(remotes, name))]
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

async function readLine(path: string): Promise<string | undefined> {
  return (await readFile(path, 'utf8').catch(() => undefined))?.split('\n')[0]?.trim()
}

/** What is there: `file` with its size and whether it may be run, `other` for links, folders and the rest. */
export async function lookAtFile(
  path: string,
): Promise<{ kind: 'file'; size: number; executable: boolean } | { kind: 'other' } | undefined> {
  const stat = await lstat(path).catch(() => undefined)
  if (!stat) return undefined
  if (!stat.isFile()) return { kind: 'other' }
  return { kind: 'file', size: stat.size, executable: (stat.mode & 0o100) !== 0 }
}
