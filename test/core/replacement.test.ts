import { describe, expect, it } from 'vitest'
import { expandReplacement, parseReplacement, withCaseOf } from '../../src/core/replacement.ts'

const expand = (template: string, match: string, groups?: (string | null)[], preserveCase = false) =>
  expandReplacement(parseReplacement(template, true), match, groups, preserveCase)

describe('the replacement of a regular expression', () => {
  it('knows groups, the whole match and a dollar', () => {
    expect(expand('[$1|$2]', 'ab', ['a', 'b'])).toBe('[a|b]')
    expect(expand('$& $0 $$1', 'ab', [])).toBe('ab ab $1')
    expect(expand('$1', 'a', [null])).toBe('')
  })

  it('takes $12 for group 1 and a 2 where there is no group 12, and leaves what there is no group for', () => {
    expect(expand('$12', 'a', ['x'])).toBe('x2')
    expect(expand('$3', 'a', ['x'])).toBe('$3')
    expect(expand('$x $', 'a', [])).toBe('$x $')
  })

  it('knows newlines, tabs and backslashes', () => {
    expect(expand('a\\nb\\tc\\\\n', 'x', [])).toBe('a\nb\tc\\n')
    expect(expand('\\q', 'x', [])).toBe('\\q')
  })

  it('changes the case of groups', () => {
    expect(expand('\\u$1', 'x', ['word'])).toBe('Word')
    expect(expand('\\U$1-\\L$2', 'x', ['word', 'WORD'])).toBe('WORD-word')
    expect(expand('\\u\\u$1', 'x', ['word'])).toBe('WOrd')
    expect(expand('\\l\\U$1', 'x', ['Word'])).toBe('wORD')
  })

  it('is undefined when it needs groups that are not known', () => {
    expect(expand('$1', 'a')).toBeUndefined()
    expect(expand('$&!', 'a')).toBe('a!')
  })

  it('is taken letter by letter for plain text', () => {
    expect(expandReplacement(parseReplacement('$1\\n', false), 'a', [], false)).toBe('$1\\n')
  })
})

describe('the case of the match', () => {
  it('is that of the replacement', () => {
    expect(withCaseOf('OLD', 'new')).toBe('NEW')
    expect(withCaseOf('old', 'New')).toBe('new')
    expect(withCaseOf('Old', 'new')).toBe('New')
    expect(withCaseOf('oLD', 'New')).toBe('new')
    expect(withCaseOf('123', 'New')).toBe('New')
    expect(withCaseOf('', 'New')).toBe('New')
  })

  it('goes part by part where both have as many', () => {
    expect(withCaseOf('Old-name', 'new-word')).toBe('New-word')
    expect(withCaseOf('OLD_Name', 'new_word')).toBe('NEW_Word')
    expect(withCaseOf('Old-name', 'newword')).toBe('Newword')
  })
})
