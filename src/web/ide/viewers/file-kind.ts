/** What a file that is no document seems to hold, by its first bytes. */
export interface FileKind {
  isText: boolean
  /** What a text's bytes are taken for. */
  encoding: 'utf-8' | 'windows-1252'
}

/** Bytes looked at. */
export const SAMPLE_BYTES = 8 * 1024
/** Of control characters in a text: escape codes of a log's colours, form feeds. */
const MOST_CONTROLS = 0.1

export function kindOf(sample: Uint8Array): FileKind {
  const controls = sample.filter((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d).length
  const isText = !sample.includes(0) && controls <= sample.length * MOST_CONTROLS
  return { isText, encoding: isUtf8(sample) ? 'utf-8' : 'windows-1252' }
}

/** The last character may be cut off. */
function isUtf8(sample: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true })
    return true
  } catch {
    return false
  }
}
