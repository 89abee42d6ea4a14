import type { FoundMatch, SearchMessage } from '../../../core/wire/operations/search.ts'
import type { Params, Results } from '../../../core/wire/operations.ts'
import { Store } from '../../shared/store.ts'
import type { PageMemory } from '../frame/memory.ts'
import type { Connection } from '../wire/connection.ts'

export type SearchOptions = Params<'search.text'>

export interface SearchInput extends SearchOptions {
  replacement: string
  preserveCase: boolean
  /** The field for the replacement is shown. */
  replaces: boolean
  /** The fields for files are shown. */
  detailed: boolean
}

export const freshInput: SearchInput = {
  query: '',
  isRegex: false,
  matchCase: false,
  wholeWord: false,
  include: '',
  exclude: '',
  ignored: false,
  replacement: '',
  preserveCase: false,
  replaces: false,
  detailed: false,
}

/** `index`: its place among all matches the worker found in the file. */
export type ResultMatch = FoundMatch & { index: number }

export interface ResultFile {
  path: string
  matches: readonly ResultMatch[]
}

export interface SearchState {
  status: 'idle' | 'searching' | 'done'
  /** What was looked for. */
  options: SearchOptions | undefined
  /** By path; without what was dismissed or replaced. */
  files: readonly ResultFile[]
  matches: number
  /** Something was dismissed or replaced. */
  isReduced: boolean
  /** There are more. */
  truncated: boolean
  problem?: string
}

const idle: SearchState = {
  status: 'idle',
  options: undefined,
  files: [],
  matches: 0,
  isReduced: false,
  truncated: false,
}
const MOST_REMEMBERED = 50

/** What is replaced: one match, a file, or all that is listed. */
export interface ReplaceTarget {
  path: string
  index?: number
}

/** The search through the project's files, and replacing what it found. */
export class ProjectSearch {
  readonly input: Store<SearchInput>
  readonly state = new Store<SearchState>(idle)
  /** Files whose matches are not shown. */
  readonly collapsed = new Store<ReadonlySet<string>>(new Set())
  /** What was searched for, the latest last. */
  readonly queries: string[] = []
  readonly #connection: Connection
  #channel: number | undefined
  #serial = 0
  /** The last one the worker was asked for. */
  #asked = 0
  /** How many matches of a file have come. */
  readonly #received = new Map<string, number>()
  /** The list is of the search before. */
  #isStale = false

  constructor(connection: Connection, memory: PageMemory) {
    this.#connection = connection
    this.input = new Store<SearchInput>({ ...freshInput, ...memory.value.search })
    this.input.subscribe(() => {
      // A query may be as long as a file; that much is not worth keeping.
      const { query, replacement, ...rest } = this.input.get()
      memory.remember({ search: { ...rest, query: query.slice(0, 1_000), replacement: replacement.slice(0, 1_000) } })
    })
    connection.onSession(() => {
      this.#channel = undefined
      if (this.state.get().status !== 'idle') void this.search()
    })
  }

  set(change: Partial<SearchInput>): void {
    this.input.update((input) => ({ ...input, ...change }))
  }

  /** Searches for what is typed; nothing typed clears the list. */
  async search(): Promise<void> {
    const { replacement: _, preserveCase: _1, replaces: _2, detailed: _3, ...options } = this.input.get()
    const mine = ++this.#serial
    this.#close()
    if (options.query === '') {
      this.state.set(idle)
      return
    }
    this.#isStale = true
    this.#asked = mine
    this.state.update((state) => ({ ...state, status: 'searching', options }))
    try {
      const { channel } = await this.#connection.request('search.text', options)
      if (mine !== this.#serial) {
        // The worker has ended it for the one that came after, whose channel may be called the same.
        if (mine === this.#asked) this.#connection.request('search.close', { channel }).catch(() => undefined)
        return
      }
      this.#channel = channel
      this.#connection.receive(channel, (bytes) => this.#take(channel, bytes))
    } catch (error) {
      if (mine === this.#serial) this.#end({ problem: error instanceof Error ? error.message : String(error) })
    }
  }

  /** Looks no further; what was found stays. */
  stop(): void {
    if (this.#channel !== undefined) void this.#connection.request('search.stop', { channel: this.#channel })
  }

  clear(): void {
    this.#serial++
    this.#close()
    this.set({ query: '', replacement: '' })
    this.state.set(idle)
  }

  /** Keeps what was searched for, to come back to it with the arrow keys. */
  remember(): void {
    const { query } = this.input.get()
    const known = this.queries.indexOf(query)
    if (known >= 0) this.queries.splice(known, 1)
    if (query !== '') this.queries.push(query)
    if (this.queries.length > MOST_REMEMBERED) this.queries.shift()
  }

  toggle(path: string, open = this.collapsed.get().has(path)): void {
    const collapsed = new Set(this.collapsed.get())
    if (open) collapsed.delete(path)
    else collapsed.add(path)
    this.collapsed.set(collapsed)
  }

  /** All files, or none of them. */
  toggleAll(): void {
    const paths = this.state.get().files.map(({ path }) => path)
    const isOpen = paths.some((path) => !this.collapsed.get().has(path))
    this.collapsed.set(new Set(isOpen ? paths : []))
  }

  /** Takes something off the list; a replacement leaves it alone. */
  dismiss({ path, index }: ReplaceTarget): void {
    this.#keep((file) => {
      if (file.path !== path) return file.matches
      return index === undefined ? [] : file.matches.filter((match) => match.index !== index)
    })
  }

  /** Replaces a match, a file's matches, or all that is listed. Rejects with the worker's problem. */
  async replace(target?: ReplaceTarget): Promise<Results['search.replace']> {
    // Places in its list mean nothing to the search that runs now.
    if (this.#isStale) throw new Error('The search is not done yet. Replace when it is.')
    const { replacement, preserveCase } = this.input.get()
    const listed = this.state.get().files
    const files = listed
      .filter(({ path }) => target === undefined || path === target.path)
      .map(({ path, matches }) => ({
        path,
        matches: matches.map(({ index }) => index).filter((index) => index === (target?.index ?? index)),
      }))
    const answer = await this.#connection.request('search.replace', {
      channel: this.#channel ?? 0,
      replacement,
      preserveCase,
      files,
    })
    const failed = new Set(answer.failures.map(({ path }) => path))
    const replaced = new Map(files.map(({ path, matches }) => [path, new Set(matches)]))
    this.#keep(({ path, matches }) => {
      if (failed.has(path)) return matches
      return matches.filter(({ index }) => !replaced.get(path)?.has(index))
    })
    return answer
  }

  async undoReplace(replacement: number): Promise<Results['search.undoReplace']> {
    const answer = await this.#connection.request('search.undoReplace', { replacement })
    await this.search()
    return answer
  }

  #take(channel: number, bytes: Uint8Array): void {
    if (channel !== this.#channel) return
    const message = JSON.parse(new TextDecoder().decode(bytes)) as SearchMessage
    if ('end' in message) {
      const { truncated, problem } = message.end
      this.#end({ truncated, ...(problem ? { problem: problem.detail } : {}) })
    } else this.#add(message.files)
    this.#connection.painted(channel, bytes.length)
  }

  #add(found: readonly { path: string; matches: readonly FoundMatch[] }[]): void {
    const before = this.#fresh()
    const files = new Map(before.files.map((file) => [file.path, file]))
    const added: string[] = []
    let matches = before.matches
    for (const { path, matches: more } of found) {
      const received = this.#received.get(path) ?? 0
      this.#received.set(path, received + more.length)
      const known = files.get(path)?.matches
      if (!known) added.push(path)
      const indexed = more.map((match, at) => ({ ...match, index: received + at }))
      files.set(path, { path, matches: [...(known ?? []), ...indexed] })
      matches += more.length
    }
    const paths = merged(
      before.files.map(({ path }) => path),
      added.sort((a, b) => (treeOrder(a) < treeOrder(b) ? -1 : 1)),
    )
    this.state.set({ ...before, files: paths.flatMap((path) => files.get(path) ?? []), matches })
  }

  #end({ truncated = false, problem }: { truncated?: boolean; problem?: string }): void {
    const { problem: _, ...state } = this.#fresh()
    this.state.set({ ...state, status: 'done', truncated, ...(problem === undefined ? {} : { problem }) })
  }

  /** The state without what the search before found; that stays in sight until there is something new. */
  #fresh(): SearchState {
    const state = this.state.get()
    if (!this.#isStale) return state
    this.#isStale = false
    this.#received.clear()
    this.collapsed.set(new Set())
    return { ...idle, status: state.status, options: state.options }
  }

  #keep(keep: (file: ResultFile) => readonly ResultMatch[]): void {
    this.state.update((state) => {
      const files = state.files.flatMap((file) => {
        const matches = keep(file)
        if (matches.length === 0) return []
        return [matches.length === file.matches.length ? file : { ...file, matches }]
      })
      return { ...state, files, matches: files.reduce((sum, { matches }) => sum + matches.length, 0), isReduced: true }
    })
  }

  #close(): void {
    if (this.#channel === undefined) return
    this.#connection.release(this.#channel)
    this.#connection.request('search.close', { channel: this.#channel }).catch(() => undefined)
    this.#channel = undefined
  }
}

/** As a tree lists them: what is in a folder stays together. */
function treeOrder(path: string): string {
  return path.replaceAll('/', '\u0001')
}

/** Two ordered lists in one. */
function merged(left: readonly string[], right: readonly string[]): string[] {
  const result: string[] = []
  let at = 0
  for (const path of right) {
    for (let next = left[at]; next !== undefined && treeOrder(next) < treeOrder(path); next = left[++at])
      result.push(next)
    result.push(path)
  }
  return [...result, ...left.slice(at)]
}
