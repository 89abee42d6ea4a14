import { OmegaError } from '../../../core/errors.ts'
import type { Git } from './git.ts'
import type { GitProgram } from './git-program.ts'
import type { Repository } from './repository.ts'
import { stage } from './staging.ts'

export interface CommitOptions {
  message: string
  amend?: boolean
  /** Stages everything before. */
  all?: boolean
  author?: { name: string; email: string }
}

/** Commits what is staged; hooks run as in a terminal. */
export async function commit(git: Git, repository: Repository, options: CommitOptions): Promise<{ commit: string }> {
  const { message, amend, all, author } = options
  if (message.trim() === '' && !amend) throw new OmegaError('INVALID_REQUEST', 'A commit needs a message.')
  if (all) await stage(git, repository, undefined)
  else await git.save(repository)
  return repository.change(async () => {
    const words = [
      'commit',
      '-q',
      ...(amend ? ['--amend'] : []),
      ...(message.trim() === '' ? ['--no-edit'] : ['-F', '-']),
    ]
    await repository.git.run(words, { input: message, env: identityOf(author) })
    return { commit: await repository.git.text(['rev-parse', 'HEAD']) }
  })
}

function identityOf(author: { name: string; email: string } | undefined): Record<string, string> {
  if (!author || author.name.trim() === '' || author.email.trim() === '') return {}
  const { name, email } = author
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  }
}

/** Takes the last commit back, its changes staged; gives its message. */
export async function undoCommit(repository: Repository): Promise<{ message: string }> {
  return repository.change(async () => {
    const message = await repository.git.text(['log', '-n1', '--format=%B', 'HEAD', '--'])
    const parents = (await repository.git.text(['log', '-n1', '--format=%P', 'HEAD', '--'])).split(' ').filter(Boolean)
    if (parents.length > 1) {
      throw new OmegaError('CONFLICT', 'The last commit is a merge. Undo it in a terminal: git reset --merge HEAD~1.')
    }
    const words = parents.length === 1 ? ['reset', '-q', '--soft', 'HEAD~1'] : ['update-ref', '-d', 'HEAD']
    await repository.git.run(words)
    return { message: message.trim() }
  })
}

export async function readIdentity(git: GitProgram): Promise<{ name?: string; email?: string }> {
  const read = async (key: string) =>
    (await git.run(['config', key], { lockless: true, allows: [1] })).stdout.toString().trim()
  const [name, email] = await Promise.all([read('user.name'), read('user.email')])
  return { ...(name ? { name } : {}), ...(email ? { email } : {}) }
}

/** For all repositories of the sandbox, its terminals included. */
export async function setIdentity(git: GitProgram, { name, email }: { name: string; email: string }): Promise<void> {
  await git.run(['config', '--global', 'user.name', name])
  await git.run(['config', '--global', 'user.email', email])
}
