import type { Branch, Commit, CommitFile, GitResults, Stash } from '../../../core/wire/operations/git.ts'
import type { GitProgram } from './git-program.ts'
import type { Repository } from './repository.ts'
import { decode, joinPath, splitRecords } from './status.ts'

/** Fields end with NUL, since a subject may hold anything else. */
const commitFormat = '%H%x00%P%x00%an%x00%ae%x00%at%x00%s%x00%D'
const COMMIT_FIELDS = 7
const MAX_FILES = 5_000
const MAX_REFS = 2_000
const LOG_BYTES = 16 * 1024 * 1024

export async function readLog(
  repository: Repository,
  options: { path?: string; from?: string; skip: number; limit: number },
): Promise<GitResults['git.log']> {
  const { path, from = 'HEAD', skip, limit } = options
  if (from === 'HEAD' && repository.state.commit === undefined) return { commits: [], more: false }
  // Skipped commits are not looked into, so that renames among them would be missed: those of a file are skipped here.
  const [skipped, dropped] = path === undefined ? [skip, 0] : [0, skip]
  const words = ['log', '-z', `--format=${commitFormat}`, '--decorate=short']
  words.push(`--skip=${skipped}`, `-n${dropped + limit + 1}`)
  const ofFile = path === undefined ? [from, '--'] : ['--follow', '--name-status', from, '--', repository.inside(path)]
  const literal = path === undefined ? [] : ['--literal-pathspecs']
  const { stdout } = await repository.git.run([...literal, ...words, ...ofFile], {
    lockless: true,
    maxBytes: LOG_BYTES,
  })
  const commits = parseLog(stdout, repository.root).slice(dropped)
  return { commits: commits.slice(0, limit), more: commits.length > limit }
}

/** Reads `git log -z` in our format, each commit with the one file it is about behind it or without. */
export function parseLog(output: Uint8Array, prefix: string): Commit[] {
  const tokens = splitRecords(output).map((record) => decode(record).text)
  const commits: Commit[] = []
  for (let at = 0; at + COMMIT_FIELDS <= tokens.length; ) {
    const commit = commitOf(tokens.slice(at, at + COMMIT_FIELDS))
    at += COMMIT_FIELDS
    const kind = tokens[at]?.startsWith('\n') ? tokens[at]?.slice(1) : undefined
    if (kind !== undefined) {
      const names = /^[RC]/.test(kind) ? 2 : 1
      commit.path = joinPath(prefix, tokens[at + names] ?? '')
      at += 1 + names
    }
    commits.push(commit)
  }
  return commits
}

function commitOf([
  commit = '',
  parents = '',
  author = '',
  email = '',
  at = '',
  subject = '',
  refs = '',
]: string[]): Commit {
  return {
    commit,
    parents: parents.split(' ').filter(Boolean),
    author,
    email,
    at: Number(at) * 1000,
    subject,
    refs: refs.split(', ').filter((ref) => ref !== '' && !ref.endsWith('/HEAD')),
  }
}

export async function readCommit(repository: Repository, name: string): Promise<GitResults['git.commitDetails']> {
  const { git, root } = repository
  const words = ['log', '-z', '-n1', '--decorate=short', `--format=${commitFormat}%x00%B`, name, '--']
  const { stdout } = await git.run(words, { lockless: true, maxBytes: LOG_BYTES })
  const tokens = splitRecords(stdout).map((record) => decode(record).text)
  const commit = commitOf(tokens.slice(0, COMMIT_FIELDS))
  const message = (tokens[COMMIT_FIELDS] ?? '').trim()
  const [parent] = commit.parents
  const between = parent === undefined ? ['--root', commit.commit] : [parent, commit.commit]
  const diff = await git.run(['diff-tree', '-r', '-z', '-M', '--no-commit-id', '--name-status', ...between], {
    lockless: true,
    maxBytes: LOG_BYTES,
  })
  return { ...commit, message, files: parseNameStatus(diff.stdout, root).slice(0, MAX_FILES) }
}

/** Reads `--name-status -z`. */
export function parseNameStatus(output: Uint8Array, prefix: string): CommitFile[] {
  const tokens = splitRecords(output).map((record) => decode(record).text)
  const files: CommitFile[] = []
  for (let at = 0; at + 1 < tokens.length; ) {
    const kind = (tokens[at]?.[0] ?? '.') as CommitFile['kind']
    const renamed = kind === 'R' || kind === 'C'
    const path = joinPath(prefix, tokens[at + (renamed ? 2 : 1)] ?? '')
    files.push(renamed ? { kind, path, from: joinPath(prefix, tokens[at + 1] ?? '') } : { kind, path })
    at += renamed ? 3 : 2
  }
  return files
}

const refFields = [
  'refname',
  'objectname',
  '*objectname',
  'creatordate:unix',
  'upstream:short',
  'upstream:track',
  'contents:subject',
  'symref',
]

export async function readBranches(git: GitProgram): Promise<Branch[]> {
  const format = refFields.map((field) => `%(${field})`).join('%00')
  const words = ['for-each-ref', `--format=${format}`, '--sort=-creatordate', `--count=${MAX_REFS}`]
  return parseBranches(await git.text([...words, 'refs/heads', 'refs/remotes', 'refs/tags']))
}

/** A line for each; none of the fields holds a newline. */
export function parseBranches(output: string): Branch[] {
  return output.split('\n').flatMap((line): Branch[] => {
    const [ref = '', commit = '', peeled = '', at = '', upstream = '', track = '', subject = '', symref = ''] =
      line.split('\0')
    const match = /^refs\/(heads|remotes|tags)\/(.+)$/.exec(ref)
    if (!match || symref !== '') return []
    const kind = match[1] === 'heads' ? 'local' : match[1] === 'remotes' ? 'remote' : 'tag'
    const ahead = /ahead (\d+)/.exec(track)
    const behind = /behind (\d+)/.exec(track)
    return [
      {
        name: match[2] ?? '',
        kind,
        commit: peeled || commit,
        subject,
        at: Number(at) * 1000,
        ...(upstream ? { upstream } : {}),
        ...(ahead ? { ahead: Number(ahead[1]) } : {}),
        ...(behind ? { behind: Number(behind[1]) } : {}),
        ...(track === '[gone]' ? { gone: true } : {}),
      },
    ]
  })
}

export async function readStashes(git: GitProgram): Promise<Stash[]> {
  const { stdout } = await git.run(['stash', 'list', '-z', '--format=%at%x00%gs'], { lockless: true })
  const tokens = splitRecords(stdout).map((record) => decode(record).text)
  const stashes: Stash[] = []
  for (let at = 0; at + 1 < tokens.length; at += 2) {
    stashes.push({ stash: at / 2, at: Number(tokens[at]) * 1000, message: tokens[at + 1] ?? '' })
  }
  return stashes
}
