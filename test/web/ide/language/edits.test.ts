import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textHash } from '../../../../src/core/text-hash.ts'
import { snippetOf } from '../../../../src/web/ide/language/editor/snippet.ts'
import { listedProblems, neighbourProblem, problemOf } from '../../../../src/web/ide/language/problem.ts'
import { moveChanges } from '../../../../src/web/ide/language/workspace-edit.ts'

describe('edits of a text that has changed meanwhile', () => {
  const edit = (from: number, to: number, insert: string) => ({ from, to, insert })

  it('move with what was typed before them, and stay before what was typed behind them', () => {
    expect(moveChanges('one two', 'x one two', [edit(4, 7, '2')])).toEqual([edit(6, 9, '2')])
    expect(moveChanges('one two', 'one two x', [edit(0, 3, '1')])).toEqual([edit(0, 3, '1')])
  })

  it('are refused where somebody typed', () => {
    expect(() => moveChanges('one two', 'onXe two', [edit(0, 3, '1')])).toThrow(/same place/)
  })

  it('of the same text are what they are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(moveChanges(text, text, [edit(0, 0, 'a')])).toHaveLength(1)
      }),
    )
  })
})

it('snippets become those of CodeMirror', () => {
  expect(snippetOf('for ($1 of $2) {\n\t$0\n}')).toBe(`for (\${1} of \${2}) {\n\t\${0}\n}`)
  expect(snippetOf(`color: \${1:red};`)).toBe(`color: \${1:red};`)
  expect(snippetOf(`\${1|left,right|}`)).toBe(`\${1:left}`)
  expect(snippetOf(`\\$5 $TM_FILENAME \${TM_SELECTED_TEXT}`)).toBe('$5 $TM_FILENAME ')
})

it('texts that are the same have one hash, others hardly ever', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(textHash(a) === textHash(b)).toBe(a === b)
      expect(Number.isSafeInteger(textHash(a))).toBe(true)
    }),
  )
})

describe('problems', () => {
  const problem = (path: string, line: number, severity: 1 | 2 | 3 | 4 = 1) =>
    problemOf(path, {
      range: { start: { line, character: 0 }, end: { line, character: 1 } },
      severity,
      message: `${path} ${line}`,
    })
  const files = new Map([
    ['b.ts', { problems: [problem('b.ts', 9), problem('b.ts', 2)] }],
    ['a.ts', { problems: [problem('a.ts', 5), problem('a.ts', 1, 4)] }],
  ])
  const listed = listedProblems(files)

  it('are listed file by file, in their order, without hints', () => {
    expect(listed.map(({ message }) => message)).toEqual(['a.ts 5', 'b.ts 2', 'b.ts 9'])
  })

  it('are walked on from the cursor, over the files and around the end', () => {
    const walk = (path: string | undefined, line: number, step: 1 | -1) =>
      neighbourProblem(listed, path, { line, character: 0 }, step)?.message
    expect(walk('a.ts', 0, 1)).toBe('a.ts 5')
    expect(walk('a.ts', 5, 1)).toBe('b.ts 2')
    expect(walk('b.ts', 9, 1)).toBe('a.ts 5')
    expect(walk('b.ts', 9, -1)).toBe('b.ts 2')
    expect(walk('a.ts', 5, -1)).toBe('b.ts 9')
    expect(walk(undefined, 0, 1)).toBe('a.ts 5')
    expect(neighbourProblem([], 'a.ts', { line: 0, character: 0 }, 1)).toBeUndefined()
  })
})
