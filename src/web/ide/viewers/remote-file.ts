import { fromProblem, OmegaError } from '../../../core/errors.ts'
import { fileAddress } from '../files/file-addresses.ts'

/** Read at once, and kept. */
const CHUNK_BYTES = 64 * 1024
/** 16 MiB: what has been scrolled past is fetched again. */
const MOST_CHUNKS = 256

/** A file of any size in the sandbox, as it was when it was opened; what is looked at of it is fetched. */
export class RemoteFile {
  readonly path: string
  readonly size: number
  /** Another one for other bytes. */
  readonly tag: string
  readonly #fetch: typeof fetch
  readonly #chunks = new Map<number, Promise<Uint8Array>>()

  private constructor(path: string, size: number, tag: string, fetcher: typeof fetch) {
    this.path = path
    this.size = size
    this.tag = tag
    this.#fetch = fetcher
  }

  /** Rejects with an OmegaError. */
  static async open(path: string, fetcher: typeof fetch = fetch.bind(globalThis)): Promise<RemoteFile> {
    const answer = await send(fetcher, path, { method: 'HEAD' })
    // A HEAD has no body to tell the reason in.
    if (!answer.ok) await send(fetcher, path, { headers: { range: 'bytes=0-0' } }).then(refuse)
    const size = Number(answer.headers.get('content-length'))
    return new RemoteFile(path, size, answer.headers.get('etag') ?? '', fetcher)
  }

  /** Bytes from `start` up to, not including, `end`, as far as there are any. PRECONDITION_FAILED: the file has changed. */
  async read(start: number, end: number): Promise<Uint8Array> {
    const last = Math.min(end, this.size)
    if (start >= last) return new Uint8Array()
    const pieces: Promise<Uint8Array>[] = []
    for (let chunk = Math.floor(start / CHUNK_BYTES); chunk * CHUNK_BYTES < last; chunk++)
      pieces.push(this.#chunk(chunk))
    const bytes = new Uint8Array(last - start)
    for (const [index, piece] of (await Promise.all(pieces)).entries()) {
      const at = (Math.floor(start / CHUNK_BYTES) + index) * CHUNK_BYTES
      const from = Math.max(0, start - at)
      bytes.set(piece.subarray(from, Math.max(from, last - at)), Math.max(0, at - start))
    }
    return bytes
  }

  #chunk(chunk: number): Promise<Uint8Array> {
    const known = this.#chunks.get(chunk)
    // The one used last is the last to go.
    this.#chunks.delete(chunk)
    const reading = known ?? this.#load(chunk * CHUNK_BYTES)
    this.#chunks.set(chunk, reading)
    if (!known) {
      reading.catch(() => this.#chunks.delete(chunk))
      const [oldest] = this.#chunks.keys()
      if (this.#chunks.size > MOST_CHUNKS && oldest !== undefined) this.#chunks.delete(oldest)
    }
    return reading
  }

  async #load(start: number): Promise<Uint8Array> {
    const range = `bytes=${start}-${Math.min(start + CHUNK_BYTES, this.size) - 1}`
    const answer = await send(this.#fetch, this.path, { headers: { range, 'if-match': this.tag } })
    if (answer.status !== 206) await refuse(answer)
    return new Uint8Array(await answer.arrayBuffer())
  }
}

async function send(fetcher: typeof fetch, path: string, request: RequestInit): Promise<Response> {
  try {
    // What is kept is kept here; the browser's own cache would only have it twice.
    return await fetcher(fileAddress(path), { ...request, cache: 'no-store' })
  } catch {
    throw new OmegaError('UNREACHABLE', 'The sandbox cannot be reached at the moment. Try again when it is back.')
  }
}

/** Throws what an answer's problem says. */
export async function refuse(answer: Response): Promise<never> {
  const problem: unknown = await answer.json().catch(() => undefined)
  throw fromProblem(problem) ?? new OmegaError('INTERNAL', `The sandbox answered ${answer.status}.`)
}
