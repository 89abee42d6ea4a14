/** A file's text as it is edited, and how to make the file's bytes of it again. */
export interface FileText {
  /** Lines end with `\n`. */
  text: string
  lineEnding: 'lf' | 'crlf'
  byteOrderMark: boolean
}

const BOM = '\ufeff'

/** Only where every line ends with CRLF are they taken for one ending; a mixture stays as it is, letter by letter. */
export function fromFile(content: string): FileText {
  const byteOrderMark = content.startsWith(BOM)
  const text = byteOrderMark ? content.slice(1) : content
  const isCrlf = text.includes('\r\n') && !/(^|[^\r])\n|\r(?!\n)/.test(text)
  return { text: isCrlf ? text.replaceAll('\r\n', '\n') : text, lineEnding: isCrlf ? 'crlf' : 'lf', byteOrderMark }
}

export function toFile({ text, lineEnding, byteOrderMark }: FileText): string {
  return (byteOrderMark ? BOM : '') + (lineEnding === 'crlf' ? text.replaceAll('\n', '\r\n') : text)
}
