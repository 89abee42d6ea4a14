import type { GitResults } from '../../../core/wire/operations/git.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'
import * as branches from './branches.ts'
import * as commits from './commits.ts'
import { readText } from './content.ts'
import { GitViewer } from './git-viewer.ts'
import * as history from './history.ts'
import * as remotes from './remotes.ts'
import * as setup from './setup.ts'
import * as staging from './staging.ts'

export const gitOperations: Handlers<keyof GitResults> = {
  'git.watch': reads((_params, { services, page }) => page.belonging(GitViewer).begin(services.git)),
  'git.unwatch': reads((_params, { page }) => {
    page.belonging(GitViewer).close()
    return {}
  }),
  'git.refresh': reads(async (_params, { services }) => {
    await services.git.find(true)
    return {}
  }),
  'git.text': reads(async ({ root, path, at, known }, { services }) =>
    readText(await services.git.repository(root), path, at, known),
  ),
  'git.log': reads(async ({ root, ...options }, { services }) =>
    history.readLog(await services.git.repository(root), options),
  ),
  'git.commitDetails': reads(async ({ root, commit }, { services }) =>
    history.readCommit(await services.git.repository(root), commit),
  ),
  'git.branches': reads(async ({ root }, { services }) => ({
    branches: await history.readBranches((await services.git.repository(root)).git),
  })),
  'git.stashes': reads(async ({ root }, { services }) => ({
    stashes: await history.readStashes((await services.git.repository(root)).git),
  })),
  'git.identity': reads(async ({ root }, { services }) =>
    commits.readIdentity((await services.git.repository(root)).git),
  ),
  'git.sshKey': reads((_params, { services }) => services.git.sshKey()),
  'git.init': changes(({ folder }, { services }) => setup.init(services.git, services.files, folder)),
  'git.ignore': changes(async ({ root, patterns }, { services: { git, documents, files } }) => {
    await setup.ignore(await git.repository(root), documents, files, patterns)
    return {}
  }),
  'git.trust': changes(async ({ root }, { services }) => {
    await setup.trust(await services.git.repository(root))
    return {}
  }),
  'git.stage': changes(async ({ root, paths }, { services: { git } }) => {
    await staging.stage(git, await git.repository(root), paths)
    return {}
  }),
  'git.unstage': changes(async ({ root, paths }, { services: { git } }) => {
    await staging.unstage(await git.repository(root), paths)
    return {}
  }),
  'git.stageText': changes(async ({ root, path, text, base }, { services: { git, files } }) => {
    await staging.stageText(await git.repository(root), files, path, text, base)
    return {}
  }),
  'git.discard': changes(async ({ root, paths }, { services: { git, files } }) =>
    staging.discard(git, await git.repository(root), files, paths),
  ),
  'git.restore': changes(async ({ root, files: wanted }, { services: { git, files } }) => {
    await staging.restore(git, await git.repository(root), files, wanted)
    return {}
  }),
  'git.takeSide': changes(async ({ root, path, side }, { services: { git, files } }) => {
    await staging.takeSide(git, await git.repository(root), files, path, side)
    return {}
  }),
  'git.commit': changes(async ({ root, ...options }, { services: { git } }) =>
    commits.commit(git, await git.repository(root), options),
  ),
  'git.undoCommit': changes(async ({ root }, { services: { git } }) => commits.undoCommit(await git.repository(root))),
  'git.switch': changes(async ({ root, ...options }, { services: { git } }) => {
    await branches.switchTo(git, await git.repository(root), options)
    return {}
  }),
  'git.renameBranch': changes(async ({ root, branch, to }, { services: { git } }) => {
    await branches.renameBranch(await git.repository(root), branch, to)
    return {}
  }),
  'git.deleteBranch': changes(async ({ root, branch, force = false }, { services: { git } }) =>
    branches.deleteBranch(await git.repository(root), branch, force),
  ),
  'git.tag': changes(async ({ root, tag, at = 'HEAD', remove = false }, { services: { git } }) => {
    await branches.setTag(await git.repository(root), tag, at, remove)
    return {}
  }),
  'git.merge': changes(async ({ root, ref }, { services: { git } }) =>
    branches.merge(git, await git.repository(root), ref),
  ),
  'git.rebase': changes(async ({ root, onto }, { services: { git } }) =>
    branches.rebase(git, await git.repository(root), onto),
  ),
  'git.proceed': changes(async ({ root, action }, { services: { git } }) =>
    branches.proceed(git, await git.repository(root), action),
  ),
  'git.stash': changes(async ({ root, ...options }, { services: { git } }) => {
    await branches.stash(git, await git.repository(root), options)
    return {}
  }),
  'git.useStash': changes(async ({ root, stash, action }, { services: { git } }) =>
    branches.useStash(git, await git.repository(root), stash, action),
  ),
  'git.addRemote': changes(async ({ root, remote, url }, { services: { git } }) => {
    await setup.addRemote(await git.repository(root), remote, url)
    return {}
  }),
  'git.removeRemote': changes(async ({ root, remote }, { services: { git } }) => {
    await setup.removeRemote(await git.repository(root), remote)
    return {}
  }),
  'git.clone': changes(({ url, folder }, { services: { git, files } }) => remotes.clone(git, files, url, folder)),
  'git.fetch': changes(async ({ root, remote }, { services: { git } }) => {
    await remotes.fetch(git, await git.repository(root), remote)
    return {}
  }),
  'git.pull': changes(async ({ root, mode }, { services: { git } }) =>
    remotes.pull(git, await git.repository(root), mode),
  ),
  'git.push': changes(async ({ root, ...options }, { services: { git } }) => {
    await remotes.push(git, await git.repository(root), options)
    return {}
  }),
  'git.cancel': changes(({ job }, { services: { git } }) => {
    git.jobs.cancel(job)
    return {}
  }),
  'git.answer': changes(({ ask, values, keep }, { services: { git } }) => {
    git.asks.answer(ask, values, keep)
    return {}
  }),
  'git.forget': changes((_params, { services: { git } }) => {
    git.asks.forget()
    return {}
  }),
  'git.setIdentity': changes(async ({ author }, { services: { git } }) => {
    await commits.setIdentity(await git.program(), author)
    return {}
  }),
  'git.makeSshKey': changes((_params, { services: { git } }) => git.makeSshKey()),
}
