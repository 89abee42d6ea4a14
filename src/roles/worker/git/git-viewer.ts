import type { GitResults } from '../../../core/wire/operations/git.ts'
import type { Page } from '../wire/page.ts'
import type { Git } from './git.ts'

/** A page that wants to know of the repositories, until it does not any more. */
export class GitViewer {
  readonly #page: Page
  #git: Git | undefined

  constructor(page: Page) {
    this.#page = page
  }

  begin(git: Git): Promise<GitResults['git.watch']> {
    this.#git = git
    return git.watch(this.#page)
  }

  close(): void {
    this.#git?.unwatch(this.#page)
  }
}
