import { OmegaError } from '../../../core/errors.ts'
import type { Change, Repository } from '../../../core/wire/operations/git.ts'
import type { Operation, Params, Results } from '../../../core/wire/operations.ts'
import { nameOf } from '../files/paths.ts'
import { viewTab } from '../tabs/tab-view.ts'
import { diffTab, MERGE_VIEW } from './diff-tab.ts'
import type { GitPart } from './git-part.ts'

/** What can be done with files and commits, with the questions and notices that belong to it. Never rejects. */
export class GitActions {
  readonly part: GitPart

  constructor(part: GitPart) {
    this.part = part
  }

  request<O extends Operation>(op: O, params: Params<O>): Promise<Results[O]> {
    return this.part.workspace.connection.request(op, params)
  }

  /** Undefined when it failed; then it was said. */
  async try<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work
    } catch (error) {
      this.part.workspace.notices.failed(error)
      return undefined
    }
  }

  async stage({ root }: Repository, changes?: readonly Change[]): Promise<void> {
    if (changes?.length === 0) return
    await this.try(this.request('git.stage', { root, ...(changes ? { paths: changes.map(({ path }) => path) } : {}) }))
  }

  async unstage({ root }: Repository, changes?: readonly Change[]): Promise<void> {
    if (changes?.length === 0) return
    await this.try(
      this.request('git.unstage', { root, ...(changes ? { paths: changes.map(({ path }) => path) } : {}) }),
    )
  }

  /** Asks, throws away, and offers to take it back. */
  async discard({ root }: Repository, changes: readonly Change[]): Promise<void> {
    const { dialogs, workspace } = this.part
    const untracked = changes.filter(({ worktree }) => worktree === '?').length
    const what = changes.length === 1 ? nameOf(changes[0]?.path ?? '') : `${changes.length} files`
    const removes =
      untracked === 0
        ? ''
        : untracked === 1
          ? ' A file that git does not know is deleted.'
          : ` ${untracked} files that git does not know are deleted.`
    const answer = await dialogs.confirm({
      title: `Discard the changes in ${what}?`,
      detail: `They become what was staged or committed last.${removes} Right after it you can take it back.`,
      actions: [{ id: 'discard', title: 'Discard', danger: true }],
    })
    if (answer === undefined) return
    const result = await this.try(this.request('git.discard', { root, paths: changes.map(({ path }) => path) }))
    if (!result) return
    const { files, lost } = result
    const undo = () => void this.try(this.request('git.restore', { root, files }))
    workspace.notices.say(`Discarded the changes in ${what}.`, {
      ...(lost > 0 ? { detail: `${lost} of them cannot be brought back: too large, or no plain files.` } : {}),
      actions: files.length > 0 ? [{ title: 'Undo', run: undo }] : [],
    })
  }

  /** True when it was done. */
  async commit(repository: Repository, message: string, amend: boolean): Promise<boolean> {
    const { root, changes } = repository
    if (changes.some(({ conflict }) => conflict !== undefined)) {
      this.part.workspace.notices.say('Some files have conflicts still. Resolve them first.', { kind: 'warning' })
      return false
    }
    const staged = changes.some(({ index }) => index !== '.')
    let all = false
    if (!staged && !amend && repository.unfinished === undefined) {
      if (changes.length === 0) {
        this.part.workspace.notices.say('There is nothing to commit: no file has changed.')
        return false
      }
      const answer = await this.part.dialogs.confirm({
        title: 'Nothing is staged',
        detail: `Stage all ${changes.length} changed files and commit them?`,
        actions: [{ id: 'all', title: 'Stage all and commit' }],
      })
      if (answer === undefined) return false
      all = true
    }
    return this.#commits(root, { message, amend, all })
  }

  async undoCommit({ root }: Repository): Promise<string | undefined> {
    const answer = await this.part.dialogs.confirm({
      title: 'Take the last commit back?',
      detail: 'What it changed stays, and is staged. Do not do this with a commit that others have already.',
      actions: [{ id: 'undo', title: 'Undo commit' }],
    })
    return answer && (await this.try(this.request('git.undoCommit', { root })))?.message
  }

  /** Asks for name and address, for this person's commits from now on; true when they were given. */
  async introduce(root: string): Promise<boolean> {
    const { settings } = this.part.workspace
    const known = await this.request('git.identity', { root }).catch(() => ({}) as { name?: string; email?: string })
    const { gitName, gitEmail } = settings.values.get()
    const values = await this.part.dialogs.form({
      title: 'Who commits?',
      detail: 'Git writes this into each commit. It is kept in your settings, and in this sandbox for its terminals.',
      fields: [
        { id: 'name', label: 'Your name', value: gitName || known.name || '', placeholder: 'Ada Lovelace' },
        { id: 'email', label: 'E-mail address', value: gitEmail || known.email || '', placeholder: 'ada@example.com' },
      ],
      action: 'Save',
    })
    const [name, email] = [values?.name?.trim() ?? '', values?.email?.trim() ?? '']
    if (name === '' || email === '') return false
    settings.set('gitName', name)
    settings.set('gitEmail', email)
    if (known.name && known.email) return true
    return (await this.try(this.request('git.setIdentity', { author: { name, email } }))) !== undefined
  }

  async init(): Promise<void> {
    const made = await this.try(this.request('git.init', { folder: '' }))
    if (!made || made.unignored.length === 0) return
    const { root, unignored } = made
    const answer = await this.part.dialogs.confirm({
      title: 'Ignore what does not belong in a repository?',
      detail: `${unignored.join(', ')}: made by programs or secret. They can be added to .gitignore.`,
      actions: [{ id: 'ignore', title: 'Add to .gitignore' }],
    })
    if (answer) await this.try(this.request('git.ignore', { root, patterns: unignored }))
  }

  trust({ root }: Repository): void {
    void this.try(this.request('git.trust', { root }))
  }

  ignore({ root }: Repository, { path }: Change): void {
    const inner = root === '' ? path : path.slice(root.length + 1)
    // gitignore(5): what means something there is taken as it is.
    const pattern = `/${inner.replace(/[\\*?[ ]/g, '\\$&')}`
    void this.try(this.request('git.ignore', { root, patterns: [pattern] }))
  }

  takeSide({ root }: Repository, { path }: Change, side: 'ours' | 'theirs'): void {
    void this.try(this.request('git.takeSide', { root, path, side }))
  }

  /** Shows what has changed: a conflict in its three versions, else both sides. */
  open(repository: Repository, change: Change, side: 'index' | 'worktree'): void {
    const { workspace } = this.part
    const { root } = repository
    const { path, from, index, worktree, conflict } = change
    if (conflict !== undefined) {
      if (/^(?:UU|AA)$/.test(conflict)) workspace.tabs.open(viewTab(MERGE_VIEW, JSON.stringify({ root, path })))
      else workspace.openFile(path)
    } else if (worktree === '?') {
      if (!path.endsWith('/')) workspace.openFile(path)
    } else if (side === 'index') {
      const left = index === 'A' || repository.commit === undefined ? '' : 'HEAD'
      workspace.tabs.open(diffTab({ root, path, ...(from ? { from } : {}), left, right: index === 'D' ? '' : 'index' }))
    } else workspace.tabs.open(diffTab({ root, path, left: 'index', right: worktree === 'D' ? '' : 'file' }))
    workspace.layout.showPane('editor')
  }

  proceed({ root }: Repository, action: 'continue' | 'abort' | 'skip'): Promise<unknown> {
    return this.try(
      this.request('git.proceed', { root, action }).then((outcome) => this.sayConflicts(outcome.conflicts)),
    )
  }

  sayConflicts(conflicts: number): void {
    if (conflicts === 0) return
    const { workspace } = this.part
    workspace.notices.say(
      `${conflicts} ${conflicts === 1 ? 'file has' : 'files have'} conflicts. Resolve them, then continue.`,
      {
        kind: 'warning',
        actions: [{ title: 'Show', run: () => workspace.layout.showSideView('git') }],
      },
    )
  }

  async #commits(root: string, options: { message: string; amend: boolean; all: boolean }): Promise<boolean> {
    const { settings, notices } = this.part.workspace
    const { message, amend, all } = options
    const { gitName: name, gitEmail: email } = settings.values.get()
    const author = name && email ? { author: { name, email } } : {}
    try {
      await this.request('git.commit', {
        root,
        message,
        ...(amend ? { amend } : {}),
        ...(all ? { all } : {}),
        ...author,
      })
      return true
    } catch (error) {
      const isUnknown = error instanceof OmegaError && error.code === 'PRECONDITION_FAILED'
      if (isUnknown && (await this.introduce(root))) return this.#commits(root, { message, amend, all: false })
      if (!isUnknown) notices.failed(error)
      return false
    }
  }
}
