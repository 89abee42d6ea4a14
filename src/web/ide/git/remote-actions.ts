import { OmegaError } from '../../../core/errors.ts'
import type { Repository } from '../../../core/wire/operations/git.ts'
import type { GitActions } from './actions.ts'

/** What talks to servers. Never rejects. How far it is, the jobs tell. */
export class RemoteActions {
  readonly #actions: GitActions

  constructor(actions: GitActions) {
    this.#actions = actions
  }

  async clone(): Promise<void> {
    const { dialogs, workspace } = this.#actions.part
    const values = await dialogs.form({
      title: 'Clone a repository',
      detail: 'Without a password in the address: you are asked for it.',
      fields: [
        { id: 'url', label: 'Address', placeholder: 'https://example.com/team/app.git' },
        {
          id: 'folder',
          label: 'Into the folder',
          placeholder: 'its own name; . for the project itself',
          optional: true,
        },
      ],
      action: 'Clone',
    })
    const url = values?.url?.trim()
    if (!url) return
    const own =
      url
        .replace(/[/\\]+$/, '')
        .replace(/\.git$/, '')
        .split(/[/\\:]/)
        .at(-1) ?? ''
    const typed = values?.folder?.trim() ?? ''
    const folder = typed === '' ? own : typed === '.' ? '' : typed
    const cloned = await this.#actions.try(this.#actions.request('git.clone', { url, folder }))
    if (!cloned) return
    this.#actions.part.state.chosen.set(cloned.root)
    workspace.attempt(workspace.tree.changed(''))
    workspace.notices.say(`Cloned into ${cloned.root === '' ? 'the project' : cloned.root}.`)
  }

  async fetch({ root }: Repository): Promise<void> {
    await this.#actions.try(this.#actions.request('git.fetch', { root }))
  }

  /** True when it is done, and nothing waits for a person. */
  async pull({ root }: Repository, mode?: 'ff' | 'merge' | 'rebase'): Promise<boolean> {
    try {
      const { conflicts } = await this.#actions.request('git.pull', { root, ...(mode ? { mode } : {}) })
      this.#actions.sayConflicts(conflicts)
      return conflicts === 0
    } catch (error) {
      const differs = error instanceof OmegaError && /merge or to rebase/.test(error.message)
      if (!differs) {
        this.#actions.part.workspace.notices.failed(error)
        return false
      }
    }
    const answer = await this.#actions.part.dialogs.confirm({
      title: 'Both sides have new commits',
      detail: 'Merge joins them with a commit of its own. Rebase puts your commits behind those of the server.',
      actions: [
        { id: 'merge', title: 'Merge' },
        { id: 'rebase', title: 'Rebase' },
      ],
    })
    return answer !== undefined && this.pull({ root } as Repository, answer as 'merge' | 'rebase')
  }

  /** Pushes; a branch without an upstream is published. */
  async push(repository: Repository): Promise<void> {
    if (repository.upstream === undefined) return this.publish(repository)
    const { part } = this.#actions
    try {
      await this.#actions.request('git.push', { root: repository.root })
    } catch (error) {
      if (!(error instanceof OmegaError) || !/Pull first/.test(error.message))
        return part.workspace.notices.failed(error)
      const answer = await part.dialogs.confirm({
        title: 'The server has commits that are not here',
        detail: 'Pull takes them in before your commits are pushed.',
        actions: [{ id: 'pull', title: 'Pull and push' }],
      })
      if (answer && (await this.pull(repository))) await this.push(repository)
    }
  }

  async forcePush({ root, branch, upstream }: Repository): Promise<void> {
    const answer = await this.#actions.part.dialogs.confirm({
      title: `Overwrite ${upstream ?? branch ?? 'the branch'}?`,
      detail:
        'Commits that are on the server and not here are lost there, for everybody. It is refused if the branch moved since you last fetched.',
      actions: [{ id: 'force', title: 'Force push', danger: true }],
    })
    if (answer) await this.#actions.try(this.#actions.request('git.push', { root, force: true }))
  }

  async publish(repository: Repository): Promise<void> {
    const { root, remotes } = repository
    let remote = remotes[0]?.name
    if (remotes.length > 1) {
      remote = await this.#chooseRemote(repository, `Publish ${repository.branch} to`)
      if (remote === undefined) return
    }
    if (remote === undefined) {
      remote = await this.addRemote(repository)
      if (remote === undefined) return
    }
    await this.#actions.try(this.#actions.request('git.push', { root, remote }))
  }

  /** Pulls, then pushes. */
  async sync(repository: Repository): Promise<void> {
    if (repository.upstream === undefined) return this.publish(repository)
    if (!(await this.pull(repository))) return
    const now = this.#actions.part.state.repositories.get()?.find(({ root }) => root === repository.root)
    if (now && now.ahead > 0) await this.push(now)
  }

  /** Gives its name. */
  async addRemote({ root, remotes }: Repository): Promise<string | undefined> {
    const values = await this.#actions.part.dialogs.form({
      title: 'Add a remote',
      detail: 'A repository on a server to push to and pull from. Create it there first, empty.',
      fields: [
        { id: 'url', label: 'Address', placeholder: 'https://example.com/team/app.git' },
        { id: 'name', label: 'Name', value: remotes.length === 0 ? 'origin' : '', placeholder: 'upstream' },
      ],
      action: 'Add',
    })
    const [url, remote] = [values?.url?.trim(), values?.name?.trim()]
    if (!url || !remote) return undefined
    return (await this.#actions.try(this.#actions.request('git.addRemote', { root, remote, url }))) ? remote : undefined
  }

  async removeRemote(repository: Repository): Promise<void> {
    const remote = await this.#chooseRemote(repository, 'Remove a remote')
    if (remote !== undefined)
      await this.#actions.try(this.#actions.request('git.removeRemote', { root: repository.root, remote }))
  }

  /** Shows the public half of the key, making one if there is none. */
  async sshKey(): Promise<void> {
    const { dialogs } = this.#actions.part
    const known = await this.#actions.try(this.#actions.request('git.sshKey', {}))
    if (!known) return
    let { publicKey } = known
    if (publicKey === undefined) {
      const answer = await dialogs.confirm({
        title: 'Make an SSH key?',
        detail: `An Ed25519 key without a passphrase is made in ${known.file}. Whoever has this sandbox has the key.`,
        actions: [{ id: 'make', title: 'Make a key' }],
      })
      if (!answer) return
      publicKey = (await this.#actions.try(this.#actions.request('git.makeSshKey', {})))?.publicKey
    }
    if (publicKey !== undefined) {
      await dialogs.show(
        'SSH key',
        'Give this public half to the server. The private half stays in the sandbox.',
        publicKey,
      )
    }
  }

  async forget(): Promise<void> {
    if (await this.#actions.try(this.#actions.request('git.forget', {}))) {
      this.#actions.part.workspace.notices.say('Passwords kept for git are forgotten.')
    }
  }

  #chooseRemote({ remotes }: Repository, label: string): Promise<string | undefined> {
    const choices = remotes.map(({ name, url }) => ({ id: name, title: name, detail: url, value: name }))
    return this.#actions.part.dialogs.pick(label, choices)
  }
}
