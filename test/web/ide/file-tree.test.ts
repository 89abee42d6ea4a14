import { beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/core/wire/operations/files.ts'
import { FileTree } from '../../../src/web/ide/files/file-tree.ts'
import { treeAction } from '../../../src/web/ide/files/tree-keys.ts'

const entry = (name: string, kind: Entry['kind'] = 'file'): Entry => ({ name, kind })

let folders: Record<string, Entry[]>
let watched: Set<string>
let expanded: string[]

beforeEach(() => {
  folders = {
    '': [entry('b.txt'), entry('a10.txt'), entry('a9.txt'), entry('src', 'directory')],
    src: [entry('main.ts'), entry('deep', 'directory')],
    'src/deep': [entry('x.ts')],
  }
  watched = new Set()
  expanded = []
})

const make = (open: string[] = []) =>
  new FileTree(
    {
      list: async (path) => {
        const entries = folders[path]
        if (!entries) throw new Error('gone')
        return [...entries]
      },
      watch: async (path) => void watched.add(path),
      unwatch: async (path) => void watched.delete(path),
    },
    open,
    (paths) => {
      expanded = paths
    },
  )
const names = (tree: FileTree) => tree.state.get().rows.map(({ path }) => path)

describe('the tree', () => {
  it('shows folders first, then names as people order them', async () => {
    const tree = make()
    await tree.connect()
    expect(names(tree)).toEqual(['src', 'a9.txt', 'a10.txt', 'b.txt'])
    expect(tree.state.get().rows[0]).toMatchObject({ level: 1, position: 1, siblings: 4, expanded: false })
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
  })

  it('opens the folders above a file', async () => {
    const tree = make()
    await tree.connect()
    await tree.reveal('src/deep/x.ts')
    expect(names(tree)).toContain('src/deep/x.ts')
  })

  it('follows the disk where it shows it', async () => {
    const tree = make()
    await tree.connect()
    folders[''] = [entry('new.txt')]
    await tree.changed('')
    expect(names(tree)).toEqual(['new.txt'])
    await tree.changed('never/opened')
    expect(names(tree)).toEqual(['new.txt'])
  })
})

describe('its keys', () => {
  it('walk, open, close and go to the parent', async () => {
    const tree = make(['src'])
    await tree.connect()
    const { rows } = tree.state.get()
    expect(treeAction('ArrowDown', rows, -1)).toEqual({ select: 0 })
    expect(treeAction('ArrowDown', rows, rows.length - 1)).toEqual({ select: rows.length - 1 })
    expect(treeAction('ArrowLeft', rows, 2)).toEqual({ select: 0 })
    expect(treeAction('ArrowLeft', rows, 0)).toEqual({ open: rows[0] })
    expect(treeAction('ArrowRight', rows, 1)).toEqual({ open: rows[1] })
    expect(treeAction('Enter', rows, 2)).toEqual({ open: rows[2] })
    expect(treeAction('Delete', rows, 2)).toEqual({ remove: rows[2] })
    expect(treeAction('q', rows, 2)).toBeUndefined()
  })
})
