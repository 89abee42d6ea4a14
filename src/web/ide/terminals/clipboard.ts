/** Undefined where the page may not read the clipboard: then only the browser's own paste can. */
export async function readClipboard(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText()
  } catch {
    return undefined
  }
}

/** What OSC 52 asks to be put on the clipboard; undefined for a question, which is not answered, and for nonsense. */
export function clipboardRequest(data: string): string | undefined {
  const encoded = /^[a-z0-9]*;([A-Za-z0-9+/]*={0,2})$/.exec(data)?.[1]
  if (!encoded) return undefined
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Pasted text without what a terminal would take for keys; an escape could end a bracketed paste. */
export function pasteable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '')
}

export function lineCount(text: string): number {
  return text.replace(/(?:\r\n?|\n)+$/, '').split(/\r\n?|\n/).length
}
