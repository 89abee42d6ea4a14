import { Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { offsetsOf, parsePlace, splitPlace } from '../../../src/web/ide/editor/place.ts'

describe('a place', () => {
  const doc = Text.of(['one', 'two three', '', 'four three'])

  it('is as near as can be where there is no such line or column', () => {
    expect(offsetsOf(doc, { line: 2, column: 5 })).toEqual({ from: 8, to: 8 })
    expect(offsetsOf(doc, { line: 2, column: 99 })).toEqual({ from: 13, to: 13 })
    expect(offsetsOf(doc, { line: 99 })).toEqual({ from: 15, to: 15 })
    expect(offsetsOf(doc, { line: 0, column: 0 })).toEqual({ from: 0, to: 0 })
    expect(offsetsOf(doc, { line: 2, column: 5, endLine: 4, endColumn: 2 })).toEqual({ from: 8, to: 16 })
  })

  it('follows its text to the nearest place it has moved to', () => {
    const place = { line: 3, column: 1, endLine: 3, endColumn: 6, text: 'three' }
    expect(offsetsOf(doc, place)).toEqual({ from: 8, to: 13 })
    expect(offsetsOf(doc, { ...place, line: 4 })).toEqual({ from: 20, to: 25 })
    expect(offsetsOf(doc, { ...place, text: 'gone' })).toEqual({ from: 14, to: 14 })
  })

  it('is read from what people and compilers write', () => {
    expect(parsePlace('12')).toEqual({ line: 12 })
    expect(parsePlace(' 12:3 ')).toEqual({ line: 12, column: 3 })
    expect(parsePlace('12:')).toEqual({ line: 12 })
    expect(parsePlace('x')).toBeUndefined()
    expect(splitPlace('src/a.ts:12:3')).toEqual({ path: 'src/a.ts', place: { line: 12, column: 3 } })
    expect(splitPlace('src/a.ts(12,3)')).toEqual({ path: 'src/a.ts', place: { line: 12, column: 3 } })
    expect(splitPlace('src/a.ts#L7')).toEqual({ path: 'src/a.ts', place: { line: 7 } })
    expect(splitPlace('src/a.ts:')).toEqual({ path: 'src/a.ts', place: undefined })
    expect(splitPlace('src/a.ts')).toEqual({ path: 'src/a.ts', place: undefined })
    expect(splitPlace(':12')).toEqual({ path: ':12', place: undefined })
  })
})
