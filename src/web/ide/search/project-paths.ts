import { Store } from '../../shared/store.ts'
import type { Connection } from '../wire/connection.ts'
import type { FromPathWorker, ToPathWorker } from './path-worker-message.ts'

/** A list younger than this is not asked for again. */
const FRESH_MS = 2_000

export interface PathsState {
  /** A list is on its way. Grows its `version` whenever there may be more to find. */
  isListing: boolean
  version: number
  /** Not all files are in it. */
  truncated: boolean
  problem?: string
}

/** The part of a Web Worker that is used. */
export interface PathWorker {
  postMessage(message: ToPathWorker, transfer: Transferable[]): void
  onmessage: ((event: { data: FromPathWorker }) => void) | null
}

/** The paths of all files of the project, listed by the sandbox when they are needed and found apart from the page. */
export class ProjectPaths {
  readonly state = new Store<PathsState>({ isListing: false, version: 0, truncated: false })
  readonly #connection: Connection
  readonly #now: () => number
  readonly #makeWorker: () => PathWorker
  readonly #waiting = new Map<number, (answer: FromPathWorker) => void>()
  #worker: PathWorker | undefined
  #channel: number | undefined
  #listedAt = Number.NEGATIVE_INFINITY
  #lastId = 0

  constructor(connection: Connection, now: () => number, makeWorker: () => PathWorker) {
    this.#connection = connection
    this.#now = now
    this.#makeWorker = makeWorker
    connection.on('search.listed', ({ channel, truncated, problem }) => {
      if (channel === this.#channel) this.#listed(truncated, problem?.detail)
    })
    connection.onSession(() => {
      if (this.state.get().isListing) this.#listed(true, undefined)
    })
  }

  /** Lists the files, unless that has just been done; what is known is used meanwhile. */
  async refresh(): Promise<void> {
    if (this.state.get().isListing || this.#now() - this.#listedAt < FRESH_MS) return
    this.#change({ isListing: true })
    try {
      const { channel } = await this.#connection.request('search.files', { ignored: false })
      this.#channel = channel
      this.#tell({ kind: 'begin' })
      this.#connection.receive(channel, (bytes) => this.#take(channel, bytes))
    } catch (error) {
      this.#change({ isListing: false, problem: error instanceof Error ? error.message : String(error) })
    }
  }

  /** The best `limit` paths for a text. */
  find(text: string, limit: number): Promise<FromPathWorker> {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#tell({ kind: 'find', id, text, limit })
    })
  }

  #take(channel: number, bytes: Uint8Array): void {
    this.#connection.painted(channel, bytes.length)
    // A copy of its own, which can be given away.
    const own = bytes.slice()
    this.#tell({ kind: 'bytes', bytes: own }, [own.buffer])
    this.#change({})
  }

  #listed(truncated: boolean, problem: string | undefined): void {
    if (this.#channel !== undefined) this.#connection.release(this.#channel)
    this.#channel = undefined
    this.#tell({ kind: 'end', whole: problem === undefined })
    if (problem === undefined && !truncated) this.#listedAt = this.#now()
    this.#change({ isListing: false, truncated, problem })
  }

  #tell(message: ToPathWorker, transfer: Transferable[] = []): void {
    if (!this.#worker) {
      this.#worker = this.#makeWorker()
      this.#worker.onmessage = ({ data }) => {
        this.#waiting.get(data.id)?.(data)
        this.#waiting.delete(data.id)
      }
    }
    this.#worker.postMessage(message, transfer)
  }

  #change({
    isListing,
    truncated,
    problem,
  }: Partial<Omit<PathsState, 'version' | 'problem'>> & { problem?: string | undefined }): void {
    this.state.update((state) => ({
      isListing: isListing ?? state.isListing,
      truncated: truncated ?? state.truncated,
      version: state.version + 1,
      ...(problem === undefined ? {} : { problem }),
    }))
  }
}
