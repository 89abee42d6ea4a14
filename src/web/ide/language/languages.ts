import type { Diagnostic } from 'vscode-languageserver-protocol'
import { type LanguageServer, languageOfFile } from '../../../core/language-servers.ts'
import type { LanguageStatus } from '../../../core/wire/operations/language.ts'
import { Store } from '../../shared/store.ts'
import type { Connection } from '../wire/connection.ts'
import { type Problem, problemOf } from './problem.ts'
import { type FileReport, ServerLink } from './server-link.ts'

/** What is wrong with one file; `hash` of the text it is about, if that is known. */
export interface FileProblems {
  problems: readonly Problem[]
  hash?: number
}

/** What the page knows of the sandbox's language servers, and its lines to them. */
export class Languages {
  readonly statuses = new Store<ReadonlyMap<LanguageServer, LanguageStatus>>(new Map())
  /** By path. */
  readonly problems = new Store<ReadonlyMap<string, FileProblems>>(new Map())
  readonly #connection: Connection
  readonly #links = new Map<LanguageServer, ServerLink>()

  constructor(connection: Connection) {
    this.#connection = connection
    connection.on('language.changed', (status) => this.#changed(status))
    connection.onSession(() => {
      this.problems.set(new Map())
      this.statuses.set(new Map())
    })
  }

  /** The line to the server of a file's language; undefined when there is none. */
  linkFor(path: string): ServerLink | undefined {
    const server = languageOfFile(path)?.server
    return server && this.link(server)
  }

  link(server: LanguageServer): ServerLink {
    const known = this.#links.get(server)
    if (known) return known
    const link: ServerLink = new ServerLink(server, this.#connection, {
      onReport: (report) => this.#reported(report, link),
      onStatus: (status) => this.#changed(status),
    })
    this.#links.set(server, link)
    return link
  }

  /** Those that have been used. */
  links(): ServerLink[] {
    return [...this.#links.values()]
  }

  /** Ends the server, however it is, and starts it anew. */
  async restart(server: LanguageServer): Promise<void> {
    await this.#connection.request('language.restart', { server })
  }

  uriOf(path: string): string | undefined {
    const root = this.#root()
    return root === undefined ? undefined : `${root}/${path.split('/').map(encodeURIComponent).join('/')}`
  }

  /** The path of a file of the project; undefined for any other. Servers spell URIs in several ways. */
  pathOf(uri: string): string | undefined {
    const root = this.#root()
    if (root === undefined) return undefined
    const [spelled, folder] = [decode(uri), `${decode(root)}/`]
    return spelled.startsWith(folder) ? spelled.slice(folder.length) : undefined
  }

  #root(): string | undefined {
    return this.links().find(({ root }) => root !== undefined)?.root
  }

  #changed(status: LanguageStatus): void {
    this.statuses.update((statuses) => new Map(statuses).set(status.server, status))
    if (status.state !== 'ready') this.#links.get(status.server)?.stopped()
  }

  #reported({ uri, diagnostics, hash }: FileReport, link: ServerLink): void {
    const path = this.pathOf(uri)
    if (path === undefined) return
    // Two servers may know one file: each says all there is of its own.
    const others =
      this.problems
        .get()
        .get(path)
        ?.problems.filter((problem) => ownerOf.get(problem) !== link) ?? []
    const problems = (diagnostics as Diagnostic[]).map((diagnostic) => problemOf(path, diagnostic))
    for (const problem of problems) ownerOf.set(problem, link)
    const file = { problems: [...others, ...problems], ...(hash === undefined ? {} : { hash }) }
    this.problems.update((files) => {
      const next = new Map(files)
      if (file.problems.length === 0 && hash === undefined) next.delete(path)
      else next.set(path, file)
      return next
    })
  }
}

const ownerOf = new WeakMap<Problem, ServerLink>()

function decode(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}
