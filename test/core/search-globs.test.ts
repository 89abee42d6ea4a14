import { expect, it } from 'vitest'
import { parseGlobs } from '../../src/core/search-globs.ts'

it('names count at any depth, and folders mean all that is in them', () => {
  expect(parseGlobs('*.ts')).toEqual(['**/*.ts', '**/*.ts/**'])
  expect(parseGlobs('src/lib/')).toEqual(['**/src/lib', '**/src/lib/**'])
  expect(parseGlobs('docs/**')).toEqual(['**/docs/**'])
})

it('the project folder is where a path with a slash begins', () => {
  expect(parseGlobs('./src')).toEqual(['/src', '/src/**'])
  expect(parseGlobs('/src/*.ts')).toEqual(['/src/*.ts', '/src/*.ts/**'])
  expect(parseGlobs('.')).toEqual(['/**'])
  expect(parseGlobs('./')).toEqual(['/**'])
})

it('is split at commas, but not in braces', () => {
  expect(parseGlobs(' *.{ts,tsx} , , a ')).toEqual(['**/*.{ts,tsx}', '**/*.{ts,tsx}/**', '**/a', '**/a/**'])
  expect(parseGlobs('')).toEqual([])
})
