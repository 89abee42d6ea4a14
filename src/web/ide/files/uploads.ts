import { OmegaError } from '../../../core/errors.ts'
import type { KnownEntry } from '../../../core/wire/operations/files.ts'
import type { Notices } from '../notices/notices.ts'
import { copyName, sized } from './copy-name.ts'
import { joinPath, nameOf, parentOf, shownName } from './paths.ts'
import type { Questions } from './questions.ts'

/** A file, or a folder without one, by its path below where it is dropped. */
export interface UploadItem {
  path: string
  file?: File
}

export interface SendOptions {
  replace: boolean
  signal: AbortSignal
  /** Bytes that have gone so far. */
  onProgress: (bytes: number) => void
}

export interface UploadsOptions {
  /** Sends one file; rejects with an OmegaError. */
  send: (path: string, file: File, options: SendOptions) => Promise<void>
  look: (path: string, names: string[]) => Promise<{ entries: KnownEntry[]; free: number }>
  makeFolder: (path: string) => Promise<void>
  questions: Questions
  notices: Notices
  /**
   * These have come and were not there before: files, and folders with all in them. `stopped`: before all were there, by
   * the person.
   */
  onDone: (paths: readonly string[], replaced: number, stopped: boolean) => void
}

/** Files sent at once: a browser has six connections to a host, and the page needs some for itself. */
const AT_ONCE = 3
/** Names in one look. */
const MOST_NAMES = 1_000
/** Failures told by name. */
const MOST_TOLD = 5

interface Job {
  path: string
  file: File
  replace: boolean
}

/** Brings files and folders from the person's machine into the project. */
export class Uploads {
  readonly #options: UploadsOptions

  constructor(options: UploadsOptions) {
    this.#options = options
  }

  /** Into a folder of the project. */
  async begin(folder: string, items: readonly UploadItem[]): Promise<void> {
    const { notices } = this.#options
    if (items.length === 0) return
    const bytes = items.reduce((sum, { file }) => sum + (file?.size ?? 0), 0)
    const { free } = await this.#options.look('', [])
    if (bytes > free) {
      notices.say(`There is no room for ${count(items)}.`, {
        kind: 'error',
        detail: `They have ${inBytes(bytes)}; the disk of the sandbox has ${inBytes(free)} left. Remove something first.`,
      })
      return
    }
    const there = await this.#there(folder, items)
    const jobs = await this.#decide(folder, items, there)
    if (!jobs) return
    await notices.progress(
      `Uploading ${count(items)}`,
      async ({ report, signal }) => {
        const failures = await this.#makeFolders(folder, items)
        const sent = await this.#sendAll(jobs, signal, failures, report)
        const folders = items.filter(({ file }) => !file).map(({ path }) => joinPath(folder, path))
        const made = folders.filter((path) => !failures.has(path))
        const come = [...sent.filter(({ replace }) => !replace).map(({ path }) => path), ...made]
        const tops = new Set(come.map((path) => firstNew(folder, path, there)))
        const replaced = sent.filter(({ replace }) => replace).length
        if (tops.size + replaced > 0) {
          this.#options.onDone(
            [...tops].filter((path) => path !== undefined),
            replaced,
            signal.aborted,
          )
        }
        if (failures.size > 0 && !signal.aborted)
          this.#tellFailures(failures, jobs.length + folders.length - sent.length - made.length, items.length)
      },
      { cancellable: true },
    )
  }

  /** What is there already, among these and the folders they come to. */
  async #there(folder: string, items: readonly UploadItem[]): Promise<Map<string, KnownEntry>> {
    const there = new Map<string, KnownEntry>()
    const folders = new Map<string, Set<string>>()
    for (const item of items) {
      for (let path = item.path; path !== ''; path = parentOf(path)) {
        const parent = joinPath(folder, parentOf(path)).replace(/\/$/, '')
        folders.set(parent, (folders.get(parent) ?? new Set()).add(nameOf(path)))
      }
    }
    // From the top: nothing is in a folder that is not there.
    for (const [parent, names] of [...folders].sort(([a], [b]) => a.length - b.length)) {
      const isInside = parent.length > folder.length
      if (isInside && there.get(parent)?.kind !== 'directory') continue
      const all = [...names]
      for (let at = 0; at < all.length; at += MOST_NAMES) {
        const { entries } = await this.#options.look(parent, all.slice(at, at + MOST_NAMES))
        for (const entry of entries) there.set(joinPath(parent, entry.name), entry)
      }
    }
    return there
  }

  /** What is to be sent where; undefined when the person thought better of it. */
  async #decide(
    folder: string,
    items: readonly UploadItem[],
    there: ReadonlyMap<string, KnownEntry>,
  ): Promise<Job[] | undefined> {
    const jobs = items.flatMap(({ path, file }) =>
      file ? [{ path: joinPath(folder, path), file, replace: false }] : [],
    )
    const taken = jobs.filter(({ path }) => there.has(path))
    if (taken.length === 0) return jobs
    const [first] = taken
    const answer = await this.#options.questions.ask(
      taken.length === 1 ? `Replace ${shownName(first?.path ?? '')}?` : `Replace ${taken.length} files?`,
      taken.length === 1
        ? `There is already something at ${first?.path}.`
        : `${taken.length} of ${jobs.length} files are there already, among them ${first?.path}.`,
      [
        { id: 'skip', title: 'Leave what is there' },
        { id: 'both', title: 'Keep both' },
        { id: 'replace', title: taken.length === 1 ? 'Replace' : 'Replace all', kind: 'primary' },
      ],
    )
    if (answer === undefined) return undefined
    if (answer === 'skip') return jobs.filter(({ path }) => !there.has(path))
    if (answer === 'replace') return jobs.map((job) => ({ ...job, replace: there.has(job.path) }))
    const used = new Set([...there.keys(), ...jobs.map(({ path }) => path)])
    return jobs.map((job) => (there.has(job.path) ? { ...job, path: freePath(job.path, used) } : job))
  }

  /** Failures, by path. */
  async #makeFolders(folder: string, items: readonly UploadItem[]): Promise<Map<string, string>> {
    const failures = new Map<string, string>()
    for (const { path, file } of items) {
      if (file) continue
      const place = joinPath(folder, path)
      await this.#options.makeFolder(place).catch((error: Error) => failures.set(place, error.message))
    }
    return failures
  }

  /** Gives those that have arrived. */
  async #sendAll(
    jobs: readonly Job[],
    signal: AbortSignal,
    failures: Map<string, string>,
    report: (done: number | undefined, detail?: string) => void,
  ): Promise<Job[]> {
    const sent: Job[] = []
    const total = jobs.reduce((sum, { file }) => sum + file.size, 0)
    let bytes = 0
    const tell = () => {
      const files = sent.length + failures.size
      const far = jobs.length === 1 ? '' : `${files.toLocaleString('en')} of ${jobs.length.toLocaleString('en')} · `
      report(total === 0 ? files / jobs.length : bytes / total, `${far}${inBytes(bytes)} of ${inBytes(total)}`)
    }
    let next = 0
    const work = async () => {
      for (let job = jobs[next++]; job && !signal.aborted; job = jobs[next++]) {
        const { path, file, replace } = job
        let gone = 0
        const onProgress = (now: number) => {
          bytes += Math.min(now, file.size) - gone
          gone = Math.min(now, file.size)
          tell()
        }
        try {
          await this.#options.send(path, file, { replace, signal, onProgress })
          sent.push(job)
        } catch (error) {
          if (signal.aborted) return
          failures.set(path, error instanceof Error ? error.message : String(error))
          // What fails for want of room, or of a connection, fails for the others too.
          if (error instanceof OmegaError && /^(TOO_LARGE|UNREACHABLE)$/.test(error.code)) next = jobs.length
        }
        onProgress(file.size)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return sent
  }

  /** `missing`: of all, those that have not arrived; the last of them may not have been tried. */
  #tellFailures(failures: ReadonlyMap<string, string>, missing: number, of: number): void {
    const told = [...failures].slice(0, MOST_TOLD).map(([path, reason]) => `${path}: ${reason}`)
    const more = missing > told.length ? [`and ${missing - told.length} more`] : []
    const text = missing === 1 ? 'A file was not uploaded.' : `${missing} of ${of} files were not uploaded.`
    this.#options.notices.say(text, { kind: 'error', detail: [...told, ...more].join('\n') })
  }
}

/** Of a path and the folders above it, below `folder`, the first that was not there. */
function firstNew(folder: string, path: string, there: ReadonlyMap<string, KnownEntry>): string | undefined {
  for (let end = path.indexOf('/', folder.length + 1); end > 0; end = path.indexOf('/', end + 1)) {
    if (!there.has(path.slice(0, end))) return path.slice(0, end)
  }
  return there.has(path) ? undefined : path
}

function freePath(path: string, used: Set<string>): string {
  for (let number = 1; ; number++) {
    const free = joinPath(parentOf(path), sized(copyName(nameOf(path), number, ' copy')))
    if (used.has(free)) continue
    used.add(free)
    return free
  }
}

function count(items: readonly UploadItem[]): string {
  const [first] = items
  return items.length === 1 ? shownName(first?.path ?? '') : `${items.length.toLocaleString('en')} files`
}

export function inBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}
