import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { Outcome } from '../../../core/wire/operations/git.ts'
import type { ProjectFiles } from '../../../drivers/project-files.ts'
import { mayStop } from './branches.ts'
import { isRefused } from './failure.ts'
import type { Git } from './git.ts'
import type { GitProgram } from './git-program.ts'
import type { JobContext } from './jobs.ts'
import type { Repository } from './repository.ts'
import { refusePassword } from './setup.ts'

/** So often a person may mistype a password. */
const SIGN_IN_TRIES = 3

/** Runs a command that talks to a server: with progress, and with somebody to ask. */
async function talk(
  git: Git,
  program: GitProgram,
  words: readonly string[],
  { signal, progress }: JobContext,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    let refused = false
    const onProgress = (line: string) => {
      refused ||= isRefused(line)
      progress(line)
    }
    try {
      await git.asks.during(program.environment, (env) => program.run(words, { env, signal, onProgress }))
      return
    } catch (error) {
      // The helper has forgotten the wrong answer, and asks again.
      if (!refused || attempt === SIGN_IN_TRIES || signal.aborted) throw error
    }
  }
}

/** Clones into a folder that is new or empty. */
export async function clone(git: Git, files: ProjectFiles, url: string, folder: string): Promise<{ root: string }> {
  refusePassword(url)
  const root = folder
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  const program = await git.program()
  let made = false
  if (root !== '') {
    made = await files.makeDirectory(root).then(
      () => true,
      (error: unknown) => {
        if (error instanceof OmegaError && error.code === 'FILE_EXISTS') return false
        throw error
      },
    )
  }
  if (!made && (await files.list(root)).entries.length > 0) {
    throw new OmegaError(
      'FILE_EXISTS',
      `${quote(root === '' ? 'The project' : root)} is not empty. Clone into another folder.`,
    )
  }
  const place = program.in(await files.folder(root))
  try {
    await git.jobs.run(root, `Clone ${nameOf(url)}`, (job) =>
      talk(git, place, ['clone', '--progress', '--', url, '.'], job),
    )
  } catch (error) {
    if (made && (await files.list(root)).entries.length === 0) await files.remove(root)
    throw error
  }
  await git.find(true)
  return { root }
}

export async function fetch(git: Git, repository: Repository, remote: string | undefined): Promise<void> {
  const which = remote === undefined ? ['--all'] : ['--', remote]
  await git.jobs.run(repository.root, 'Fetch', (job) =>
    talk(git, repository.git, ['fetch', '--progress', '--prune', ...which], job),
  )
  await repository.look()
}

/** Fetches the upstream and takes in its commits. */
export async function pull(
  git: Git,
  repository: Repository,
  mode: 'ff' | 'merge' | 'rebase' | undefined,
): Promise<Outcome> {
  const { remote, ref } = await upstreamOf(repository)
  await git.jobs.run(repository.root, 'Pull', (job) =>
    talk(git, repository.git, ['fetch', '--progress', '--', remote, ref], job),
  )
  await repository.look()
  const { behind, ahead } = repository.state
  if (behind === 0) return { conflicts: 0 }
  const how = mode ?? (ahead === 0 ? 'ff' : await configuredMode(repository.git))
  if (how === undefined || (how === 'ff' && ahead > 0)) {
    throw new OmegaError(
      'CONFLICT',
      'Here and on the server there are different commits. Choose whether to merge or to rebase.',
    )
  }
  if (how === 'rebase') return mayStop(git, repository, ['rebase', '--autostash', '@{upstream}'])
  return mayStop(git, repository, ['merge', how === 'ff' ? '--ff-only' : '--no-edit', '@{upstream}'])
}

/** What the person has set for branches that differ. */
async function configuredMode(git: GitProgram): Promise<'merge' | 'rebase' | undefined> {
  const { stdout } = await git.run(['config', '--get', 'pull.rebase'], { lockless: true, allows: [1] })
  const value = stdout.toString().trim()
  return value === '' ? undefined : value === 'false' ? 'merge' : 'rebase'
}

/** `remote`: publishes the branch there under its own name, which becomes its upstream. */
export async function push(
  git: Git,
  repository: Repository,
  options: { remote?: string; force?: boolean },
): Promise<void> {
  await repository.look()
  const { branch } = repository.state
  if (branch === undefined) {
    throw new OmegaError('CONFLICT', 'You are at a commit and on no branch. Create a branch first, then push it.')
  }
  const { remote, force } = options
  const target = remote === undefined ? await upstreamOf(repository) : { remote, ref: `refs/heads/${branch}` }
  const words = [
    'push',
    '--progress',
    ...(force ? ['--force-with-lease'] : []),
    ...(remote === undefined ? [] : ['-u']),
  ]
  await git.jobs.run(repository.root, force ? 'Force push' : 'Push', (job) =>
    talk(git, repository.git, [...words, '--', target.remote, `refs/heads/${branch}:${target.ref}`], job),
  )
  await repository.look()
}

/** Where the present branch goes, and comes from. */
async function upstreamOf(repository: Repository): Promise<{ remote: string; ref: string }> {
  await repository.look()
  const { branch } = repository.state
  const words = ['for-each-ref', '--format=%(upstream:remotename)%00%(upstream:remoteref)', `refs/heads/${branch}`]
  const [remote = '', ref = ''] = branch === undefined ? [] : (await repository.git.text(words)).split('\0')
  if (remote !== '' && ref !== '') return { remote, ref }
  throw new OmegaError('CONFLICT', `The branch ${quote(branch ?? 'here')} has no upstream. Publish it first.`)
}

function nameOf(url: string): string {
  return (
    url
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split(/[/:]/)
      .at(-1) || 'repository'
  )
}
