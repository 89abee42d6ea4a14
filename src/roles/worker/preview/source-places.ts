import { stat } from 'node:fs/promises'
import type { Place } from '../../../core/wire/operations/ports.ts'
import type { ProjectRoot } from '../../../drivers/project-path.ts'
import { SourceMap } from '../../../drivers/source-map.ts'

/** A script that was asked about is asked about again at once: a stack has many places. */
const KEPT_MS = 3_000
const MOST_KEPT = 24

interface Script {
  /** How its sources are called relative to: the address of the map, else its own. */
  base: string
  map: SourceMap | undefined
}

export interface SourcePlacesOptions {
  /** The folder's absolute path, as bundlers write it into their maps. */
  folder: string
  root: ProjectRoot
  /** Fetches a script or map from a server of the sandbox; rejects when there is none. */
  fetch: (port: number, path: string) => Promise<string>
  now: () => number
}

/** Finds the places in the project's files that places in a preview's scripts came from. */
export class SourcePlaces {
  readonly #options: SourcePlacesOptions
  readonly #scripts = new Map<string, { script: Promise<Script>; until: number }>()

  constructor(options: SourcePlacesOptions) {
    this.#options = options
  }

  /** `script` is an address on the port's host, or a name that a bundler gave a script it evaluates. */
  async locate(port: number, script: string, line: number, column: number): Promise<Place | undefined> {
    if (!script.startsWith('/')) return this.#inProject(namesOf(script, '/', this.#options.folder), line, column)
    const found = await this.#script(port, script).catch(() => undefined)
    const original = found?.map?.originalOf(line, column)
    if (found && original) {
      const { source, line: at, column: of } = original
      return this.#inProject(namesOf(source, found.base, this.#options.folder), at, of)
    }
    // With a map, what it does not know is the bundler's own; without one, the script is what somebody wrote.
    return found?.map ? undefined : this.#inProject(namesOf(script, '/', this.#options.folder), line, column)
  }

  #script(port: number, path: string): Promise<Script> {
    const key = `${port}${path}`
    const now = this.#options.now()
    const kept = this.#scripts.get(key)
    if (kept && kept.until > now) return kept.script
    for (const [other, { until }] of this.#scripts) {
      if (until <= now || this.#scripts.size >= MOST_KEPT) this.#scripts.delete(other)
    }
    const script = this.#read(port, path)
    this.#scripts.set(key, { script, until: now + KEPT_MS })
    return script
  }

  async #read(port: number, path: string): Promise<Script> {
    const text = await this.#options.fetch(port, path)
    const reference = lastReference(text)
    if (reference === undefined) return { base: path, map: undefined }
    const inline = /^data:[^,]*?(;base64)?,(.*)$/s.exec(reference)
    try {
      if (inline) {
        const [, base64, data = ''] = inline
        const json = base64 ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data)
        return { base: path, map: new SourceMap(json) }
      }
      const at = new URL(reference, `http://app${path}`)
      if (at.host !== 'app') return { base: path, map: undefined }
      const base = at.pathname + at.search
      return { base, map: new SourceMap(await this.#options.fetch(port, base)) }
    } catch {
      return { base: path, map: undefined }
    }
  }

  async #inProject(names: string[], line: number, column: number): Promise<Place | undefined> {
    for (const path of names) if (await this.#isFile(path)) return { path, line, column }
    return undefined
  }

  async #isFile(path: string): Promise<boolean> {
    try {
      return await this.#options.root.existing(path, async ({ place }) => (await stat(place)).isFile())
    } catch {
      return false
    }
  }
}

/** The last `sourceMappingURL` of a script, which is the one that counts. */
function lastReference(text: string): string | undefined {
  const at = Math.max(text.lastIndexOf('//# sourceMappingURL='), text.lastIndexOf('//@ sourceMappingURL='))
  return at < 0 ? undefined : /^[^\s'"]+/.exec(text.slice(at + '//# sourceMappingURL='.length))?.[0]
}

/**
 * Paths in the project that a source may be, as bundlers call them: `App.tsx` beside the script `/src/App.tsx`,
 * `webpack://app/./src/index.js`, `turbopack:///[project]/app/page.tsx`, `file:///home/coder/project/app/page.tsx`,
 * `/@fs/home/coder/project/a.js`. Best first; none of packages.
 */
export function namesOf(source: string, base: string, folder: string): string[] {
  const bare = source.replace(/[?#].*$/, '')
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/\/?/i.exec(bare)
  let candidates: string[]
  if (scheme?.[1]?.toLowerCase() === 'file') candidates = [bare.slice('file://'.length)]
  else if (scheme) {
    const rest = bare.slice(scheme[0].length)
    // `webpack://name/./src/x.js` has a name first, `webpack:///./src/x.js` none.
    candidates = [rest, rest.replace(/^[^/]*\//, '')].map((name) => name.replace(/^\[project\]\//, ''))
  } else candidates = [bare, new URL(bare, `http://app${base}`).pathname]
  const names = candidates.flatMap((candidate) => {
    const path = decoded(candidate).replace(/^\/@fs(?=\/)/, '')
    return path.startsWith(`${folder}/`)
      ? [path.slice(folder.length + 1)]
      : [path, `public/${path.replace(/^\/+/, '')}`]
  })
  const clean = names.map((name) =>
    name
      .replace(/^\/+/, '')
      .split('/')
      .filter((part) => part !== '.' && part !== '')
      .join('/'),
  )
  return [...new Set(clean)].filter((name) => name !== '' && !/(?:^|\/)(?:node_modules|\.\.)\//.test(name))
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
