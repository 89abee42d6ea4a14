// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what it is about
/**
 * Questions a program asks its terminal, which the emulator answers by typing: device attributes and status (CSI c, n),
 * version (CSI > q), modes (CSI $ p), window reports (CSI t), colours (OSC 4, 10-19 ?), clipboard (OSC 52 ?), settings
 * (DCS $ q, DCS + q) and answer-back (ENQ).
 */
const questions =
  /\x1b\[[>=?]?[\d;]*[cn]|\x1b\[>\d*q|\x1b\[\??[\d;]*\$p|\x1b\[(?:1[1-9]|2[01])(?:;\d+)*t|\x1b\](?:4;\d+|1\d|52;[a-z0-9]*);\?(?:\x07|\x1b\\)|\x1bP[$+]q[^\x1b]*\x1b\\|\x05/g

/** Private modes that decide how a screen looks and what keys and mouse send; on by their own word only. */
const lasting = [1, 5, 7, 25, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1047, 1049, 2004]

/**
 * Terminal output made fit to be shown a second time, as a binary string in and out: without the questions, since their
 * answers were given long ago and would now be typed into a shell.
 */
export function withoutQuestions(output: string): string {
  return output.replace(questions, '')
}

/**
 * Follows which private modes (DECSET) a stream leaves set, so that a replay whose beginning is lost can begin with
 * them. A sequence cut between two chunks is found as long as it is shorter than 32 bytes.
 */
export class ModeTracker {
  readonly #modes = new Map<number, boolean>()
  #tail = ''

  /** `output` is a binary string. */
  push(output: string): void {
    const text = this.#tail + output
    for (const match of text.matchAll(/\x1b\[\?([\d;]{1,40})([hl])|\x1bc/g)) {
      if (match[1] === undefined) this.#modes.clear()
      for (const mode of match[1]?.split(';').map(Number) ?? []) {
        if (lasting.includes(mode)) this.#modes.set(mode, match[2] === 'h')
      }
    }
    const last = text.lastIndexOf('\x1b')
    this.#tail = last >= 0 && text.length - last < 32 && !/[hl]/.test(text.slice(last)) ? text.slice(last) : ''
  }

  /** The sequence that sets what is set now. */
  restore(): string {
    return [...this.#modes].map(([mode, on]) => `\x1b[?${mode}${on ? 'h' : 'l'}`).join('')
  }
}
