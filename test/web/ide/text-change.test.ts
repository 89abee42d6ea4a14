import fc from 'fast-check'
import { expect, it } from 'vitest'
import { textChange } from '../../../src/web/ide/documents/text-change.ts'

it('turns any text into any other', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '😀') })
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { from, to, insert } = textChange(before, after)
      expect(before.slice(0, from) + insert + before.slice(to)).toBe(after)
    }),
  )
})

it('touches only what differs', () => {
  expect(textChange('one two three', 'one 2 three')).toEqual({ from: 4, to: 7, insert: '2' })
  expect(textChange('same', 'same')).toEqual({ from: 4, to: 4, insert: '' })
})
