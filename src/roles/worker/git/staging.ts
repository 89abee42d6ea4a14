import { join } from 'node:path'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { Change, DiscardedFile, GitResults } from '../../../core/wire/operations/git.ts'
import { lookAtFile } from '../../../drivers/git-folder.ts'
import type { ProjectFiles } from '../../../drivers/project-files.ts'
import { fromFile, toFile } from '../documents/file-text.ts'
import { blobAt, readBlob } from './content.ts'
import type { Git } from './git.ts'
import { GitProgram } from './git-program.ts'
import type { Repository } from './repository.ts'
import { decode } from './status.ts'

/** A discarded file larger than this cannot be brought back. */
const MAX_KEPT_BYTES = 5 * 1024 * 1024
/** Paths on one command line. */
const CHUNK = 200

/** Stages files as they are, everything without `paths`; removed ones too. Ends a file's conflict. */
export async function stage(git: Git, repository: Repository, paths: readonly string[] | undefined): Promise<void> {
  await git.save(repository)
  await repository.change(async () => {
    const wanted = paths ?? (await everythingPlain(repository))
    if (wanted) await addToIndex(repository, wanted)
    else await repository.git.run(['add', '-A', '--', ':/'])
  })
}

/** Undefined when git's own "everything" is meant; else all but conflicts and repositories within. */
async function everythingPlain(repository: Repository): Promise<string[] | undefined> {
  await repository.look()
  const { changes, truncated } = repository.state
  const special = ({ conflict, path }: Change) => conflict !== undefined || path.endsWith('/')
  if (truncated || !changes.some(special)) return undefined
  return changes
    .filter((change) => change.worktree !== '.' && !special(change) && !change.unnamable)
    .map(({ path }) => path)
}

async function addToIndex(repository: Repository, paths: readonly string[]): Promise<void> {
  const nested = paths.find((path) => path.endsWith('/'))
  if (nested !== undefined) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `${quote(nested)} is a git repository of its own. Ignore it, or add it as a submodule in a terminal.`,
    )
  }
  if (paths.length === 0) return
  const input = GitProgram.list(paths.map((path) => repository.inside(path)))
  await repository.git.run(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { input })
}

/** Makes the index what the last commit is. A renamed file is asked for by both names. */
export async function unstage(repository: Repository, paths: readonly string[] | undefined): Promise<void> {
  await repository.change(async () => {
    await repository.look()
    const { changes, commit, truncated } = repository.state
    if (!paths && truncated && commit !== undefined) {
      await repository.git.run(['reset', '-q', '--', ':/'])
      return
    }
    const staged = changes.filter(({ index, conflict }) => index !== '.' && conflict === undefined)
    const wanted = paths ? staged.filter(({ path }) => paths.includes(path)) : staged
    const names = wanted
      .filter(({ unnamable }) => !unnamable)
      .flatMap(({ path, from }) => (from ? [path, from] : [path]))
    if (names.length === 0) return
    const input = GitProgram.list(names.map((path) => repository.inside(path)))
    const words =
      commit === undefined
        ? ['update-index', '--force-remove', '-z', '--stdin']
        : ['--literal-pathspecs', 'reset', '-q', '--pathspec-from-file=-', '--pathspec-file-nul']
    await repository.git.run(words, { input })
  })
}

/** Stages a text that is not the file's: a part of its changes. */
export async function stageText(
  repository: Repository,
  files: ProjectFiles,
  path: string,
  text: string,
  base: string | undefined,
): Promise<void> {
  await repository.change(async () => {
    const inner = repository.inside(path)
    const staged = await blobAt(repository, path, 'index')
    if (staged?.oid !== base) {
      throw new OmegaError('CONFLICT', `What is staged of ${quote(path)} has changed meanwhile. Look at it again.`)
    }
    const there = staged
      ? decode((await readBlob(repository.git, staged.oid)) ?? new Uint8Array()).text
      : (await files.read(path)).text
    const input = toFile({ ...fromFile(there), text })
    const { stdout } = await repository.git.run(['hash-object', '-w', '--stdin', '--path', inner], { input })
    const file = staged ? undefined : await lookAtFile(join(repository.git.folder, inner))
    const mode = staged?.mode ?? (file?.kind === 'file' && file.executable ? '100755' : '100644')
    await repository.git.run(['update-index', '--add', '-z', '--index-info'], {
      input: `${mode} ${stdout.toString().trim()} 0\t${inner}\0`,
    })
  })
}

/** Throws away what was done to files since they were staged, and files nobody staged. What is lost can be restored. */
export async function discard(
  git: Git,
  repository: Repository,
  files: ProjectFiles,
  paths: readonly string[],
): Promise<GitResults['git.discard']> {
  await git.save(repository)
  return repository.change(async () => {
    await repository.look()
    const wanted = repository.state.changes.filter(({ path }) => paths.includes(path))
    for (const change of wanted) refuseDiscard(change)
    const kept = await keep(repository, wanted)
    const untracked = wanted.filter(({ worktree }) => worktree === '?').map(({ path }) => path)
    const tracked = wanted.filter(({ worktree }) => worktree !== '?' && worktree !== '.').map(({ path }) => path)
    await git.aside(
      repository,
      async () => {
        const input = GitProgram.list(tracked.map((path) => repository.inside(path)))
        if (tracked.length > 0)
          await repository.git.run(['checkout-index', '-f', '-u', '-q', '-z', '--stdin'], { input })
        for (const path of untracked) await files.remove(path)
      },
      wanted.map(({ path }) => path),
    )
    return kept
  })
}

function refuseDiscard({ path, conflict, submodule, unnamable }: Change): void {
  const reason =
    conflict !== undefined
      ? 'has a conflict; choose a side instead'
      : submodule || path.endsWith('/')
        ? 'is a git repository of its own'
        : unnamable
          ? 'has a name that is not UTF-8; use the terminal'
          : undefined
  if (reason !== undefined) throw new OmegaError('CONFLICT', `${quote(path)} ${reason}. Nothing was discarded.`)
}

/** Puts the files, as they are on the disk, among git's objects, where they stay for two weeks at least. */
async function keep(repository: Repository, changes: readonly Change[]): Promise<GitResults['git.discard']> {
  const { git } = repository
  const kept: DiscardedFile[] = []
  let lost = 0
  const plain: string[] = []
  for (const { path } of changes) {
    const there = await lookAtFile(join(git.folder, repository.inside(path)))
    if (there?.kind === 'file' && there.size <= MAX_KEPT_BYTES) plain.push(path)
    else if (there) lost++
  }
  for (let at = 0; at < plain.length; at += CHUNK) {
    const chunk = plain.slice(at, at + CHUNK)
    const names = chunk.map((path) => repository.inside(path))
    const { stdout } = await git.run(['hash-object', '-w', '--no-filters', '--', ...names])
    const oids = stdout.toString().split('\n')
    for (const [index, path] of chunk.entries()) kept.push({ path, oid: oids[index] ?? '' })
  }
  return { files: kept, lost }
}

/** Brings discarded files back as they were. */
export async function restore(
  git: Git,
  repository: Repository,
  files: ProjectFiles,
  wanted: readonly DiscardedFile[],
): Promise<void> {
  await repository.change(() =>
    git.aside(
      repository,
      async () => {
        for (const { path, oid } of wanted) {
          repository.inside(path)
          const bytes = await readBlob(repository.git, oid)
          if (!bytes) continue
          await makeParents(files, path)
          await files.overwrite(path, bytes)
        }
      },
      wanted.map(({ path }) => path),
    ),
  )
}

async function makeParents(files: ProjectFiles, path: string): Promise<void> {
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    await files.makeDirectory(path.slice(0, end)).catch((error: unknown) => {
      if (!(error instanceof OmegaError) || error.code !== 'FILE_EXISTS') throw error
    })
  }
}

/** Ends a file's conflict with one side of it. */
export async function takeSide(
  git: Git,
  repository: Repository,
  files: ProjectFiles,
  path: string,
  side: 'ours' | 'theirs',
): Promise<void> {
  await repository.change(async () => {
    const input = GitProgram.list([repository.inside(path)])
    const blob = await blobAt(repository, path, side)
    const others = await Promise.all(['base', 'ours', 'theirs'].map((at) => blobAt(repository, path, at)))
    if (!others.some((other) => other)) {
      throw new OmegaError('CONFLICT', `${quote(path)} has no conflict any more.`)
    }
    await git.aside(repository, async () => {
      if (blob) {
        const stage = side === 'ours' ? '--stage=2' : '--stage=3'
        await repository.git.run(['checkout-index', '-f', '-q', stage, '-z', '--stdin'], { input })
        await addToIndex(repository, [path])
        return
      }
      const there = await lookAtFile(join(repository.git.folder, repository.inside(path)))
      if (there) await files.remove(path)
      await repository.git.run(['update-index', '--force-remove', '-z', '--stdin'], { input })
    }, [path])
  })
}
