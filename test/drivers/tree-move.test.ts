import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { moveTree } from '../../src/drivers/tree-move.ts'
import { removeTree } from '../../src/drivers/tree-remove.ts'

/** Two file systems: between them the kernel refuses to rename, as overlayfs does for folders of an image. */
let here: string
let there: string
beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), 'omega-move-'))
  there = mkdtempSync('/dev/shm/omega-move-')
  mkdirSync(join(here, 'a/deep/er'), { recursive: true })
  writeFileSync(join(here, 'a/one'), '1')
  writeFileSync(join(here, 'a/deep/two'), '22')
  chmodSync(join(here, 'a/deep/two'), 0o751)
  utimesSync(join(here, 'a/one'), 1_000_000, 1_500_000)
  symlinkSync('../../outside', join(here, 'a/deep/link'))
  execFileSync('mkfifo', [join(here, 'a/pipe')])
})
afterEach(async () => {
  await removeTree(here)
  await removeTree(there)
})

const all = (folder: string): string[] => (readdirSync(folder, { recursive: true }) as string[]).sort()

describe('a folder that cannot be renamed', () => {
  it('is on two file systems in this test', () => {
    expect(statSync(here).dev).not.toBe(statSync(there).dev)
  })

  it('is moved with all in it, modes, times and links', async () => {
    const said: [number, number | undefined][] = []
    await moveTree(join(here, 'a'), join(there, 'b'), { onProgress: (files, total) => said.push([files, total]) })
    expect(all(here)).toEqual([])
    expect(all(there)).toEqual(['b', 'b/deep', 'b/deep/er', 'b/deep/link', 'b/deep/two', 'b/one'])
    expect(readFileSync(join(there, 'b/deep/two'), 'utf8')).toBe('22')
    expect(statSync(join(there, 'b/deep/two')).mode & 0o7777).toBe(0o751)
    expect(statSync(join(there, 'b/one')).mtimeMs).toBe(1_500_000_000)
    expect(readlinkSync(join(there, 'b/deep/link'))).toBe('../../outside')
    expect(said.at(-1)).toEqual([7, 7])
  })

  it('keeps what was written to it, and what came, while it was copied', async () => {
    let written = false
    const onProgress = (files: number) => {
      if (written || files < 6) return
      written = true
      appendFileSync(join(here, 'a/one'), ' and more')
      writeFileSync(join(here, 'a/deep/late'), 'late')
      mkdirSync(join(here, 'a/new'))
      writeFileSync(join(here, 'a/new/er'), 'newer')
    }
    await moveTree(join(here, 'a'), join(there, 'b'), { onProgress })
    expect(written).toBe(true)
    expect(all(here)).toEqual([])
    expect(readFileSync(join(there, 'b/one'), 'utf8')).toBe('1 and more')
    expect(readFileSync(join(there, 'b/deep/late'), 'utf8')).toBe('late')
    expect(readFileSync(join(there, 'b/new/er'), 'utf8')).toBe('newer')
  })

  it('stays as it was when it is ended on the way', async () => {
    const before = all(here)
    const abort = new AbortController()
    const onProgress = (files: number) => files === 3 && abort.abort(new Error('enough'))
    await expect(moveTree(join(here, 'a'), join(there, 'b'), { onProgress, signal: abort.signal })).rejects.toThrow(
      'enough',
    )
    expect(all(here)).toEqual(before)
    expect(all(there)).toEqual([])
  })

  it('is half copied in the staging folder only', async () => {
    const staging = join(there, 'staging')
    mkdirSync(staging)
    mkdirSync(join(there, 'project'))
    const seen = new Set<string>()
    const onProgress = () => void seen.add(`${readdirSync(join(there, 'project'))} ${readdirSync(staging).length}`)
    await moveTree(join(here, 'a'), join(there, 'project/b'), { onProgress, staging })
    expect([...seen]).toEqual([' 1'])
    expect(readdirSync(staging)).toEqual([])
  })

  it('is not copied when that is not wanted, or something is there', async () => {
    const beforeCopy = () => {
      throw new Error('too large')
    }
    await expect(moveTree(join(here, 'a'), join(there, 'b'), { beforeCopy })).rejects.toThrow('too large')
    mkdirSync(join(there, 'b'))
    await expect(moveTree(join(here, 'a'), join(there, 'b'))).rejects.toMatchObject({ code: 'EEXIST' })
    expect(lstatSync(join(here, 'a')).isDirectory()).toBe(true)
  })
})

describe('removing', () => {
  it('gets rid of folders that may not be written to', async () => {
    const locked = join(here, 'locked')
    mkdirSync(join(locked, 'in'), { recursive: true })
    writeFileSync(join(locked, 'in/file'), '')
    chmodSync(join(locked, 'in'), 0o555)
    chmodSync(locked, 0o555)
    await removeTree(locked)
    expect(existsSync(locked)).toBe(false)
    rmSync(here, { recursive: true, force: true })
    await removeTree(here)
  })
})
