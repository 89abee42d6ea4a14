import { Readable } from 'node:stream'
import { PlainLines } from '../../../core/terminal/plain-lines.ts'
import type { Terminal } from './terminal.ts'

/** What a reader has not read yet; a program is not held up for it, so what comes beyond is left out. */
const MAX_UNREAD_BYTES = 1024 * 1024

/** The last `tail` lines of a text. */
export function lastLines(text: string, tail: number): string {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
    .slice(Math.max(0, lines.length - tail))
    .map((line) => `${line}\n`)
    .join('')
}

/** A terminal's last lines as plain text, then each new one as it is complete, until the stream is destroyed. */
export function followLines(terminal: Pick<Terminal, 'follow'>, tail: number): Readable {
  const lines = new PlainLines()
  const decoder = new TextDecoder()
  let leftOut = 0
  const stream = new Readable({
    read() {
      if (leftOut === 0) return
      this.push(`[${leftOut} bytes were left out: they came faster than they were read]\n`)
      leftOut = 0
    },
    destroy(error, done) {
      stop()
      done(error)
    },
  })
  const add = (text: string) => {
    if (stream.readableLength > MAX_UNREAD_BYTES || leftOut > 0) leftOut += text.length
    else if (text !== '') stream.push(text)
  }
  const stop = terminal.follow(
    (text) => add(lastLines(text, tail)),
    (bytes) => add(lines.push(decoder.decode(bytes, { stream: true }))),
  )
  return stream
}
