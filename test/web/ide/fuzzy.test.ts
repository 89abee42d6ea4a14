import { describe, expect, it } from 'vitest'
import { matchPath, matchText, matchWords, parseQuery } from '../../../src/web/ide/palette/fuzzy.ts'

/** The paths that match, the best first. */
function find(query: string, paths: readonly string[]): string[] {
  const parsed = parseQuery(query)
  return paths
    .flatMap((path) => {
      const match = matchPath(parsed, path)
      return match ? [{ path, score: match.score }] : []
    })
    .sort((a, b) => b.score - a.score)
    .map(({ path }) => path)
}

/** What matched in a text, in brackets. */
function marked(query: string, path: string): string | undefined {
  const marks = matchPath(parseQuery(query), path)?.marks
  if (!marks) return undefined
  let shown = ''
  for (const [at, char] of [...path].entries()) {
    if (marks.some((mark, index) => mark === at && index % 2 === 0)) shown += '['
    if (marks.some((mark, index) => mark === at && index % 2 === 1)) shown += ']'
    shown += char
  }
  return marks.at(-1) === path.length ? `${shown}]` : shown
}

describe('paths', () => {
  const files = ['src/App.tsx', 'src/main.tsx', 'package.json', 'docs/map/pages/tsx.md', 'src/components/AppHeader.tsx']

  it('prefers names over folders, and beginnings over middles', () => {
    expect(find('app', files).slice(0, 2)).toEqual(['src/App.tsx', 'src/components/AppHeader.tsx'])
    expect(find('main', ['src/domain.ts', 'main/index.ts', 'src/main.ts'])[0]).toBe('src/main.ts')
    expect(find('src/main', files)[0]).toBe('src/main.tsx')
  })

  it('knows humps and words', () => {
    expect(find('ah', files)[0]).toBe('src/components/AppHeader.tsx')
    expect(marked('ah', 'src/components/AppHeader.tsx')).toBe('src/components/[A]pp[H]eader.tsx')
    expect(marked('uds', 'a/use-document-state.ts')).toBe('a/[u]se-[d]ocument-[s]tate.ts')
    // The best way, not the first: the run, although an earlier h is there.
    expect(marked('head', 'the/shared-header.ts')).toBe('the/shared-[head]er.ts')
  })

  it('takes spaces for several pieces in any order, some of them in the folders', () => {
    expect(find('header comp', files)).toEqual(['src/components/AppHeader.tsx'])
    expect(marked('header comp', 'src/components/AppHeader.tsx')).toBe('src/[comp]onents/App[Header].tsx')
    expect(find('app nothing', files)).toEqual([])
  })

  it('matches a path from its segments, with either slash', () => {
    expect(marked('sc/ah', 'src/components/AppHeader.tsx')).toBe('[s]r[c/]components/[A]pp[H]eader.tsx')
    expect(find('src\\main', files)).toEqual(['src/main.tsx'])
  })

  it('ranks the whole name before a longer one', () => {
    expect(find('index.ts', ['a/index.tsx', 'a/index.ts', 'a/old-index.ts'])).toEqual([
      'a/index.ts',
      'a/index.tsx',
      'a/old-index.ts',
    ])
  })

  it('leaves out what does not match, and nothing for an empty query', () => {
    expect(find('zzz', files)).toEqual([])
    expect(find(' ', files)).toEqual(files)
    expect(matchText(parseQuery('abc'), 'acb')).toBeUndefined()
  })

  it('stays itself with texts of any length', () => {
    expect(matchPath(parseQuery('x'.repeat(3_000)), 'x'.repeat(5_000))).toBeUndefined()
    expect(matchPath(parseQuery('end'), `${'a/'.repeat(2_000)}end`)?.marks).toEqual([4_000, 4_003])
  })
})

describe('titles of commands', () => {
  const match = (query: string, title: string) => matchWords(parseQuery(query), title)

  it('are found by the beginnings of their words', () => {
    expect(match('gtf', 'Go to file')?.marks).toEqual([0, 1, 3, 4, 6, 7])
    expect(match('go fi', 'Go to file')).toBeDefined()
    expect(match('file', 'Go to file')?.marks).toEqual([6, 10])
    expect(match('shte', 'Show or hide the terminal')).toBeDefined()
  })

  it('are not found by letters that are scattered over them', () => {
    expect(match('oil', 'Go to file')).toBeUndefined()
    expect(match('gle', 'Go to file')).toBeUndefined()
  })

  it('rank a title that begins so first', () => {
    const score = (title: string) => match('open', title)?.score ?? 0
    expect(score('Open file')).toBeGreaterThan(score('Reopen file'))
    expect(score('Quickly open file')).toBeGreaterThan(score('Reopen file'))
  })
})
