import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestWorker, type WireClient } from '../../../support/worker.ts'

let worker: TestWorker
let client: WireClient
beforeAll(async () => {
  worker = await TestWorker.boot()
})
beforeEach(async () => {
  client = await worker.connect()
})
afterAll(() => worker.close())

const codeOf = async (op: string, params: unknown) => (await client.attempt(op, params)).problem?.code

describe('deleting', () => {
  it('puts things into the trash, from where they come back', async () => {
    mkdirSync(join(worker.root, 'folder'))
    writeFileSync(join(worker.root, 'folder/a'), 'a')
    const item = await client.request('files.trash', { path: 'folder' })
    expect(existsSync(join(worker.root, 'folder'))).toBe(false)
    const { items } = await client.request('files.trashed', {})
    expect(items).toEqual([item])
    expect(await client.request('files.restore', { id: item.id })).toEqual({ path: 'folder' })
    expect(readFileSync(join(worker.root, 'folder/a'), 'utf8')).toBe('a')
    expect(await codeOf('files.restore', { id: item.id })).toBe('FILE_NOT_FOUND')
    expect(await codeOf('files.restore', { id: '../../project' })).toBe('INVALID_REQUEST')
  })

  it('of a file somebody has open tells them, saves what they typed, and brings the document back', async () => {
    writeFileSync(join(worker.root, 'open.txt'), 'one\n')
    const { channel } = await client.request('document.open', { path: 'open.txt' })
    const { id } = await client.request('files.trash', { path: 'open.txt' })
    await client.event('document.changed', (state) => state.channel === channel && state.conflict === 'gone')
    client.events.length = 0
    await client.request('files.restore', { id })
    await client.event('document.changed', (state) => state.channel === channel && state.conflict === undefined)
    expect(readFileSync(join(worker.root, 'open.txt'), 'utf8')).toBe('one\n')
    client.events.length = 0
    await client.request('files.remove', { path: 'open.txt' })
    await client.event('document.changed', (state) => state.channel === channel && state.conflict === 'gone')
  })

  it('is final when the trash is emptied', async () => {
    writeFileSync(join(worker.root, 'b'), '')
    const { id } = await client.request('files.trash', { path: 'b' })
    await client.request('files.emptyTrash', {})
    expect((await client.request('files.trashed', {})).items).toEqual([])
    expect(await codeOf('files.restore', { id })).toBe('FILE_NOT_FOUND')
  })
})

describe('long work', () => {
  it('tells how far it is, and is ended without a trace', async () => {
    mkdirSync(join(worker.root, 'many'))
    for (let index = 0; index < 3_000; index++) writeFileSync(join(worker.root, 'many', `${index}`), '')
    const answer = client.attempt('files.copy', { from: 'many', to: 'copied', task: 't1' })
    await client.event('files.progress', ({ task, total }) => task === 't1' && total === 3_001)
    expect(await codeOf('files.copy', { from: 'many', to: 'other', task: 't1' })).toBe('CONFLICT')
    await client.request('files.cancel', { task: 't1' })
    expect((await answer).problem?.detail).toContain('cancelled')
    expect(existsSync(join(worker.root, 'copied'))).toBe(false)
    expect(readdirSync(join(worker.config.stateDir, 'staging'))).toEqual([])
    await client.request('files.cancel', { task: 'never begun' })
    await client.request('files.copy', { from: 'many', to: 'copied', task: 't1' })
    expect(readdirSync(join(worker.root, 'copied')).length).toBe(3_000)
  })
})

describe('what git ignores', () => {
  it('is told with and without a repository', async () => {
    mkdirSync(join(worker.root, 'dist/deep'), { recursive: true })
    for (const name of ['x.log', 'keep.log', ':odd\n', 'tracked.log']) writeFileSync(join(worker.root, name), '')
    writeFileSync(join(worker.root, '.gitignore'), 'dist/\n*.log\n!keep.log\n:*\n')
    const ignored = async (path: string) => (await client.request('files.ignored', { path })).names.sort()
    expect(await ignored('')).toEqual([':odd\n', 'dist', 'tracked.log', 'x.log'])
    expect(await ignored('dist')).toEqual(['deep'])
    const git = (...words: string[]) => execFileSync('git', words, { cwd: worker.root, stdio: 'ignore' })
    git('init')
    git('add', '--force', 'tracked.log')
    expect(await ignored('')).toEqual([':odd\n', 'dist', 'x.log'])
    expect(await codeOf('files.ignored', { path: 'none' })).toBe('FILE_NOT_FOUND')
  })
})

describe('bad parameters', () => {
  it.each([
    ['files.look', { path: '', names: Array(1001).fill('a') }],
    ['files.look', { path: '', names: [1] }],
    ['files.trash', { path: 'a', task: '' }],
    ['files.restore', { id: 'a/b' }],
    ['files.cancel', {}],
    ['files.copy', { from: 'a' }],
  ])('%s %j', async (op, params) => {
    expect(await codeOf(op, params)).toBe('INVALID_REQUEST')
  })
})
