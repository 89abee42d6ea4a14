/**
 * The globs of gitignore's kind that a person means by a list like `*.ts, src/lib, ./docs/**`: names and folders count at
 * any depth, `./` or `/` at the beginning is the project's folder, and a folder means all that is in it.
 */
export function parseGlobs(list: string): string[] {
  return splitList(list).flatMap((piece) => {
    const path = piece.replaceAll('\\', '/').replace(/\/+$/, '')
    const isAnchored = /^\.?\//.test(path)
    const plain = path.replace(/^(?:\.?\/)+/, '')
    if (plain === '' || plain === '.') return isAnchored || path === '.' ? ['/**'] : []
    const glob = isAnchored ? `/${plain}` : plain.startsWith('**/') ? plain : `**/${plain}`
    return glob.endsWith('/**') || glob === '**' ? [glob] : [glob, `${glob}/**`]
  })
}

/** At commas that are not in braces or brackets. */
function splitList(list: string): string[] {
  const pieces: string[] = []
  let depth = 0
  let piece = ''
  for (const char of list) {
    if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth = Math.max(0, depth - 1)
    if (char === ',' && depth === 0) {
      pieces.push(piece.trim())
      piece = ''
    } else piece += char
  }
  pieces.push(piece.trim())
  return pieces.filter((one) => one !== '')
}
