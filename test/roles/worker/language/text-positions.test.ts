import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { applyEdits } from '../../../../src/roles/worker/documents/saved-state.ts'
import { offsetEdits, positionAt, singleEdit } from '../../../../src/roles/worker/language/text-positions.ts'

const text = fc.array(fc.constantFrom('a', 'b', '\n', '😀', 'ä', ' '), { maxLength: 40 }).map((parts) => parts.join(''))

function apply(before: string, edits: Parameters<typeof offsetEdits>[1]): string {
  const shared = new Y.Doc().getText('text')
  shared.insert(0, before)
  applyEdits(shared, offsetEdits(before, edits))
  return shared.toString()
}

describe('places in a text', () => {
  it('one edit turns any text into any other, and never cuts a letter in two', () => {
    fc.assert(
      fc.property(text, text, (from, to) => {
        const edit = singleEdit(from, to)
        if (!edit) {
          expect(from).toBe(to)
          return
        }
        expect(apply(from, [{ range: edit.range, newText: edit.text }])).toBe(to)
        expect(edit.text).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/)
      }),
    )
  })

  it('lines are counted from 0, and so are UTF-16 units in them', () => {
    expect(positionAt('a😀\nbc', 6)).toEqual({ line: 1, character: 2 })
    expect(positionAt('a\n', 2)).toEqual({ line: 1, character: 0 })
  })

  it('the end of a text may be named as the line behind the last one, and lines may end as on Windows', () => {
    const all = { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } }
    expect(apply('a\nb', [{ range: all, newText: 'x\r\ny\r\n' }])).toBe('x\ny\n')
  })

  it('several insertions at one place keep their order', () => {
    const at = { start: { line: 0, character: 1 }, end: { line: 0, character: 1 } }
    const edits = ['1', '2', '3'].map((newText) => ({ range: at, newText }))
    expect(apply('ab', edits)).toBe('a123b')
  })

  it('edits that overlap, or are of another text, are refused', () => {
    const range = (from: number, to: number) => ({
      start: { line: 0, character: from },
      end: { line: 0, character: to },
    })
    const overlapping = [range(0, 2), range(1, 3)].map((one) => ({ range: one, newText: '' }))
    expect(() => offsetEdits('abcd', overlapping)).toThrow(/another text/)
    const behind = { start: { line: 9, character: 0 }, end: { line: 9, character: 1 } }
    expect(() => offsetEdits('abcd', [{ range: behind, newText: '' }])).toThrow(/another text/)
  })
})
