import { Store } from '../../shared/store.ts'
import type { Workspace } from '../workspace.ts'
import type { ProjectSearch, ReplaceTarget, ResultFile, ResultMatch } from './project-search.ts'
import { countWords, matchId, neighbourMatch } from './result-rows.ts'

/** What a person does with the results, from the list or by keys. */
export class SearchCommands {
  /** The line of the list that is chosen. */
  readonly selected = new Store<string | undefined>(undefined)
  readonly #workspace: Workspace
  readonly #search: ProjectSearch

  constructor(workspace: Workspace, search: ProjectSearch) {
    this.#workspace = workspace
    this.#search = search
  }

  /** Shows a match where it stands, even if it has moved since. */
  open({ path }: ResultFile, match: ResultMatch, focus: boolean): void {
    const { line, column, endLine, endColumn, text, isCut } = match
    const place = { line, column, endLine, endColumn, ...(isCut ? {} : { text }) }
    this.#workspace.openFile(path, place, focus)
  }

  /** The next match, or the one before, in the order of the list. */
  step(by: 1 | -1): void {
    const found = neighbourMatch(this.#search.state.get().files, this.selected.get(), by)
    if (!found) return
    this.#search.toggle(found.file.path, true)
    this.selected.set(matchId(found.file, found.match))
    this.open(found.file, found.match, true)
  }

  replace(target?: ReplaceTarget): void {
    const { files, status } = this.#search.state.get()
    // All that is found, when it is known what that is.
    if (files.length === 0 || (target === undefined && status === 'searching')) return
    this.#workspace.attempt(this.#replace(target))
  }

  async #replace(target?: ReplaceTarget): Promise<void> {
    const { connection, notices } = this.#workspace
    const { replacement: by } = this.#search.input.get()
    const answer = await notices.progress('Replacing', async ({ report }) => {
      const stop = connection.on('search.replacing', ({ done, of }) => report(done / of, `${done} of ${of} files`))
      try {
        return await this.#search.replace(target)
      } finally {
        stop()
      }
    })
    if (!answer) return
    const { replacement, matches, files, skipped, failures } = answer
    if (failures.length > 0) {
      const detail = failures.map(({ path, detail: reason }) => `${path}: ${reason}`).join('\n')
      notices.say('Some files could not be changed.', { kind: 'error', detail })
    }
    if (skipped > 0) {
      const detail = 'Their text has changed since, or their groups cannot be told. Search again to see what is left.'
      notices.say(`${countWords(skipped, 1).split(' in ')[0]} skipped.`, { kind: 'warning', detail })
    }
    if (replacement === undefined || target?.index !== undefined) return
    const undo = () => this.#workspace.attempt(this.#undo(replacement))
    notices.say(`${countWords(matches, files)} replaced${by === '' ? '' : ` by "${shortened(by)}"`}.`, {
      actions: [{ title: 'Undo', run: undo }],
    })
  }

  async #undo(replacement: number): Promise<void> {
    const { matches, files, skipped } = await this.#search.undoReplace(replacement)
    const rest = skipped > 0 ? ` ${skipped} were left, since they have been edited.` : ''
    this.#workspace.notices.say(`${countWords(matches, files)} put back.${rest}`)
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}\u2026` : text
}
