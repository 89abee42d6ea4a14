import { fileURLToPath, pathToFileURL } from 'node:url'

/** The project's files as language servers call them, each of which spells some characters in its own way. */
export class FileUris {
  /** Of the project's folder, without a slash at its end. */
  readonly root: string
  readonly #folder: string

  /** `folder`: the project's, absolute, links followed. */
  constructor(folder: string) {
    this.#folder = folder
    this.root = pathToFileURL(folder).href.replace(/\/$/, '')
  }

  /** `path` is relative to the project's folder. */
  of(path: string): string {
    return `${this.root}/${path.split('/').map(encodeURIComponent).join('/')}`
  }

  /** The path of a file of the project; undefined for any other, and for what is no URI of a file. */
  pathOf(uri: string): string | undefined {
    try {
      const file = fileURLToPath(uri)
      return file.startsWith(`${this.#folder}/`) ? file.slice(this.#folder.length + 1) : undefined
    } catch {
      return undefined
    }
  }
}
