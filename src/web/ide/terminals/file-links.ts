import type { IBufferLine, IBufferRange, ILink, ILinkProvider, Terminal } from '@xterm/xterm'
import { fileMentions, projectPaths } from './link-text.ts'

export interface FileLinkOptions {
  terminal: Terminal
  /** The folder that the shell was in when this line was written, an absolute path. */
  folderAt: (line: number) => string | undefined
  /** The project's folder, an absolute path. */
  root: () => string | undefined
  /** Those of the names in this folder of the project that are files. */
  filesIn: (folder: string, names: readonly string[]) => Promise<readonly string[]>
  open: (path: string, place: { line: number; column?: number } | undefined) => void
}

/** A longer line is data. */
const MAX_LINE_CHARS = 3_000

/** Links to the files of the project that output speaks of, with line and column. */
export class FileLinks implements ILinkProvider {
  readonly #options: FileLinkOptions

  constructor(options: FileLinkOptions) {
    this.#options = options
  }

  provideLinks(row: number, callback: (links: ILink[] | undefined) => void): void {
    this.#find(row).then(callback, () => callback(undefined))
  }

  async #find(row: number): Promise<ILink[]> {
    const { terminal, folderAt, root, filesIn, open } = this.#options
    const line = wholeLine(terminal, row - 1)
    const base = root()
    const folder = folderAt(row - 1)
    if (!line || base === undefined || folder === undefined) return []
    const wanted = fileMentions(line.text).flatMap((mention) =>
      projectPaths(mention.path, folder, base).map((path) => ({ mention, path })),
    )
    const found = await existing(
      wanted.map(({ path }) => path),
      filesIn,
    )
    const taken = new Set<number>()
    const links: ILink[] = []
    for (const { mention, path } of wanted) {
      if (!found.has(path) || taken.has(mention.index)) continue
      taken.add(mention.index)
      const { line: at, column } = mention
      const place = at === undefined ? undefined : { line: at, ...(column === undefined ? {} : { column }) }
      const range = line.range(mention.index, mention.length)
      if (range.start.y > row || range.end.y < row) continue
      links.push({
        range,
        text: line.text.slice(mention.index, mention.index + mention.length),
        activate: () => open(path, place),
      })
    }
    return links
  }
}

async function existing(paths: readonly string[], filesIn: FileLinkOptions['filesIn']): Promise<ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  for (const path of paths) {
    const at = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(0, at))
    names.set(folder, (names.get(folder) ?? new Set()).add(path.slice(at + 1)))
  }
  const found = await Promise.all(
    [...names].map(async ([folder, inIt]) => {
      const files = await filesIn(folder, [...inIt]).catch(() => [])
      return files.map((name) => (folder === '' ? name : `${folder}/${name}`))
    }),
  )
  return new Set(found.flat())
}

/** The text of a line with all the rows it wraps over, and where its characters are. Rows of the buffer from 0. */
function wholeLine({ buffer: { active }, cols }: Terminal, row: number) {
  let first = row
  while (first > 0 && active.getLine(first)?.isWrapped) first--
  let text = ''
  const places: { x: number; y: number }[] = []
  const add = (line: IBufferLine, y: number) => {
    for (let x = 0; x < cols; x++) {
      const cell = line.getCell(x)
      if (!cell || cell.getWidth() === 0) continue
      const chars = cell.getChars() || ' '
      for (let unit = 0; unit < chars.length; unit++) places.push({ x: x + cell.getWidth(), y: y + 1 })
      text += chars
    }
  }
  for (let y = first; text.length < MAX_LINE_CHARS; y++) {
    const line = active.getLine(y)
    if (!line || (y > first && !line.isWrapped)) break
    add(line, y)
  }
  if (text.length >= MAX_LINE_CHARS) return undefined
  return {
    text,
    range(index: number, length: number): IBufferRange {
      const [start, end] = [places[index], places[index + length - 1]]
      return { start: start ?? { x: 1, y: row + 1 }, end: end ?? { x: 1, y: row + 1 } }
    },
  }
}
