import type { PersonHere } from '../../../core/wire/operations/people.ts'
import { Store } from '../../shared/store.ts'
import type { People } from './people.ts'

export interface FollowOptions {
  people: Pick<People, 'here' | 'of'>
  /** The file that is shown here. */
  shown: () => string | undefined
  open: (path: string) => void
  /** They have gone. */
  onLost: (person: PersonHere) => void
}

/** Going where another person goes: to their file here, to their cursor in the editor (cursor-follow.ts). */
export class Follow {
  /** The id of who is followed. */
  readonly target = new Store<string | undefined>(undefined)
  readonly #options: FollowOptions
  #last: PersonHere | undefined
  #opening = false

  constructor(options: FollowOptions) {
    this.#options = options
    options.people.here.subscribe(() => this.#go())
  }

  start(id: string): void {
    this.#last = undefined
    this.target.set(id)
    this.#go()
  }

  stop(): void {
    this.target.set(undefined)
  }

  toggle(id: string): void {
    if (this.target.get() === id) this.stop()
    else this.start(id)
  }

  /** Another file is shown here: if not by us, its person goes their own way. */
  shownChanged(): void {
    if (!this.#opening && this.#last?.path !== this.#options.shown()) this.stop()
  }

  #go(): void {
    const id = this.target.get()
    if (id === undefined) return
    const person = this.#options.people.of(id)
    if (!person) {
      this.stop()
      if (this.#last) this.#options.onLost(this.#last)
      return
    }
    this.#last = person
    const { path } = person
    // A path with a NUL would be a tab of the page's own.
    if (path === undefined || path.includes('\0') || path === this.#options.shown()) return
    this.#opening = true
    this.#options.open(path)
    this.#opening = false
  }
}
