import { Store } from '../../shared/store.ts'
import type { Workspace } from '../workspace.ts'
import { Dialogs } from './dialogs.ts'
import { GitState } from './git-state.ts'

/** What can be done with the editor's changed lines by a command. */
export interface Editing {
  /** Stages what is selected, or the difference at the cursor. */
  stageSelection(): void
  /** Makes what is selected as it was. */
  revertSelection(): void
  /** To the next difference, with what was there before. */
  step(by: 1 | -1): void
}

/** What git's views and commands share. */
export class GitPart {
  readonly workspace: Workspace
  readonly state: GitState
  readonly dialogs: Dialogs
  /** The editor that has the focus, or had it last. */
  editing: Editing | undefined
  /** What is being written for the next commit, by repository. */
  readonly messages = new Store<Readonly<Record<string, string>>>({})

  constructor(workspace: Workspace) {
    this.workspace = workspace
    this.dialogs = new Dialogs(workspace.palette)
    this.state = new GitState(workspace.connection)
  }
}
