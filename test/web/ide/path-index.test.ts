import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchPath, parseQuery } from '../../../src/web/ide/palette/fuzzy.ts'
import { PathIndex } from '../../../src/web/ide/search/path-index.ts'
import { PathLists } from '../../../src/web/ide/search/path-lists.ts'

function indexOf(...paths: string[]): PathIndex {
  const index = new PathIndex()
  index.add(paths)
  return index
}
const pathsOf = (index: PathIndex, text: string, limit = 10) => index.find(text, limit).found.map(({ path }) => path)

describe('the index of paths', () => {
  it('gives the best first, and says how many there are', () => {
    const index = indexOf('src/deep/app-header.ts', 'src/app.ts', 'lib/map.ts', 'docs/readme.md')
    expect(pathsOf(index, 'app')).toEqual(['src/app.ts', 'src/deep/app-header.ts'])
    expect(index.find('s', 2)).toMatchObject({ matching: 4 })
    expect(index.find('s', 2).found).toHaveLength(2)
  })

  it('gives the least deep for no text', () => {
    expect(pathsOf(indexOf('a/b/c', 'z', 'a/b', 'b'), '')).toEqual(['b', 'z', 'a/b', 'a/b/c'])
  })

  it('finds what was added meanwhile', () => {
    const index = indexOf('one.ts')
    expect(pathsOf(index, 'o')).toEqual(['one.ts'])
    index.add(['two/other.ts'])
    expect(pathsOf(index, 'o')).toHaveLength(2)
    expect(pathsOf(index, 'oth')).toEqual(['two/other.ts'])
    expect(pathsOf(index, 'on')).toEqual(['one.ts'])
  })

  it('finds the same step by step as at once, and the best that looking at each would find', () => {
    const letters = fc.constantFrom('a', 'b', 'C', '/', '-', '.', ' ')
    const text = fc.array(letters, { maxLength: 8 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), text, (paths, query) => {
        const stepwise = indexOf(...paths)
        for (let end = 0; end <= query.length; end++) stepwise.find(query.slice(0, end), 3)
        const whole = indexOf(...paths).find(query, 100)
        const wanted = paths.filter((path) => matchPath(parseQuery(query), path)).sort()
        expect(whole.found.map(({ path }) => path).sort()).toEqual(wanted)
        expect(stepwise.find(query, 3).found).toEqual(whole.found.slice(0, 3))
      }),
    )
  })
})

describe('the lists', () => {
  const bytes = (text: string) => ({ kind: 'bytes' as const, bytes: new TextEncoder().encode(text) })
  const find = (lists: PathLists, text = '') =>
    lists.take({ kind: 'find', id: 1, text, limit: 10 })?.found.map(({ path }) => path)

  it('put pieces together wherever they were cut', () => {
    const lists = new PathLists()
    lists.take({ kind: 'begin' })
    const all = new TextEncoder().encode('\u00e4/b.ts\0c.ts\0')
    for (const byte of all) lists.take({ kind: 'bytes', bytes: new Uint8Array([byte]) })
    expect(find(lists)).toEqual(['c.ts', '\u00e4/b.ts'])
  })

  it('use the former list until the next one is whole', () => {
    const lists = new PathLists()
    lists.take({ kind: 'begin' })
    lists.take(bytes('old.ts\0'))
    expect(find(lists)).toEqual(['old.ts'])
    lists.take({ kind: 'end', whole: true })
    lists.take({ kind: 'begin' })
    lists.take(bytes('new.ts\0'))
    expect(find(lists)).toEqual(['old.ts'])
    lists.take({ kind: 'end', whole: true })
    expect(find(lists)).toEqual(['new.ts'])
    lists.take({ kind: 'begin' })
    lists.take({ kind: 'end', whole: false })
    expect(find(lists)).toEqual(['new.ts'])
  })
})
