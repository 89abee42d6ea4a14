export interface Pattern {
  text: string
  isRegex: boolean
  /** It may lie across lines. */
  isMultiline: boolean
}

/** The pattern for ripgrep: a newline in it means the end of a line, whether that is LF or CRLF. */
export function patternOf(query: string, isRegex: boolean): Pattern {
  if (isRegex) {
    const text = withLineEndings(query)
    return { text, isRegex, isMultiline: text !== query || /[\n]/.test(query) }
  }
  const lines = query.split(/\r?\n/)
  if (lines.length === 1) return { text: query, isRegex, isMultiline: false }
  return { text: lines.map(escapeRegex).join('\\r?\\n'), isRegex: true, isMultiline: true }
}

/** `\n` outside of brackets becomes `\r?\n`. */
function withLineEndings(regex: string): string {
  let inBrackets = false
  return regex.replace(/\\r\\n|\\[\s\S]|\r?\n|[\s\S]/g, (piece) => {
    if (piece === '[') inBrackets = true
    else if (piece === ']') inBrackets = false
    return !inBrackets && /^(?:\\r\\n|\\n|\r?\n)$/.test(piece) ? '\\r?\\n' : piece
  })
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|#&~-]/g, '\\$&')
}
