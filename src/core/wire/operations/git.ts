import { Type } from 'typebox'
import { type Done, nothing, path, strict } from './fields.ts'

/** Changes told of one repository; a folder with more of them should be ignored, and is told so (`truncated`). */
export const MAX_CHANGES = 5_000

/** A repository's folder, relative to the project; '' is the project itself. */
const root = path
/** Relative to the project, as everywhere. */
const paths = Type.Array(path, { minItems: 1, maxItems: MAX_CHANGES })
/** A commit by any name git knows; never an option. */
const ref = Type.String({ minLength: 1, maxLength: 500, pattern: '^[^-\\s\\u0000-\\u001f][^\\s\\u0000-\\u001f]*$' })
const name = ref
const url = Type.String({ minLength: 1, maxLength: 2_000, pattern: '^[^-\\s\\u0000-\\u001f][^\\s\\u0000-\\u001f]*$' })
const optional = Type.Optional
const text = Type.String({ maxLength: 8 * 1024 * 1024 })
const line = Type.String({ maxLength: 1_000, pattern: '^[^\\u0000-\\u001f<>]*$' })
const author = Type.Object({ name: line, email: line }, strict)

export const gitParams = {
  /** From now on `git.changed`, `git.jobs` and `git.asks` come to this page. Without any such page nothing is looked at. */
  'git.watch': nothing,
  'git.unwatch': nothing,
  /** Looks now. */
  'git.refresh': nothing,
  /** A file as it is somewhere. With `known`, the `oid` one has, the text is left out when it is the same. */
  'git.text': Type.Object(
    {
      root,
      path,
      /** `index`, a stage of a conflict (`base`, `ours`, `theirs`), or a commit. */
      at: ref,
      known: optional(Type.String({ maxLength: 64 })),
    },
    strict,
  ),
  /** Newest first. With `path`, of that file, over renames. */
  'git.log': Type.Object(
    {
      root,
      path: optional(path),
      from: optional(ref),
      skip: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
      limit: Type.Integer({ minimum: 1, maximum: 500 }),
    },
    strict,
  ),
  /** A commit with its whole message and the files it changed against its first parent. */
  'git.commitDetails': Type.Object({ root, commit: ref }, strict),
  'git.branches': Type.Object({ root }, strict),
  'git.stashes': Type.Object({ root }, strict),
  /** Who commits here, as git is set up. */
  'git.identity': Type.Object({ root }, strict),
  /** The public half of the key that ssh uses, if there is one. */
  'git.sshKey': nothing,
  /** Makes a folder a repository. */
  'git.init': Type.Object({ folder: path }, strict),
  /** Writes `ignore` for what should not be in a repository: node_modules and the like. */
  'git.ignore': Type.Object({ root, patterns: Type.Array(line, { minItems: 1, maxItems: 100 }) }, strict),
  /** Makes git work in a folder that belongs to somebody else. */
  'git.trust': Type.Object({ root }, strict),
  /** Without `paths`, everything. A conflict's file is resolved by it. */
  'git.stage': Type.Object({ root, paths: optional(paths) }, strict),
  'git.unstage': Type.Object({ root, paths: optional(paths) }, strict),
  /** Makes `text` the staged content of a file, if the staged one is `base` still (none: it is not staged). */
  'git.stageText': Type.Object({ root, path, text, base: optional(Type.String({ maxLength: 64 })) }, strict),
  /** Makes files what they are in the index, removes untracked ones. */
  'git.discard': Type.Object({ root, paths }, strict),
  /** Takes a discard back. */
  'git.restore': Type.Object(
    {
      root,
      files: Type.Array(Type.Object({ path, oid: Type.String({ pattern: '^[0-9a-f]{40,64}$' }) }, strict), {
        minItems: 1,
        maxItems: MAX_CHANGES,
      }),
    },
    strict,
  ),
  /** Ends a conflict by taking one side whole; a side that deleted the file deletes it. */
  'git.takeSide': Type.Object({ root, path, side: Type.Union([Type.Literal('ours'), Type.Literal('theirs')]) }, strict),
  'git.commit': Type.Object(
    { root, message: text, amend: optional(Type.Boolean()), all: optional(Type.Boolean()), author: optional(author) },
    strict,
  ),
  /** Takes the last commit back; what it changed is staged. */
  'git.undoCommit': Type.Object({ root }, strict),
  /** `create`: a new branch of that name, from `from` or where we are. `detach`: the commit itself. */
  'git.switch': Type.Object(
    { root, to: ref, create: optional(Type.Boolean()), detach: optional(Type.Boolean()), from: optional(ref) },
    strict,
  ),
  'git.renameBranch': Type.Object({ root, branch: name, to: name }, strict),
  'git.deleteBranch': Type.Object({ root, branch: name, force: optional(Type.Boolean()) }, strict),
  'git.tag': Type.Object({ root, tag: name, at: optional(ref), remove: optional(Type.Boolean()) }, strict),
  'git.merge': Type.Object({ root, ref }, strict),
  'git.rebase': Type.Object({ root, onto: ref }, strict),
  /** Goes on with a merge, rebase, cherry-pick or revert that waits, or takes it back. */
  'git.proceed': Type.Object(
    { root, action: Type.Union([Type.Literal('continue'), Type.Literal('abort'), Type.Literal('skip')]) },
    strict,
  ),
  'git.stash': Type.Object({ root, message: optional(line), untracked: optional(Type.Boolean()) }, strict),
  'git.useStash': Type.Object(
    {
      root,
      /** 0 is the last one. */
      stash: Type.Integer({ minimum: 0, maximum: 10_000 }),
      action: Type.Union([Type.Literal('pop'), Type.Literal('apply'), Type.Literal('drop')]),
    },
    strict,
  ),
  'git.addRemote': Type.Object({ root, remote: name, url }, strict),
  'git.removeRemote': Type.Object({ root, remote: name }, strict),
  /** Into a folder that is new or empty. */
  'git.clone': Type.Object({ url, folder: path }, strict),
  'git.fetch': Type.Object({ root, remote: optional(name) }, strict),
  /** Without `mode` as git is set up; refused when both sides have commits and nothing says what to do. */
  'git.pull': Type.Object(
    { root, mode: optional(Type.Union([Type.Literal('ff'), Type.Literal('merge'), Type.Literal('rebase')])) },
    strict,
  ),
  /** The present branch, to its upstream. With `remote` that becomes its upstream. `force`: unless it moved meanwhile. */
  'git.push': Type.Object({ root, remote: optional(name), force: optional(Type.Boolean()) }, strict),
  'git.cancel': Type.Object({ job: Type.Integer({ minimum: 1 }) }, strict),
  /** What a person says to an ask: its fields' values in order, or none to refuse. */
  'git.answer': Type.Object(
    {
      ask: Type.Integer({ minimum: 1 }),
      values: optional(Type.Array(Type.String({ maxLength: 16_384, pattern: '^[^\\u0000\\r\\n]*$' }), { maxItems: 2 })),
      /** Until the sandbox stops, if it turns out to be right. */
      keep: Type.Boolean(),
    },
    strict,
  ),
  /** Forgets all that is kept. */
  'git.forget': nothing,
  'git.setIdentity': Type.Object({ author }, strict),
  'git.makeSshKey': nothing,
}

/** What happened to a file: modified, added, deleted, renamed, copied, type changed, unmerged, untracked, nothing. */
export type ChangeKind = 'M' | 'A' | 'D' | 'R' | 'C' | 'T' | 'U' | '?' | '.'

export interface Change {
  /** Relative to the project. */
  path: string
  /** What it was called before. */
  from?: string
  /** Between the last commit and the index. */
  index: ChangeKind
  /** Between the index and the file. */
  worktree: ChangeKind
  /** Both letters of an unmerged file: `UU` both changed it, `DU` deleted by us, ... */
  conflict?: string
  submodule?: true
  /** Its name is not UTF-8: it cannot be named, only be staged with all others. */
  unnamable?: true
}

/** Something that waits for a person to go on. */
export interface Unfinished {
  kind: 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'bisect'
  /** The branch that is being rebased. */
  branch?: string
  /** Of a rebase: the commit it is at, and how many there are. */
  step?: number
  steps?: number
}

export interface Remote {
  name: string
  /** Without a password. */
  url: string
}

/**
 * untrusted  the folder belongs to another user, and git does not work there unless told so
 * failed     git says what is wrong
 */
export type RepositoryProblem = { kind: 'untrusted' | 'failed'; detail: string }

/** A repository as it is now. */
export interface Repository {
  root: string
  /** Undefined for a detached HEAD. */
  branch?: string
  /** Undefined before the first commit. */
  commit?: string
  upstream?: string
  /** Commits that the upstream lacks, and that we lack. */
  ahead: number
  behind: number
  changes: Change[]
  /** There are more. */
  truncated?: true
  unfinished?: Unfinished
  /** What the next commit should say, as git prepared it for a merge. */
  message?: string
  stashes: number
  remotes: Remote[]
  problem?: RepositoryProblem
}

/** Something that takes its time. */
export interface Job {
  job: number
  root: string
  title: string
  /** What git says it does now. */
  text: string
  percent?: number
}

/** What a git program asks a person. */
export interface Ask {
  ask: number
  /** host-key: whether to trust a server; its answer is `yes`. */
  kind: 'password' | 'passphrase' | 'host-key' | 'other'
  /** Who wants to know it: `page` for what a page began, or else something in a terminal. */
  from: 'page' | 'terminal'
  /** In words. */
  prompt: string
  /** Where it goes to, like `https://example.com`. */
  address?: string
  /** Already known. */
  username?: string
  /** The last answer was refused by the server. */
  again?: true
}

export interface Commit {
  commit: string
  parents: string[]
  author: string
  email: string
  /** Milliseconds since 1970. */
  at: number
  subject: string
  /** Branches and tags that point to it. */
  refs: string[]
  /** Of a file's history: what it was called then. */
  path?: string
}

export interface CommitFile {
  path: string
  from?: string
  kind: ChangeKind
}

export interface Branch {
  name: string
  kind: 'local' | 'remote' | 'tag'
  commit: string
  subject: string
  at: number
  upstream?: string
  /** Commits that the upstream lacks, and that it has beyond. */
  ahead?: number
  behind?: number
  /** Its upstream is not there any more. */
  gone?: true
}

export interface Stash {
  stash: number
  message: string
  at: number
}

export interface GitText {
  /** Of the blob; absent when there is no such file there. */
  oid?: string
  /** With `\n` where all its lines end with `\r\n`. Absent when it is what the page knows, or no text. */
  text?: string
  /** Why it is not shown. */
  unshown?: 'binary' | 'large' | 'submodule'
}

/** What came of something that may stop half-way. */
export interface Outcome {
  /** Files that a person must put right. */
  conflicts: number
}

export interface DiscardedFile {
  path: string
  oid: string
}

export interface GitResults {
  'git.watch': { repositories: Repository[]; jobs: Job[]; asks: Ask[] }
  'git.unwatch': Done
  'git.refresh': Done
  'git.text': GitText
  'git.log': { commits: Commit[]; more: boolean }
  'git.commitDetails': Commit & { message: string; files: CommitFile[] }
  'git.branches': { branches: Branch[] }
  'git.stashes': { stashes: Stash[] }
  'git.identity': { name?: string; email?: string }
  'git.sshKey': { file: string; publicKey?: string }
  'git.init': { root: string /** Folders that hardly belong in it, and are not ignored. */; unignored: string[] }
  'git.ignore': Done
  'git.trust': Done
  'git.stage': Done
  'git.unstage': Done
  'git.stageText': Done
  /** What `git.restore` takes to bring it back; `lost` files were too large or no files. */
  'git.discard': { files: DiscardedFile[]; lost: number }
  'git.restore': Done
  'git.takeSide': Done
  'git.commit': { commit: string }
  'git.undoCommit': { message: string }
  'git.switch': Done
  'git.renameBranch': Done
  'git.deleteBranch': { commit: string }
  'git.tag': Done
  'git.merge': Outcome
  'git.rebase': Outcome
  'git.proceed': Outcome
  'git.stash': Done
  'git.useStash': Outcome
  'git.addRemote': Done
  'git.removeRemote': Done
  'git.clone': { root: string }
  'git.fetch': Done
  'git.pull': Outcome
  'git.push': Done
  'git.cancel': Done
  'git.answer': Done
  'git.forget': Done
  'git.setIdentity': Done
  'git.makeSshKey': { file: string; publicKey: string }
}

export interface GitEvents {
  /** All repositories of the project as they are now. */
  'git.changed': { repositories: Repository[] }
  /** All that is under way. */
  'git.jobs': { jobs: Job[] }
  /** All that is asked. */
  'git.asks': { asks: Ask[] }
}
