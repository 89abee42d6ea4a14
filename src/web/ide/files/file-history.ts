import { OmegaError } from '../../../core/errors.ts'
import { Store } from '../../shared/store.ts'

/** Something done to files that can be taken back. */
export interface FileChange {
  /** What was done, as a sentence tells it: `Deleted a.ts`. */
  done: string
  /** Takes it back; gives what takes that back again. */
  revert(): Promise<FileChange>
}

const MOST = 100

/** What was done to files, to be undone and done again, the last first. */
export class FileHistory {
  /** What can be undone and done again next. */
  readonly next = new Store<{ undo?: string; redo?: string }>({})
  readonly #done: FileChange[] = []
  readonly #undone: FileChange[] = []
  #turn: Promise<unknown> = Promise.resolve()

  add(change: FileChange): void {
    this.#done.push(change)
    if (this.#done.length > MOST) this.#done.shift()
    this.#undone.length = 0
    this.#tell()
  }

  /** What was undone, or undefined when there is nothing. Rejects with the reason why it cannot be. */
  undo(): Promise<string | undefined> {
    return this.#step(this.#done, this.#undone)
  }

  redo(): Promise<string | undefined> {
    return this.#step(this.#undone, this.#done)
  }

  /** Undoes this one, if nothing has been done since; what a button says that belongs to it. */
  async undoOnly(change: FileChange): Promise<string | undefined> {
    return this.#done.at(-1) === change ? this.undo() : this.#takeOut(change)
  }

  /** One behind the other, however fast the key is pressed. */
  #step(from: FileChange[], to: FileChange[]): Promise<string | undefined> {
    return this.#inTurn(async () => {
      const change = from.at(-1)
      if (!change) return undefined
      await this.#revert(change, from, to)
      return change.done
    })
  }

  #takeOut(change: FileChange): Promise<string | undefined> {
    return this.#inTurn(async () => {
      if (!this.#done.includes(change)) return undefined
      await this.#revert(change, this.#done, this.#undone)
      return change.done
    })
  }

  async #revert(change: FileChange, from: FileChange[], to: FileChange[]): Promise<void> {
    try {
      to.push(await change.revert())
      from.splice(from.indexOf(change), 1)
    } catch (error) {
      // What is not there any more never comes back; everything else may be possible another time.
      if (error instanceof OmegaError && error.code === 'FILE_NOT_FOUND') from.splice(from.indexOf(change), 1)
      throw error
    } finally {
      this.#tell()
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #tell(): void {
    const [undo, redo] = [this.#done.at(-1)?.done, this.#undone.at(-1)?.done]
    this.next.set({ ...(undo === undefined ? {} : { undo }), ...(redo === undefined ? {} : { redo }) })
  }
}
