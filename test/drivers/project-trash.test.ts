import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../src/core/errors.ts'
import { ProjectRoot } from '../../src/drivers/project-path.ts'
import { ProjectTrash, TRASH_LIMITS } from '../../src/drivers/project-trash.ts'

let folder: string
let root: string
let now: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'omega-trash-'))
  root = join(folder, 'project')
  now = 1_000_000
  mkdirSync(join(root, 'src/deep'), { recursive: true })
  writeFileSync(join(root, 'src/deep/a'), 'a')
  writeFileSync(join(root, 'b'), 'b')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const make = (limits = {}) =>
  new ProjectTrash(
    join(folder, 'trash'),
    join(folder, 'staging'),
    new ProjectRoot(root),
    { ...TRASH_LIMITS, ...limits },
    () => now,
  )
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => (error instanceof OmegaError ? error.code : `thrown: ${error}`),
  )

describe('the trash', () => {
  it('keeps a folder, and gives it back', async () => {
    const trash = make()
    const item = await trash.put('src')
    expect(item).toMatchObject({ path: 'src', kind: 'directory', at: now })
    expect(existsSync(join(root, 'src'))).toBe(false)
    expect(await trash.restore(item.id, undefined)).toBe('src')
    expect(readFileSync(join(root, 'src/deep/a'), 'utf8')).toBe('a')
    expect(await trash.list()).toEqual([])
    expect(await codeOf(trash.restore(item.id, undefined))).toBe('FILE_NOT_FOUND')
  })

  it('gives back what it had before a restart, with the folders above it', async () => {
    const { id } = await make().put('src/deep/a')
    rmSync(join(root, 'src'), { recursive: true })
    const again = make()
    expect((await again.list()).map(({ path }) => path)).toEqual(['src/deep/a'])
    await again.restore(id, undefined)
    expect(readFileSync(join(root, 'src/deep/a'), 'utf8')).toBe('a')
  })

  it('puts nothing over what has come meanwhile, but to another place', async () => {
    const trash = make()
    const { id } = await trash.put('b')
    writeFileSync(join(root, 'b'), 'new')
    expect(await codeOf(trash.restore(id, undefined))).toBe('FILE_EXISTS')
    expect(await codeOf(trash.restore(id, '../b'))).toBe('INVALID_REQUEST')
    expect(await trash.restore(id, 'b (restored)')).toBe('b (restored)')
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('new')
    expect(readFileSync(join(root, 'b (restored)'), 'utf8')).toBe('b')
  })

  it('refuses what is too large, which stays', async () => {
    writeFileSync(join(root, 'large'), 'x'.repeat(100_000))
    const trash = make({ bytes: 50_000 })
    expect(await codeOf(trash.put('large'))).toBe('TOO_LARGE')
    expect(readFileSync(join(root, 'large'), 'utf8').length).toBe(100_000)
    expect(await trash.list()).toEqual([])
  })

  it('lets the oldest go when there is too much, and all when they are old', async () => {
    const trash = make({ bytes: 50_000 })
    for (const name of ['one', 'two', 'three']) {
      now++
      writeFileSync(join(root, name), 'x'.repeat(20_000))
      await trash.put(name)
    }
    expect((await trash.list()).map(({ path }) => path)).toEqual(['three', 'two'])
    now += TRASH_LIMITS.ageMs
    await trash.prune()
    expect((await trash.list()).map(({ path }) => path)).toEqual(['three'])
    now++
    await trash.prune()
    expect(readdirSync(join(folder, 'trash'))).toEqual([])
  })

  it('has only so many things', async () => {
    const trash = make({ items: 2 })
    for (const name of ['one', 'two', 'three']) {
      now++
      writeFileSync(join(root, name), '')
      await trash.put(name)
    }
    expect((await trash.list()).map(({ path }) => path)).toEqual(['three', 'two'])
  })

  it('forgets what a killed worker left, and is emptied when asked', async () => {
    const trash = make()
    mkdirSync(join(folder, 'trash/half'))
    writeFileSync(join(folder, 'staging/half'), '')
    await trash.put('b')
    await trash.put('src')
    expect(readdirSync(join(folder, 'trash')).length).toBe(2)
    await trash.empty((await trash.list())[0]?.id)
    expect((await trash.list()).length).toBe(1)
    await trash.empty()
    expect(readdirSync(join(folder, 'trash'))).toEqual([])
    make()
    expect(readdirSync(join(folder, 'staging'))).toEqual([])
  })

  it('takes nothing that is outside, and not the project itself', async () => {
    const trash = make()
    for (const path of ['..', '../x', '/etc', 'a/../b']) expect(await codeOf(trash.put(path))).toBe('INVALID_REQUEST')
    expect(await codeOf(trash.put(''))).toBe('FORBIDDEN')
    expect(await codeOf(trash.put('none'))).toBe('FILE_NOT_FOUND')
  })
})
