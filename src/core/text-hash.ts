/**
 * A number that two texts share when they are the same, and hardly ever when not (FNV-1a over UTF-16 units, 32 bits, and
 * the length above them). Fast enough for every keystroke; no protection against somebody who means harm.
 */
export function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) + (text.length % 0x10_0000) * 0x1_0000_0000
}
