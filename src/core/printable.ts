/**
 * What shows nothing, or changes how what is around it is shown: control characters, marks that turn the direction of
 * writing (with which `exe.docx` is made of `xcod.exe`), spaces of no width, and halves of characters.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\p{Surrogate}]/gu

/** A foreign text, such as a file's name, on one line and with nothing unseen in it: `␛[31m`, `a␊b`, `in\u202excod`. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (char) => {
    const code = char.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '\u2421' : escaped(char)
  })
}

/** As JSON writes it, in quotes, with the unseen escaped as well. */
export function printableJson(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, escaped)
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
