import { describe, expect, it } from 'vitest'
import { followLines } from '../../../src/roles/worker/terminals/app-log.ts'

/** A terminal that says what it is told to. */
function fakeTerminal() {
  const fake = {
    following: false,
    text: (_text: string) => {},
    output: (_text: string) => {},
    follow(onText: (text: string) => void, onOutput: (bytes: Uint8Array) => void) {
      fake.following = true
      fake.text = onText
      fake.output = (text) => onOutput(Buffer.from(text))
      return () => {
        fake.following = false
      }
    },
  }
  return fake
}

describe('a followed log', () => {
  it('begins with the last lines and goes on with new ones', () => {
    const terminal = fakeTerminal()
    const stream = followLines(terminal, 2).setEncoding('utf8')
    terminal.text('a\nb\nc\n')
    terminal.output('\x1b[1mne')
    terminal.output('w\r\nhalf')
    expect(stream.read()).toBe('b\nc\nnew\n')
    expect(stream.read()).toBe(null)
  })

  it('is not gathered for a reader who is slow: it says what it left out, and goes on', () => {
    const terminal = fakeTerminal()
    const stream = followLines(terminal, 2).setEncoding('utf8')
    terminal.text('')
    for (let piece = 0; piece < 100; piece++) terminal.output(`${'x'.repeat(65_535)}\n`)
    const kept = stream.readableLength
    expect(kept).toBeLessThan(1.2 * 1024 * 1024)
    let text = ''
    for (let piece = stream.read(); piece !== null; piece = stream.read()) text += piece
    expect(text).toMatch(new RegExp(`\\[${100 * 65_536 - kept} bytes were left out`))
    terminal.output('more\n')
    expect(stream.read()).toBe('more\n')
  })

  it('ends with its reader', async () => {
    const terminal = fakeTerminal()
    const stream = followLines(terminal, 2)
    expect(terminal.following).toBe(true)
    stream.destroy()
    await new Promise((resolve) => stream.once('close', resolve))
    expect(terminal.following).toBe(false)
  })
})
