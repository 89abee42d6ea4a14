import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { ensureSyntaxTree, indentUnit } from '@codemirror/language'
import { SearchQuery } from '@codemirror/search'
import { EditorSelection, EditorState, type Extension, Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { bracketsIn } from '../../../src/web/ide/editor/bracket-colours.ts'
import { fencedLanguage } from '../../../src/web/ide/editor/fenced-languages.ts'
import { indentationOf, reindented } from '../../../src/web/ide/editor/indentation.ts'
import { languages } from '../../../src/web/ide/editor/language-table.ts'
import { languageOf, languageOfText } from '../../../src/web/ide/editor/languages.ts'
import { tabKey } from '../../../src/web/ide/editor/own-keys.ts'
import { findScope, isInScope, setScope } from '../../../src/web/ide/find/find-scope.ts'
import { countText, expressionProblem, findMatches, MOST_COUNTED } from '../../../src/web/ide/find/match-count.ts'

describe('languages', () => {
  it('by name, by ending, and by the first line', () => {
    const titles = ['a/b.rs', 'Dockerfile', 'Dockerfile.dev', '.bashrc', 'x.SCSS', 'Cargo.lock', 'CMakeLists.txt']
    expect(titles.map((path) => languageOf(path)?.title)).toEqual([
      'Rust',
      'Dockerfile',
      'Dockerfile',
      'Shell',
      'SCSS',
      'TOML',
      'CMake',
    ])
    expect(languageOf('LICENSE')).toBeUndefined()
    expect(languageOfText('#!/usr/bin/env bash\n')?.title).toBe('Shell')
    expect(languageOfText('#!/usr/bin/env -S node --x\n')?.title).toBe('JavaScript')
    expect(languageOfText('#!/usr/bin/python3.11\n')?.title).toBe('Python')
    expect(languageOfText('<?xml version="1.0"?>')?.title).toBe('XML')
    expect(languageOfText('nothing')).toBeUndefined()
    expect(fencedLanguage('ts title="a"')?.name).toBe('TypeScript')
    expect(fencedLanguage('')).toBeNull()
  })

  it('no two have the same ending, and all can be fetched', async () => {
    const endings = languages.flatMap(({ extensions }) => extensions)
    expect(new Set(endings).size).toBe(endings.length)
    for (const { title, load } of languages) expect((await load()).language, title).toBeDefined()
  })
})

describe('indentation', () => {
  it('is what most steps of the text are', () => {
    expect(indentationOf('a\n  b\n    c\n  d\n')).toEqual({ kind: 'spaces', size: 2 })
    expect(indentationOf('a\n    b\n        c\n')).toEqual({ kind: 'spaces', size: 4 })
    expect(indentationOf('a {\n\tb\n\t\tc\n}\n')).toEqual({ kind: 'tabs' })
    expect(indentationOf('/**\n * x\n * y\n */\na\n    b\n')).toEqual({ kind: 'spaces', size: 4 })
    expect(indentationOf('a\nb\n')).toBeUndefined()
  })

  it('is converted at the beginnings of lines only', () => {
    const convert = (text: string, to: Parameters<typeof reindented>[1]) => {
      const doc = Text.of(text.split('\n'))
      const state = EditorState.create({ doc })
      return state.update({ changes: reindented(doc, to, 4) }).state.doc.toString()
    }
    expect(convert('\ta\tb\n \tc\n', { kind: 'spaces', size: 4 })).toBe('    a\tb\n    c\n')
    expect(convert('      a  b\n    c', { kind: 'tabs' })).toBe('\t  a  b\n\tc')
  })

  it('Tab goes to the next step; whole lines go in', () => {
    const press = (doc: string, anchor: number, head: number, extensions: Extension = []) => {
      const selection = EditorSelection.single(anchor, head)
      let state = EditorState.create({ doc, selection, extensions: [indentUnit.of('  '), extensions] })
      const dispatch = (transaction: { state: EditorState }) => {
        state = transaction.state
      }
      expect(tabKey({ state, dispatch })).toBe(true)
      return state.doc.toString()
    }
    expect(press('abc', 3, 3)).toBe('abc ')
    expect(press('abc', 2, 2)).toBe('ab  c')
    expect(press('a\nb', 0, 3)).toBe('  a\n  b')
    expect(press('a', 0, 0, indentUnit.of('\t'))).toBe('  a')
  })
})

describe('brackets', () => {
  const depths = (doc: string, extension: Extension, from = 0, to = doc.length) => {
    const state = EditorState.create({ doc, extensions: extension })
    const tree = ensureSyntaxTree(state, doc.length, 5_000)
    if (!tree) throw new Error('It was not parsed')
    return bracketsIn(tree, from, to).map((one) => `${doc.slice(one.from, one.to)}${one.depth}`)
  }

  it('are as deep as the pairs around them; those of strings are none', () => {
    expect(depths('f({ a: [1] }, "(")', javascript())).toEqual(['(0', '{1', '[2', ']2', '}1', ')0'])
    expect(depths('{"a": [{}, []]}', json())).toEqual(['{0', '[1', '{2', '}2', '[2', ']2', ']1', '}0'])
  })

  it('in the middle of a text, too', () => {
    const doc = 'function f() {\n  if (a) {\n    b(c[0])\n  }\n}\n'
    const at = doc.indexOf('b(c')
    expect(depths(doc, javascript(), at, at + 7)).toEqual(['(2', '[3', ']3', ')2'])
  })
})

describe('find in a file', () => {
  const stateOf = (doc: string) => EditorState.create({ doc, extensions: findScope })
  const now = () => 0

  it('counts, and says which one is selected', () => {
    const matches = findMatches(new SearchQuery({ search: 'a' }), stateOf('a b a b a'), now)
    expect(countText(matches, { from: 4, to: 5 })).toBe('2 of 3')
    expect(countText(matches, { from: 0, to: 0 })).toBe('3 results')
    expect(countText({ starts: [], ends: [], isCut: false }, { from: 0, to: 0 })).toBe('No results')
    const many = findMatches(new SearchQuery({ search: 'a' }), stateOf('a'.repeat(MOST_COUNTED + 5)), now)
    expect(countText(many, { from: 9, to: 9 })).toBe('10,000+ results')
  })

  it('stays in its scope, which moves with edits', () => {
    const query = new SearchQuery({ search: 'a', test: isInScope })
    const scoped = stateOf('a a a a').update({ effects: setScope.of({ from: 2, to: 5 }) }).state
    expect(findMatches(query, scoped, now).starts).toEqual([2, 4])
    const edited = scoped.update({ changes: { from: 0, insert: 'xx' } }).state
    expect(findMatches(query, edited, now).starts).toEqual([4, 6])
    const free = edited.update({ effects: setScope.of(null) }).state
    expect(findMatches(query, free, now).starts).toEqual([2, 4, 6, 8])
  })

  it('says why an expression is none', () => {
    expect(expressionProblem('(a')).toMatch(/^Not valid: Unterminated group/)
    expect(expressionProblem('a+')).toBeUndefined()
  })
})
