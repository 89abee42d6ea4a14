import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TreeChange, TreeWatch } from '../../src/drivers/tree-watch.ts'

let root: string
let watch: TreeWatch
let seen: TreeChange[]
let wake: () => void = () => undefined

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'omega-tree-'))
  seen = []
  mkdirSync(join(root, 'src/deep'), { recursive: true })
  mkdirSync(join(root, 'skipped/inside'), { recursive: true })
  writeFileSync(join(root, 'src/a.ts'), '1')
  symlinkSync(root, join(root, 'src/loop'))
  watch = new TreeWatch({
    root,
    skips: (name) => name === 'skipped',
    maxFolders: 50,
    onChange: (changes) => {
      seen.push(...(changes ?? []))
      wake()
    },
  })
  await watch.start()
})
afterEach(() => {
  watch.close()
  rmSync(root, { recursive: true, force: true })
})

async function sees(path: string, kind: TreeChange['kind']): Promise<void> {
  while (!seen.some((change) => change.path === path && change.kind === kind)) {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
}

it('tells what came, changed and went, however deep', async () => {
  writeFileSync(join(root, 'src/a.ts'), '2')
  await sees('src/a.ts', 'changed')
  writeFileSync(join(root, 'src/deep/b.ts'), '1')
  await sees('src/deep/b.ts', 'created')
  rmSync(join(root, 'src/a.ts'))
  await sees('src/a.ts', 'deleted')
})

it('watches folders that come later, with what is in them already', async () => {
  mkdirSync(join(root, 'new/folder'), { recursive: true })
  writeFileSync(join(root, 'new/folder/c.ts'), '1')
  await sees('new/folder/c.ts', 'created')
  writeFileSync(join(root, 'new/folder/d.ts'), '1')
  await sees('new/folder/d.ts', 'created')
  renameSync(join(root, 'new'), join(root, 'other'))
  await sees('new', 'deleted')
  await sees('other/folder/c.ts', 'created')
})

it('stays out of what it shall, and follows no links', async () => {
  writeFileSync(join(root, 'skipped/inside/x.ts'), '1')
  writeFileSync(join(root, 'last.ts'), '1')
  await sees('last.ts', 'created')
  expect(seen.filter(({ path }) => path.startsWith('skipped/') || path.startsWith('src/loop'))).toEqual([])
})
