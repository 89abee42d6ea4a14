import { expect, it } from 'vitest'
import { fuzzyFilter, fuzzyScore } from '../../../src/web/ide/palette/fuzzy.ts'

const files = ['src/App.tsx', 'src/main.tsx', 'package.json', 'docs/map/pages/tsx.md', 'src/components/AppHeader.tsx']
const find = (query: string) => fuzzyFilter(files, query, (path) => path, 10)

it('prefers names over paths, and beginnings over middles', () => {
  expect(find('app')[0]).toBe('src/App.tsx')
  expect(find('ah')[0]).toBe('src/components/AppHeader.tsx')
  expect(find('src/main')[0]).toBe('src/main.tsx')
})

it('leaves out what does not match, and nothing for an empty query', () => {
  expect(find('zzz')).toEqual([])
  expect(find(' ')).toEqual(files)
  expect(fuzzyScore('abc', 'acb')).toBeUndefined()
})
