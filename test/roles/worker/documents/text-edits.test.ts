import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromFile, toFile } from '../../../../src/roles/worker/documents/file-text.ts'
import {
  distanceBetween,
  isAtMost,
  type TextEdit,
  textEdits,
} from '../../../../src/roles/worker/documents/text-edits.ts'

const apply = (text: string, edits: readonly TextEdit[]) =>
  edits.reduceRight((result, { from, to, insert }) => result.slice(0, from) + insert + result.slice(to), text)

const line = fc.constantFrom('', 'a', 'b', 'const x = 1', '  return', '}', 'ä😀', '😀😁', '\r')
const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'))

describe('the edits between two texts', () => {
  it('turn the one into the other, in order and apart', () => {
    fc.assert(
      fc.property(text, text, (from, to) => {
        const edits = textEdits(from, to)
        expect(apply(from, edits)).toBe(to)
        for (const [index, edit] of edits.entries()) {
          expect(edit.from).toBeLessThanOrEqual(edit.to)
          expect(edit.from).toBeGreaterThanOrEqual(edits[index - 1]?.to ?? 0)
        }
      }),
    )
  })

  it('are none for the same text, and small for a small change', () => {
    expect(textEdits('same\n', 'same\n')).toEqual([])
    const from = Array.from({ length: 2000 }, (_, index) => `line ${index}`).join('\n')
    const to = from.replace('line 10\n', 'line ten\n').replace('line 1990', 'line 1990 and more')
    const edits = textEdits(from, to)
    expect(edits.reduce((sum, edit) => sum + edit.insert.length, 0)).toBeLessThan(20)
    expect(edits).toContainEqual({
      from: from.indexOf('line 1990') + 9,
      to: from.indexOf('line 1990') + 9,
      insert: ' and more',
    })
  })

  it('never cut a character in two', () => {
    for (const { from, to, insert } of textEdits('x😀y', 'x😁y')) {
      expect([from, to, insert]).toEqual([1, 3, '😁'])
    }
  })

  it('end in time for texts that have nothing in common', () => {
    const random = (seed: number) =>
      Array.from({ length: 40_000 }, (_, index) => `${(index * seed) % 99_991}`).join('\n')
    const [from, to] = [random(7919), random(104_729)]
    expect(apply(from, textEdits(from, to))).toBe(to)
  })
})

describe('the distance between two texts', () => {
  it('is what has to be put in, and then what has to be taken away', () => {
    expect(distanceBetween('abc', 'axc')).toEqual({ inserted: 1, deleted: 1 })
    expect(isAtMost({ inserted: 1, deleted: 9 }, { inserted: 2, deleted: 0 })).toBe(true)
    expect(isAtMost({ inserted: 2, deleted: 1 }, { inserted: 2, deleted: 0 })).toBe(false)
  })
})

describe('a file as it is edited', () => {
  it('is the same file again', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\n', '\r\n', '\r', '\ufeff', 'ü')), (parts) => {
        const content = parts.join('')
        expect(toFile(fromFile(content))).toBe(content)
      }),
    )
  })

  it('has one line ending only where every line has it', () => {
    expect(fromFile('a\r\nb\r\n')).toEqual({ text: 'a\nb\n', lineEnding: 'crlf', byteOrderMark: false })
    expect(fromFile('a\r\nb\n').text).toBe('a\r\nb\n')
    expect(fromFile('\r\n\n').lineEnding).toBe('lf')
    expect(fromFile('\ufeffa')).toEqual({ text: 'a', lineEnding: 'lf', byteOrderMark: true })
  })
})
