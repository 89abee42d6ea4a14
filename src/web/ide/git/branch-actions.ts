import { OmegaError } from '../../../core/errors.ts'
import type { Branch, Repository } from '../../../core/wire/operations/git.ts'
import type { GitActions } from './actions.ts'
import type { Choice } from './dialogs.ts'

/** What can be done with branches, tags and stashes. Never rejects. */
export class BranchActions {
  readonly #actions: GitActions

  constructor(actions: GitActions) {
    this.#actions = actions
  }

  /** Shows the branches: choose one to switch to, or make a new one. */
  async switch(repository: Repository): Promise<void> {
    const { dialogs } = this.#actions.part
    const branches = await this.#branches(repository)
    if (!branches) return
    const create: Choice<Branch | 'create'> = {
      id: 'create',
      title: 'Create a new branch…',
      detail: 'from where you are',
      value: 'create',
    }
    const choice = await dialogs.pick('Switch to a branch or tag', [create, ...choicesOf(branches, repository)])
    if (!choice) return
    if (choice === 'create') await this.create(repository)
    else if (choice.kind === 'local') await this.#switches(repository, { to: choice.name })
    else if (choice.kind === 'tag') await this.#switches(repository, { to: choice.name, detach: true })
    else {
      const local = choice.name.replace(/^[^/]+\//, '')
      const known = branches.some(({ kind, name }) => kind === 'local' && name === local)
      await this.#switches(repository, known ? { to: local } : { to: local, create: true, from: choice.name })
    }
  }

  async create(repository: Repository, from?: string): Promise<void> {
    const values = await this.#actions.part.dialogs.form({
      title: 'New branch',
      ...(from === undefined ? {} : { detail: `From ${from.slice(0, 12)}.` }),
      fields: [{ id: 'name', label: 'Name', placeholder: 'feature/search' }],
      action: 'Create and switch',
    })
    const to = values?.name?.trim().replace(/\s+/g, '-')
    if (to) await this.#switches(repository, { to, create: true, ...(from === undefined ? {} : { from }) })
  }

  async rename(repository: Repository): Promise<void> {
    const { branch, root } = repository
    if (branch === undefined) return
    const values = await this.#actions.part.dialogs.form({
      title: `Rename branch ${branch}`,
      fields: [{ id: 'name', label: 'New name', value: branch }],
      action: 'Rename',
    })
    const to = values?.name?.trim()
    if (to && to !== branch) await this.#try('git.renameBranch', { root, branch, to })
  }

  async remove(repository: Repository): Promise<void> {
    const { root } = repository
    const branch = await this.#choose(
      repository,
      'Delete a branch',
      (one) => one.kind === 'local' && one.name !== repository.branch,
    )
    if (!branch) return
    const { part } = this.#actions
    const say = ({ commit }: { commit: string }) =>
      part.workspace.notices.say(`Deleted branch ${branch.name}.`, {
        actions: [
          {
            title: 'Undo',
            run: () =>
              void this.#actions.try(
                this.#actions.request('git.switch', { root, to: branch.name, create: true, from: commit }),
              ),
          },
        ],
      })
    try {
      say(await this.#actions.request('git.deleteBranch', { root, branch: branch.name }))
    } catch (error) {
      if (!(error instanceof OmegaError) || error.code !== 'CONFLICT') return part.workspace.notices.failed(error)
      const answer = await part.dialogs.confirm({
        title: `Delete ${branch.name} all the same?`,
        detail: error.message,
        actions: [{ id: 'force', title: 'Delete', danger: true }],
      })
      if (!answer) return
      const deleted = await this.#actions.try(
        this.#actions.request('git.deleteBranch', { root, branch: branch.name, force: true }),
      )
      if (deleted) say(deleted)
    }
  }

  async merge(repository: Repository): Promise<void> {
    const branch = await this.#choose(
      repository,
      `Merge into ${repository.branch ?? 'HEAD'}`,
      (one) => one.name !== repository.branch,
    )
    if (branch) await this.#outcome(this.#actions.request('git.merge', { root: repository.root, ref: branch.name }))
  }

  async rebase(repository: Repository): Promise<void> {
    const branch = await this.#choose(
      repository,
      `Rebase ${repository.branch ?? 'HEAD'} onto`,
      (one) => one.name !== repository.branch,
    )
    if (branch) await this.#outcome(this.#actions.request('git.rebase', { root: repository.root, onto: branch.name }))
  }

  async tag({ root }: Repository, at?: string): Promise<void> {
    const values = await this.#actions.part.dialogs.form({
      title: 'New tag',
      fields: [{ id: 'name', label: 'Name', placeholder: 'v1.0.0' }],
      action: 'Create',
    })
    const tag = values?.name?.trim()
    if (tag) await this.#try('git.tag', { root, tag, ...(at === undefined ? {} : { at }) })
  }

  async stash({ root, changes }: Repository): Promise<void> {
    const untracked = changes.some(({ worktree }) => worktree === '?')
    const values = await this.#actions.part.dialogs.form({
      title: 'Stash all changes',
      detail: untracked
        ? 'They are put aside, untracked files too, and can be brought back.'
        : 'They are put aside and can be brought back.',
      fields: [{ id: 'message', label: 'What are they?', placeholder: 'optional', optional: true }],
      action: 'Stash',
    })
    if (!values) return
    const message = values.message?.trim()
    await this.#try('git.stash', { root, ...(untracked ? { untracked } : {}), ...(message ? { message } : {}) })
  }

  async useStash({ root }: Repository, action: 'pop' | 'apply' | 'drop'): Promise<void> {
    const found = await this.#actions.try(this.#actions.request('git.stashes', { root }))
    if (!found) return
    const stash = await this.#actions.part.dialogs.pick(
      action === 'drop' ? 'Delete a stash' : 'Bring back a stash',
      found.stashes.map(({ stash: number, message, at }) => ({
        id: String(number),
        title: message,
        detail: new Date(at).toLocaleString(),
        value: number,
      })),
    )
    if (stash !== undefined) await this.#outcome(this.#actions.request('git.useStash', { root, stash, action }))
  }

  /** Switches; changes in the way may be taken along in a stash. */
  async #switches(
    repository: Repository,
    options: { to: string; create?: boolean; detach?: boolean; from?: string },
  ): Promise<void> {
    const { root } = repository
    const { part } = this.#actions
    try {
      await this.#actions.request('git.switch', { root, ...options })
    } catch (error) {
      if (!(error instanceof OmegaError) || error.code !== 'CONFLICT' || !/would be lost/.test(error.message)) {
        return part.workspace.notices.failed(error)
      }
      const answer = await part.dialogs.confirm({
        title: `Your changes are in the way of ${options.to}`,
        detail: error.message,
        actions: [
          { id: 'carry', title: 'Stash, switch, bring back' },
          { id: 'stash', title: 'Stash and switch' },
        ],
      })
      if (!answer) return
      const switched = await this.#actions.try(
        this.#actions
          .request('git.stash', { root, untracked: true, message: `before ${options.to}` })
          .then(() => this.#actions.request('git.switch', { root, ...options })),
      )
      if (switched && answer === 'carry')
        await this.#outcome(this.#actions.request('git.useStash', { root, stash: 0, action: 'pop' }))
    }
  }

  async #choose(
    repository: Repository,
    label: string,
    wanted: (branch: Branch) => boolean,
  ): Promise<Branch | undefined> {
    const branches = await this.#branches(repository)
    const choices = choicesOf((branches ?? []).filter(wanted), repository)
    return branches && this.#actions.part.dialogs.pick(label, choices)
  }

  async #branches({ root }: Repository): Promise<Branch[] | undefined> {
    return (await this.#actions.try(this.#actions.request('git.branches', { root })))?.branches
  }

  async #outcome(work: Promise<{ conflicts: number }>): Promise<void> {
    const outcome = await this.#actions.try(work)
    if (outcome) this.#actions.sayConflicts(outcome.conflicts)
  }

  async #try(...[op, params]: Parameters<GitActions['request']>): Promise<void> {
    await this.#actions.try(this.#actions.request(op, params))
  }
}

const groups = { local: 'Branches', remote: 'On servers', tag: 'Tags' }

function choicesOf(branches: readonly Branch[], repository: Repository): Choice<Branch>[] {
  const order = ['local', 'remote', 'tag'] as const
  return order.flatMap((kind) =>
    branches
      .filter((branch) => branch.kind === kind)
      .map((branch) => ({
        id: `${kind}/${branch.name}`,
        title: branch.name,
        detail: [
          branch.kind === 'local' && branch.name === repository.branch ? 'you are here' : '',
          branch.ahead ? `↑${branch.ahead}` : '',
          branch.behind ? `↓${branch.behind}` : '',
          branch.gone ? 'gone from the server' : '',
          branch.subject,
        ]
          .filter(Boolean)
          .join(' · '),
        group: groups[kind],
        value: branch,
      })),
  )
}
