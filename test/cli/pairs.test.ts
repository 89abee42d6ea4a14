import { describe, expect, it } from 'vitest'
import { parseVariables, splitPair, variablesOf } from '../../src/cli/pairs.ts'

describe('variables', () => {
  it('are read from files as dotenv files have them', () => {
    const text =
      '# a comment\n\nA=1\nexport B = two words # why\nC="x\\ny \\"q\\" # no comment"\r\nD=\'$A\\n\'\nE=\nF=a=b#c\n'
    expect(parseVariables(text, 'x.env')).toEqual([
      ['A', '1'],
      ['B', 'two words'],
      ['C', 'x\ny "q" # no comment'],
      ['D', '$A\\n'],
      ['E', ''],
      ['F', 'a=b#c'],
    ])
    expect(() => parseVariables('A=1\nnonsense', 'x.env')).toThrow('x.env:2')
    expect(() => variablesOf(['/nonexistent/file'], [])).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }))
  })

  it('are given one by one', () => {
    expect(variablesOf([], ['A=1', 'B=x=y', 'A=2'])).toEqual({ A: '2', B: 'x=y' })
    expect(() => splitPair('=1')).toThrow('NAME=VALUE')
  })
})
