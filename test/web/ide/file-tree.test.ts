import { beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/core/wire/operations/files.ts'
import { FileTree, type Row } from '../../../src/web/ide/files/file-tree.ts'
import { TypeAhead, treeAction } from '../../../src/web/ide/files/tree-keys.ts'
import { TreeSelection, topmost } from '../../../src/web/ide/files/tree-selection.ts'

const entry = (name: string, kind: Entry['kind'] = 'file'): Entry => ({ name, kind })

let folders: Record<string, Entry[]>
let watched: Set<string>
let expanded: string[]
let ignored: Record<string, string[]>
let asked: string[]
let truncated: boolean

beforeEach(() => {
  folders = {
    '': [entry('b.txt'), entry('a10.txt'), entry('a9.txt'), entry('src', 'directory'), entry('.git', 'directory')],
    src: [entry('main.ts'), entry('deep', 'directory')],
    'src/deep': [entry('x.ts')],
  }
  watched = new Set()
  expanded = []
  ignored = {}
  asked = []
  truncated = false
})

const entriesOf = (path: string): Entry[] => {
  const entries = folders[path]
  if (!entries) throw new Error('gone')
  return entries
}
const make = (open: string[] = []) =>
  new FileTree({
    access: {
      list: async (path) => {
        asked.push(`list ${path}`)
        return { entries: [...entriesOf(path)], ...(truncated ? { truncated } : {}) }
      },
      look: async (path, names) => {
        asked.push(`look ${path}`)
        return entriesOf(path).filter(({ name }) => names.includes(name))
      },
      ignored: async (path) => ignored[path] ?? [],
      watch: async (path) => void watched.add(path),
      unwatch: async (path) => void watched.delete(path),
    },
    expanded: open,
    onExpanded: (paths) => {
      expanded = paths
    },
    soon: (draw) => draw(),
  })
const names = (tree: FileTree) => tree.state.get().rows.map(({ path }) => path)
const settled = () => new Promise((resolve) => setTimeout(resolve))

describe('the tree', () => {
  it('shows folders first, then names as people order them, and not the folder of git', async () => {
    const tree = make()
    await tree.connect()
    expect(names(tree)).toEqual(['src', 'a9.txt', 'a10.txt', 'b.txt'])
    expect(tree.state.get().rows[0]).toMatchObject({
      level: 1,
      position: 1,
      siblings: 4,
      expanded: false,
      folder: true,
    })
  })

  it('lists and watches a folder only while it is open', async () => {
    const tree = make()
    await tree.connect()
    expect([...watched]).toEqual([''])
    await tree.expand('src')
    expect(names(tree)).toEqual(['src', 'src/deep', 'src/main.ts', 'a9.txt', 'a10.txt', 'b.txt'])
    expect([...watched].sort()).toEqual(['', 'src'])
    expect(expanded).toEqual(['src'])
    tree.collapse('src')
    expect([...watched]).toEqual([''])
    expect(names(tree)).not.toContain('src/main.ts')
  })

  it('opens again what was open, and only what can be seen', async () => {
    const tree = make(['src', 'gone/deep'])
    await tree.connect()
    expect(names(tree)).toContain('src/main.ts')
    expect([...watched].sort()).toEqual(['', 'src'])
    tree.collapseAll()
    expect(names(tree)).not.toContain('src/main.ts')
    expect(expanded).toEqual([])
  })

  it('opens the folders above a file', async () => {
    const tree = make()
    await tree.connect()
    await tree.reveal('src/deep/x.ts')
    expect(names(tree)).toContain('src/deep/x.ts')
  })

  it('follows the disk where it shows it, by a look at what changed', async () => {
    const tree = make()
    await tree.connect()
    asked = []
    folders[''] = [entry('new.txt'), entry('a10.txt', 'directory'), entry('src', 'directory')]
    await tree.changed('', ['new.txt', 'a9.txt', 'a10.txt', 'b.txt'])
    expect(asked).toEqual(['look '])
    expect(names(tree)).toEqual(['a10.txt', 'src', 'new.txt'])
    folders[''] = [entry('other.txt')]
    await tree.changed('')
    expect(names(tree)).toEqual(['other.txt'])
    await tree.changed('never/opened', ['x'])
    expect(names(tree)).toEqual(['other.txt'])
  })

  it('a folder that went and came back is open again, and watched', async () => {
    const tree = make(['src', 'src/deep'])
    await tree.connect()
    const { src } = folders
    delete folders.src
    await tree.changed('src', ['main.ts'])
    expect(watched.has('src')).toBe(false)
    folders.src = src ?? []
    await tree.changed('', ['src'])
    await settled()
    expect(names(tree)).toContain('src/deep/x.ts')
    expect([...watched].sort()).toEqual(['', 'src', 'src/deep'])
  })

  it('a renamed folder stays open', async () => {
    const tree = make(['src', 'src/deep'])
    await tree.connect()
    folders = {
      '': [entry('app', 'directory')],
      app: folders.src ?? [],
      'app/deep': folders['src/deep'] ?? [],
    }
    await tree.renamed('src', 'app')
    await settled()
    expect(names(tree)).toEqual(['app', 'app/deep', 'app/deep/x.ts', 'app/main.ts', 'a9.txt', 'a10.txt', 'b.txt'])
    expect(expanded).toEqual(['app', 'app/deep'])
    expect([...watched].sort()).toEqual(['', 'app', 'app/deep'])
  })

  it('dims what git ignores, and all that is below it', async () => {
    ignored = { '': ['src'] }
    const tree = make(['src'])
    await tree.connect()
    await settled()
    const dim = tree.state.get().rows.filter((row) => row.ignored)
    expect(dim.map(({ path }) => path)).toEqual(['src', 'src/deep', 'src/main.ts'])
    ignored = {}
    await tree.changed('', ['.gitignore'])
    await settled()
    expect(tree.state.get().rows.some((row) => row.ignored)).toBe(false)
  })

  it('says when there is more than it shows', async () => {
    truncated = true
    const tree = make()
    await tree.connect()
    expect(tree.state.get().rows.at(-1)).toMatchObject({ kind: 'note', folder: false })
    expect(tree.state.get().rows.at(-1)?.name).toMatch(/^Only 4 are shown/)
  })

  it('of 50,000 entries takes no time that anybody sees', async () => {
    folders[''] = Array.from({ length: 50_000 }, (_, index) => entry(`file ${(index * 7919) % 50_000}.ts`))
    const tree = make()
    await tree.connect()
    expect(tree.state.get().rows.length).toBe(50_000)
    expect(tree.state.get().rows[9]?.name).toBe('file 9.ts')
  })
})

describe('its keys', () => {
  const key = (name: string, more: { ctrl?: boolean; shift?: boolean; alt?: boolean } = {}) => ({
    key: name,
    ctrl: false,
    shift: false,
    alt: false,
    ...more,
  })
  let rows: readonly Row[]
  beforeEach(async () => {
    const tree = make(['src'])
    await tree.connect()
    rows = tree.state.get().rows
  })

  it('walk, open, close and go to the parent', () => {
    expect(treeAction(key('ArrowDown'), rows, -1, 5)).toEqual({ kind: 'focus', row: rows[0] })
    expect(treeAction(key('ArrowDown'), rows, rows.length - 1, 5)).toEqual({ kind: 'focus', row: rows.at(-1) })
    expect(treeAction(key('PageDown'), rows, 0, 2)).toEqual({ kind: 'focus', row: rows[2] })
    expect(treeAction(key('End', { shift: true }), rows, 0, 2)).toEqual({ kind: 'extend', row: rows.at(-1) })
    expect(treeAction(key('ArrowLeft'), rows, 2, 5)).toEqual({ kind: 'focus', row: rows[0] })
    expect(treeAction(key('ArrowLeft'), rows, 0, 5)).toEqual({ kind: 'toggle', row: rows[0] })
    expect(treeAction(key('ArrowRight'), rows, 0, 5)).toEqual({ kind: 'focus', row: rows[1] })
    expect(treeAction(key('ArrowRight'), rows, 1, 5)).toEqual({ kind: 'toggle', row: rows[1] })
    expect(treeAction(key('Enter'), rows, 2, 5)).toEqual({ kind: 'open', row: rows[2] })
    expect(treeAction(key('q'), rows, 2, 5)).toBeUndefined()
  })

  it('delete, cut, paste and undo', () => {
    const kindOf = (...args: Parameters<typeof key>) => treeAction(key(...args), rows, 2, 5)?.kind
    expect(kindOf('Delete')).toBe('trash')
    expect(kindOf('Delete', { shift: true })).toBe('delete')
    expect(kindOf('F2')).toBe('rename')
    expect(kindOf('x', { ctrl: true })).toBe('cut')
    expect(kindOf('v', { ctrl: true })).toBe('paste')
    expect(kindOf('z', { ctrl: true })).toBe('undo')
    expect(kindOf('Z', { ctrl: true, shift: true })).toBe('redo')
    expect(kindOf(' ', { ctrl: true })).toBe('mark')
    expect(kindOf('C', { alt: true, shift: true })).toBe('copyPath')
    expect(kindOf('a', { alt: true })).toBeUndefined()
  })

  it('find by the beginning of a name, and go on with the same letter', () => {
    const ahead = new TypeAhead()
    const find = (letter: string, from: number, now: number) => ahead.find(letter, rows, from, now)?.name
    expect(find('a', 0, 0)).toBe('a9.txt')
    expect(find('1', 3, 100)).toBe('a10.txt')
    expect(find('a', 3, 5_000)).toBe('a10.txt')
    expect(find('a', 4, 5_100)).toBe('a9.txt')
    expect(find('q', 4, 9_000)).toBeUndefined()
  })
})

describe('the selection', () => {
  const selection = new TreeSelection()
  const row = (path: string) => ({ path, name: path, kind: 'file' }) as Row
  const rows = ['a', 'b', 'c', 'd', 'e'].map(row)
  const selected = () => [...selection.state.get().paths].sort()

  it('is one, some, or all between two', () => {
    selection.focus('b')
    selection.extend(rows, 'd')
    expect(selected()).toEqual(['b', 'c', 'd'])
    selection.extend(rows, 'a')
    expect(selected()).toEqual(['a', 'b'])
    selection.toggle('e')
    selection.toggle('a')
    expect(selected()).toEqual(['b', 'e'])
    selection.all(rows)
    expect(selected().length).toBe(5)
    selection.narrow()
    expect(selected()).toEqual(['a'])
  })

  it('goes on with the next line when what was selected is gone', () => {
    selection.focus('c')
    selection.removed(rows, ['c'])
    expect(selection.state.get().focused).toBe('d')
    selection.focus('e')
    selection.removed(rows, ['e'])
    expect(selection.state.get().focused).toBe('d')
    selection.renamed('d', 'z/d')
    expect(selected()).toEqual(['z/d'])
  })

  it('of a folder and things in it is the folder', () => {
    expect(topmost(['src/a', 'src', 'srcs', 'lib/a', 'lib/b/c', 'src/b/c'])).toEqual([
      'src',
      'srcs',
      'lib/a',
      'lib/b/c',
    ])
  })
})
