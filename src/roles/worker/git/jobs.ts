import type { Clock } from '../../../core/clock.ts'
import { OmegaError } from '../../../core/errors.ts'
import type { Job } from '../../../core/wire/operations/git.ts'

/** Progress is told at most so often. */
const TELL_EVERY_MS = 100
const MAX_JOBS = 16

export interface JobContext {
  /** Of the job; also the name a credential is asked for under. */
  job: number
  signal: AbortSignal
  /** A line of git's progress. */
  progress: (line: string) => void
}

/** What takes its time and is watched by pages: clone, fetch, pull, push. */
export class Jobs {
  readonly #clock: Clock
  readonly #onChange: (jobs: Job[]) => void
  readonly #jobs = new Map<number, Job & { controller: AbortController }>()
  #last = 0
  #cancelTell: (() => void) | undefined

  constructor(clock: Clock, onChange: (jobs: Job[]) => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  list(): Job[] {
    return [...this.#jobs.values()].map(({ controller: _, ...job }) => job)
  }

  async run<T>(root: string, title: string, work: (context: JobContext) => Promise<T>): Promise<T> {
    if (this.#jobs.size >= MAX_JOBS) {
      throw new OmegaError('TOO_MANY_REQUESTS', `${MAX_JOBS} git commands run already. Wait for one, or cancel it.`)
    }
    const job = ++this.#last
    const controller = new AbortController()
    const { signal } = controller
    this.#jobs.set(job, { job, root, title, text: '', controller })
    this.#tell(0)
    try {
      return await work({ job, signal, progress: (line) => this.#progress(job, line) })
    } catch (error) {
      if (signal.aborted) throw new OmegaError('CONFLICT', `${title}: cancelled.`)
      throw error
    } finally {
      this.#jobs.delete(job)
      this.#tell(0)
    }
  }

  /** Does nothing when it has ended. */
  cancel(job: number): void {
    this.#jobs.get(job)?.controller.abort()
  }

  close(): void {
    for (const { controller } of this.#jobs.values()) controller.abort()
    this.#cancelTell?.()
  }

  #progress(number: number, line: string): void {
    const job = this.#jobs.get(number)
    const parsed = parseProgress(line)
    if (!job || !parsed) return
    job.text = parsed.text
    if (parsed.percent === undefined) delete job.percent
    else job.percent = parsed.percent
    this.#tell(TELL_EVERY_MS)
  }

  #tell(after: number): void {
    if (after === 0) {
      this.#cancelTell?.()
      this.#cancelTell = undefined
      this.#onChange(this.list())
      return
    }
    this.#cancelTell ??= this.#clock.after(after, () => {
      this.#cancelTell = undefined
      this.#onChange(this.list())
    })
  }
}

/** `remote: Counting objects:  45% (9/20)` in parts; undefined for what is no progress. */
export function parseProgress(line: string): { text: string; percent?: number } | undefined {
  const clean = line.replace(/^remote: /, '').trim()
  const match = /^([A-Z][A-Za-z -]+):\s+(\d{1,3})%/.exec(clean)
  if (match) return { text: match[1] ?? '', percent: Math.min(100, Number(match[2])) }
  const counting = /^([A-Z][A-Za-z ]+):\s+\d+/.exec(clean)
  if (counting) return { text: counting[1] ?? '' }
  return /^Cloning into/.test(clean) ? { text: 'Connecting' } : undefined
}
