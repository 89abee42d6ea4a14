import { describe, expect, it } from 'vitest'
import { ModeTracker, withoutQuestions } from '../../src/core/replay.ts'

describe('output shown a second time', () => {
  const asked = [
    '\x1b[c',
    '\x1b[0c',
    '\x1b[>c',
    '\x1b[>0c',
    '\x1b[=c',
    '\x1b[5n',
    '\x1b[6n',
    '\x1b[?6n',
    '\x1b[>q',
    '\x1b[>0q',
    '\x1b[?2026$p',
    '\x1b[4$p',
    '\x1b[18t',
    '\x1b[21t',
    '\x1b]10;?\x07',
    '\x1b]11;?\x1b\\',
    '\x1b]4;1;?\x07',
    '\x1b]52;c;?\x07',
    '\x1bP$qm\x1b\\',
    '\x1bP+q544e\x1b\\',
    '\x05',
  ]
  it.each(asked.map((question) => [JSON.stringify(question), question]))('asks nothing: %s', (_shown, question) => {
    expect(withoutQuestions(`before${question}after`)).toBe('beforeafter')
  })

  it('is otherwise as it was', () => {
    const kept = '\x1b[31mred\x1b[0m\r\n\x1b[2J\x1b[?1049h\x1b[1;5H\x1b]0;title\x07\x1b[22;0t\x1b[?25l\x1b[38;5;1m\tn c'
    expect(withoutQuestions(kept)).toBe(kept)
  })
})

describe('private modes', () => {
  it('are those set last, also when a sequence is cut', () => {
    const modes = new ModeTracker()
    modes.push('\x1b[?1049h\x1b[?2004h text \x1b[?10')
    modes.push('00;1006h\x1b[?20')
    modes.push('04l')
    expect(modes.restore()).toBe('\x1b[?1049h\x1b[?2004l\x1b[?1000h\x1b[?1006h')
  })

  it('end with a full reset, and unknown ones are passed over', () => {
    const modes = new ModeTracker()
    modes.push('\x1b[?1049h\x1bc\x1b[?25l\x1b[?9999h')
    expect(modes.restore()).toBe('\x1b[?25l')
  })
})
