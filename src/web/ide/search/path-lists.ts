import { PathIndex } from './path-index.ts'
import type { FromPathWorker, ToPathWorker } from './path-worker-message.ts'

/** The list of paths that is used, and the one that is on its way and will take its place. */
export class PathLists {
  #used: PathIndex | undefined
  #coming = new PathIndex()
  #decoder = new TextDecoder()
  #rest = ''

  /** Gives the answer to a `find`. */
  take(message: ToPathWorker): FromPathWorker | undefined {
    if (message.kind === 'find') {
      const index = this.#used ?? this.#coming
      return { id: message.id, size: index.size, ...index.find(message.text, message.limit) }
    }
    if (message.kind === 'begin') {
      this.#coming = new PathIndex()
      this.#decoder = new TextDecoder()
      this.#rest = ''
    } else if (message.kind === 'bytes') {
      const paths = (this.#rest + this.#decoder.decode(message.bytes, { stream: true })).split('\0')
      this.#rest = paths.pop() ?? ''
      this.#coming.add(paths)
    } else if (message.whole || !this.#used) this.#used = this.#coming
    return undefined
  }
}
