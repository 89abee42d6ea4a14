import { describe, expect, it } from 'vitest'
import { PlainLines } from '../../src/core/terminal/plain-lines.ts'

describe('plain lines', () => {
  it('have no colours, titles or moves, whatever pieces they come in', () => {
    const text =
      '\x1b[32mgreen\x1b[0m \x1b]0;title\x07x\x1b(B\r\n\x1b[2J\x1b[H\tnext\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\\n'
    for (const size of [1, 3, 1000]) {
      const lines = new PlainLines()
      let all = ''
      for (let at = 0; at < text.length; at += size) all += lines.push(text.slice(at, at + size))
      expect(all).toBe('green x\n\tnextlink\n')
    }
  })

  it('say once what overwrites itself, and wait for their end', () => {
    const lines = new PlainLines()
    expect(lines.push('10%\r50%\r')).toBe('')
    expect(lines.push('100% done')).toBe('')
    expect(lines.push('\r\nnew')).toBe('100% done\n')
  })

  it('that never end are cut', () => {
    const lines = new PlainLines()
    expect(
      lines
        .push('x'.repeat(200_000))
        .split('\n')
        .map(({ length }) => length),
    ).toEqual([65_536, 65_536, 65_536, 0])
  })
})
