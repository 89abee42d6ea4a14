import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeptMatch } from '../../../src/roles/worker/search/found-matches.ts'
import { carriedOver, edited, inverseOf, movedMatches } from '../../../src/roles/worker/search/matched-edits.ts'

/** All places of `x` in a text, as a search keeps them. */
function matchesIn(text: string): KeptMatch[] {
  const matches: KeptMatch[] = []
  for (const [index, line] of text.split('\n').entries()) {
    for (let at = line.indexOf('x'); at >= 0; at = line.indexOf('x', at + 1)) {
      const place = { line: index + 1, endLine: index + 1, column: at + 1, endColumn: at + 2 }
      matches.push({ ...place, text: 'x', groups: [] })
    }
  }
  return matches
}

const texts = fc.string({ unit: fc.constantFrom('x', 'a', '\n', ' '), maxLength: 40 })

/** Edits of a text that are in order and apart. */
const editsOf = (text: string) =>
  fc.array(fc.tuple(fc.nat(text.length), texts), { maxLength: 6 }).map((cuts) => {
    const places = [...new Set(cuts.map(([at]) => at))].sort((a, b) => a - b)
    const edits = []
    for (let index = 0; index + 1 < places.length; index += 2) {
      edits.push({ from: places[index] ?? 0, to: places[index + 1] ?? 0, insert: cuts[index]?.[1] ?? '' })
    }
    return edits
  })

describe('edits', () => {
  it('are taken back by their inverse', () => {
    const both = texts.chain((text) => fc.tuple(fc.constant(text), editsOf(text)))
    fc.assert(fc.property(both, ([text, edits]) => edited(edited(text, edits), inverseOf(text, edits)) === text))
  })

  it('are carried over changes that do not touch them', () => {
    const edits = [
      { from: 2, to: 4, insert: 'A' },
      { from: 6, to: 6, insert: 'B' },
      { from: 8, to: 9, insert: 'C' },
    ]
    const changes = [
      { from: 0, to: 1, insert: '' },
      { from: 7, to: 8, insert: '123' },
    ]
    expect(carriedOver(edits, changes)).toEqual([
      { from: 1, to: 3, insert: 'A' },
      { from: 5, to: 5, insert: 'B' },
      { from: 9, to: 10, insert: 'C' },
    ])
    expect(carriedOver(edits, [{ from: 3, to: 3, insert: 'in the middle' }])).toHaveLength(2)
  })
})

describe('matches', () => {
  it('are where their text is after edits of others', () => {
    const both = texts.chain((text) => fc.tuple(fc.constant(text), editsOf(text)))
    fc.assert(
      fc.property(both, ([text, edits]) => {
        const after = edited(text, edits).split('\n')
        for (const match of movedMatches(matchesIn(text), text, edits)) {
          if (match) expect(after[match.line - 1]?.slice(match.column - 1, match.endColumn - 1)).toBe('x')
        }
      }),
    )
  })

  it('are gone when they were replaced, and only then', () => {
    const text = 'x x\nx'
    const moved = movedMatches(matchesIn(text), text, [{ from: 2, to: 3, insert: 'long\n' }])
    expect(moved.map((match) => match && [match.line, match.column])).toEqual([[1, 1], undefined, [3, 1]])
  })
})
