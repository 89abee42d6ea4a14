/** A file that a line of output speaks of. */
export interface FileMention {
  /** In UTF-16 units of the line. */
  index: number
  length: number
  /** As it is written. */
  path: string
  line?: number
  column?: number
}

/** Names and folders, among them the `[slug]` and `(group)` of routers; no spaces, since nobody could tell where it ends. */
const pathPattern = String.raw`(?:\([\w.-]+\)\/|\[+[\w.-]+\]+|(?!#L\d)[^\s"'${'`'}<>|:;,*?=()[\]{}])+`
/** ` :12:3 `, ` (12,3) `, ` ", line 12 ` of Python, ` #L12 `. */
const placePattern = String.raw`(?::(\d+)(?::(\d+))?|\((\d+)(?:,\s?(\d+))?\)|", line (\d+)|#L(\d+))?`
const mention = new RegExp(`(?:file:\\/\\/)?(${pathPattern})${placePattern}`, 'g')

const MOST = 50

/** What may be files in a line of output: whether they are there, only the worker knows. */
export function fileMentions(text: string): FileMention[] {
  const found: FileMention[] = []
  for (const match of text.matchAll(mention)) {
    const [whole, written = '', ...numbers] = match
    // A full stop ends a sentence, not a name.
    const path = written.replace(/\.+$/, '')
    const [line, column] = [numbers[0] ?? numbers[2] ?? numbers[4] ?? numbers[5], numbers[1] ?? numbers[3]]
    const isPlace = line !== undefined
    // `//host/path` is what is left of a URL; a mere number or word is no file.
    if (path.startsWith('//') || !/[\p{L}\d_]/u.test(path) || !(isPlace || /\/|\.\w*[a-z_]\w*$/i.test(path))) continue
    if (/^[\d.]+$/.test(path)) continue
    found.push({
      index: match.index,
      length: path === written ? whole.length : whole.length - (written.length - path.length),
      path,
      ...(isPlace ? { line: Number(line) } : {}),
      ...(column === undefined ? {} : { column: Number(column) }),
    })
    if (found.length >= MOST) break
  }
  return found
}

/**
 * The paths from the project's folder `root` that a mention in a shell standing in `folder` may mean, the likeliest first;
 * both absolute. None for what is outside of the project.
 */
export function projectPaths(path: string, folder: string, root: string): string[] {
  // git writes a/ and b/ before what it compares.
  const written = /^[ab]\/./.test(path) ? [path, path.slice(2)] : [path]
  return written.flatMap((one) => {
    const absolute = resolved(one.startsWith('/') ? one : `${folder}/${one}`)
    return absolute.startsWith(`${root}/`) ? [absolute.slice(root.length + 1)] : []
  })
}

function resolved(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
