import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { formattersFor } from '../../src/drivers/formatter-programs.ts'

let root: string
let settings: Record<string, string[]>
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'omega-format-'))
  settings = {}
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const found = (path: string) =>
  formattersFor(root, path, (folder) => settings[folder.slice(root.length + 1)] ?? [])
    .filter(({ isProjects }) => isProjects)
    .map(({ name }) => name)

it('the project has those that are installed in it, for files they know', () => {
  expect(found('src/a.ts')).toEqual([])
  put('node_modules/.bin/prettier')
  expect(found('src/a.ts')).toEqual(['Prettier'])
  expect(found('README.md')).toEqual(['Prettier'])
  expect(found('main.py')).toEqual([])
})

it('with two, the one that has been set up comes first', () => {
  put('node_modules/.bin/prettier')
  put('node_modules/.bin/biome')
  expect(found('a.ts')).toEqual(['Prettier', 'Biome'])
  settings[''] = ['biome.json']
  expect(found('a.ts')).toEqual(['Biome', 'Prettier'])
  settings[''] = ['biome.json', '.prettierrc']
  expect(found('a.ts')).toEqual(['Prettier', 'Biome'])
})

it('a package of the project may have its own, and so may a virtual environment', () => {
  put('packages/one/node_modules/.bin/biome')
  expect(found('packages/one/src/a.ts')).toEqual(['Biome'])
  expect(found('packages/two/a.ts')).toEqual([])
  put('.venv/bin/ruff')
  expect(found('app/main.py')).toEqual(['Ruff'])
})
