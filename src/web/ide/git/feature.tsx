import type { Repository } from '../../../core/wire/operations/git.ts'
import { nameOf } from '../files/paths.ts'
import { viewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'
import type { GitActions } from './actions.ts'
import type { BranchActions } from './branch-actions.ts'
import { COMMIT_VIEW, DIFF_VIEW, diffTab, diffTitle, HISTORY_VIEW, MERGE_VIEW, parseDiff } from './diff-tab.ts'
import { editorPart } from './editor-part.ts'
import { GitPart } from './git-part.ts'
import { GitStatus } from './git-status.tsx'

type Loadable = { GitPane: typeof import('./git-pane.tsx').GitPane }

/** Source control: what it adds to the page. Only what says how the files are comes with the page; the rest when used. */
export function addGit(workspace: Workspace): void {
  const { commands, sideViews, statusItems, tabs, editors, fileDecorations } = workspace
  const part = new GitPart(workspace)
  const { state } = part
  state.repositories.subscribe(() => fileDecorations.set('git', (path, isFolder) => state.decorate(path, isFolder)))
  sideViews.add({
    id: 'git',
    title: 'Source control',
    icon: 'git',
    key: 'Ctrl+Shift+G',
    badge: state.badge,
    load: async () => {
      const { GitPane }: Loadable = await import('./git-pane.tsx')
      return () => <GitPane part={part} />
    },
  })
  statusItems.add({ id: 'git', side: 'left', Component: () => <GitStatus part={part} /> })
  editors.add(editorPart(part))
  addTabs(part)

  const actions = async () => new (await import('./actions.ts')).GitActions(part)
  const act = (work: (actions: GitActions, repository: Repository) => unknown) => async () => {
    const { current } = state
    if (current) work(await actions(), current)
  }
  const branch = (work: (branches: BranchActions, repository: Repository) => unknown) =>
    act(async (all, repository) => work(new (await import('./branch-actions.ts')).BranchActions(all), repository))
  const remotes = async () => new (await import('./remote-actions.ts')).RemoteActions(await actions())
  const remote = (work: (all: Awaited<ReturnType<typeof remotes>>, repository: Repository) => unknown) =>
    act(async (_all, repository) => work(await remotes(), repository))

  const has =
    (wanted: (repository: Repository) => boolean = () => true) =>
    () => {
      const { current } = state
      return current !== undefined && wanted(current)
    }
  const activeRepository = () => (tabs.activeFile === undefined ? undefined : state.repositoryOf(tabs.activeFile))
  const compare = (left: string) => () => {
    const [path, repository] = [tabs.activeFile, activeRepository()]
    if (path !== undefined && repository) tabs.open(diffTab({ root: repository.root, path, left, right: 'file' }))
  }
  const history = () => {
    const [path, repository] = [tabs.activeFile, activeRepository()]
    if (path !== undefined && repository)
      tabs.open(viewTab(HISTORY_VIEW, JSON.stringify({ root: repository.root, path })))
  }
  const add = (id: string, title: string, run: () => unknown, when: () => boolean) =>
    commands.add({ id: `git.${id}`, title: `Git: ${title}`, when, run: () => void run() })

  add(
    'init',
    'Initialise repository',
    async () => (await actions()).init(),
    () => !state.repositories.get()?.some(({ root }) => root === ''),
  )
  add(
    'clone',
    'Clone a repository',
    async () => (await remotes()).clone(),
    () => true,
  )
  add(
    'switch',
    'Switch to a branch or tag',
    branch((all, now) => all.switch(now)),
    has(),
  )
  add(
    'createBranch',
    'Create branch',
    branch((all, now) => all.create(now)),
    has(),
  )
  add(
    'renameBranch',
    'Rename branch',
    branch((all, now) => all.rename(now)),
    has((now) => now.branch !== undefined),
  )
  add(
    'deleteBranch',
    'Delete branch',
    branch((all, now) => all.remove(now)),
    has(),
  )
  add(
    'merge',
    'Merge branch',
    branch((all, now) => all.merge(now)),
    has(),
  )
  add(
    'rebase',
    'Rebase onto branch',
    branch((all, now) => all.rebase(now)),
    has(),
  )
  add(
    'tag',
    'Create tag',
    branch((all, now) => all.tag(now)),
    has((now) => now.commit !== undefined),
  )
  add(
    'stash',
    'Stash all changes',
    branch((all, now) => all.stash(now)),
    has((now) => now.changes.length > 0),
  )
  add(
    'popStash',
    'Pop stash',
    branch((all, now) => all.useStash(now, 'pop')),
    has((now) => now.stashes > 0),
  )
  add(
    'applyStash',
    'Apply stash',
    branch((all, now) => all.useStash(now, 'apply')),
    has((now) => now.stashes > 0),
  )
  add(
    'dropStash',
    'Drop stash',
    branch((all, now) => all.useStash(now, 'drop')),
    has((now) => now.stashes > 0),
  )
  add(
    'stageAll',
    'Stage all changes',
    act((all, now) => all.stage(now)),
    has((now) => now.changes.length > 0),
  )
  add(
    'unstageAll',
    'Unstage all changes',
    act((all, now) => all.unstage(now)),
    has(),
  )
  add(
    'undoCommit',
    'Undo last commit',
    act((all, now) => all.undoCommit(now)),
    has((now) => now.commit !== undefined),
  )
  add(
    'identity',
    'Who commits',
    act((all, now) => all.introduce(now.root)),
    has(),
  )
  add(
    'fetch',
    'Fetch',
    remote((all, now) => all.fetch(now)),
    has((now) => now.remotes.length > 0),
  )
  add(
    'pull',
    'Pull',
    remote((all, now) => all.pull(now)),
    has((now) => now.upstream !== undefined),
  )
  add(
    'pullRebase',
    'Pull (rebase)',
    remote((all, now) => all.pull(now, 'rebase')),
    has((now) => now.upstream !== undefined),
  )
  add(
    'push',
    'Push',
    remote((all, now) => all.push(now)),
    has((now) => now.branch !== undefined),
  )
  add(
    'forcePush',
    'Push (force with lease)',
    remote((all, now) => all.forcePush(now)),
    has((now) => now.upstream !== undefined),
  )
  add(
    'sync',
    'Synchronise (pull, then push)',
    remote((all, now) => all.sync(now)),
    has((now) => now.branch !== undefined),
  )
  add(
    'publish',
    'Publish branch',
    remote((all, now) => all.publish(now)),
    has((now) => now.branch !== undefined),
  )
  add(
    'addRemote',
    'Add remote',
    remote((all, now) => all.addRemote(now)),
    has(),
  )
  add(
    'removeRemote',
    'Remove remote',
    remote((all, now) => all.removeRemote(now)),
    has((now) => now.remotes.length > 0),
  )
  add(
    'sshKey',
    'SSH key',
    async () => (await remotes()).sshKey(),
    () => true,
  )
  add(
    'forget',
    'Forget passwords',
    async () => (await remotes()).forget(),
    () => true,
  )
  add(
    'refresh',
    'Refresh',
    () => workspace.attempt(workspace.connection.request('git.refresh', {})),
    () => true,
  )
  const inEditor = () => part.editing !== undefined
  add('stageSelection', 'Stage selected lines', () => part.editing?.stageSelection(), inEditor)
  add('revertSelection', 'Revert selected lines', () => part.editing?.revertSelection(), inEditor)
  add('nextChange', 'Show next change', () => part.editing?.step(1), inEditor)
  add('previousChange', 'Show previous change', () => part.editing?.step(-1), inEditor)
  add('openChanges', 'Open changes of this file', compare('index'), () => activeRepository() !== undefined)
  add(
    'compareHead',
    'Compare this file with the last commit',
    compare('HEAD'),
    () => activeRepository()?.commit !== undefined,
  )
  add('fileHistory', 'History of this file', history, () => activeRepository()?.commit !== undefined)
}

function addTabs(part: GitPart): void {
  const { views } = part.workspace.tabs
  const path = (arg: string) => {
    try {
      return String((JSON.parse(arg) as { path?: unknown }).path ?? '')
    } catch {
      return ''
    }
  }
  views.add(
    {
      id: DIFF_VIEW,
      title: (arg) => {
        const sides = parseDiff(arg)
        return sides ? diffTitle(sides) : 'Difference'
      },
      detail: path,
      icon: 'split',
      load: async () => {
        const { DiffView } = await import('./diff-view.tsx')
        return ({ arg }) => <DiffView key={arg} part={part} arg={arg} />
      },
    },
    {
      id: MERGE_VIEW,
      title: (arg) => `${nameOf(path(arg))} (conflict)`,
      detail: path,
      icon: 'git',
      load: async () => {
        const { MergeTab } = await import('./merge-tab.tsx')
        return ({ arg }) => <MergeTab key={arg} part={part} arg={arg} />
      },
    },
    {
      id: HISTORY_VIEW,
      title: (arg) => `${nameOf(path(arg))} (history)`,
      detail: path,
      icon: 'git',
      load: async () => {
        const { HistoryTab } = await import('./history-tab.tsx')
        return ({ arg }) => <HistoryTab key={arg} part={part} arg={arg} />
      },
    },
    {
      id: COMMIT_VIEW,
      title: (arg) => {
        try {
          return `Commit ${String((JSON.parse(arg) as { commit: unknown }).commit).slice(0, 8)}`
        } catch {
          return 'Commit'
        }
      },
      icon: 'git',
      load: async () => {
        const { CommitTab } = await import('./commit-tab.tsx')
        return ({ arg }) => <CommitTab key={arg} part={part} arg={arg} />
      },
    },
  )
}
