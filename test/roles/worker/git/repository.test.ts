import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Repository } from '../../../../src/core/wire/operations/git.ts'
import { TestRepository } from '../../../support/git-repository.ts'
import { claimOf, TestWorker, type WireClient } from '../../../support/worker.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let worker: TestWorker
let client: WireClient
let project: TestRepository
beforeEach(async () => {
  worker = await TestWorker.boot()
  client = await worker.connect()
  project = TestRepository.init(worker.root)
})
afterEach(() => worker.close())

const root = ''
/** What is said of the project now. */
async function watch(): Promise<Repository> {
  const { repositories } = await client.request('git.watch', {})
  return repositories.find((one) => one.root === '') as Repository
}
/** The project's state, once it is such. */
async function state(matches: (state: Repository) => boolean): Promise<Repository> {
  const last = () =>
    client.events
      .filter(({ event }) => event === 'git.changed')
      .map(({ data }) => (data as { repositories: Repository[] }).repositories.find((one) => one.root === ''))
      .at(-1)
  await client.until(() => {
    const found = last()
    return found !== undefined && matches(found)
  })
  return last() as Repository
}
const letters = ({ changes }: Repository) =>
  Object.fromEntries(changes.map(({ path, index, worktree }) => [path, index + worktree]))

describe('what is told of a repository', () => {
  it('follows a terminal: edits, new folders, staging, commits, branches', async () => {
    project.commit('first', { 'a.txt': 'one\n', 'src/b.txt': 'two\n' })
    expect(await watch()).toMatchObject({ root: '', branch: 'main', ahead: 0, changes: [] })
    project.write('src/b.txt', 'changed\n')
    await state((now) => letters(now)['src/b.txt'] === '.M')
    project.write('new/deep/c.txt', 'three\n')
    await state((now) => letters(now)['new/deep/c.txt'] === '.?')
    project.write('new/deep/d.txt', 'four\n')
    await state((now) => letters(now)['new/deep/d.txt'] === '.?')
    project.git('add', 'src/b.txt')
    await state((now) => letters(now)['src/b.txt'] === 'M.')
    const commit = project.commit('second')
    await state((now) => now.commit === commit && now.changes.length === 0)
    project.git('switch', '-q', '-c', 'topic/x')
    await state((now) => now.branch === 'topic/x')
    project.git('switch', '-q', '--detach')
    await state((now) => now.branch === undefined && now.commit === commit)
  })

  it('a repository made later is found, one removed is gone, one in a subfolder is its own', async () => {
    rmSync(join(worker.root, '.git'), { recursive: true })
    expect((await client.request('git.watch', {})).repositories).toEqual([])
    const made = await client.request('git.init', { folder: '' })
    expect(made.root).toBe('')
    await state((now) => now.branch === 'main' && now.commit === undefined)
    const inner = TestRepository.init(join(worker.root, 'libs/inner'))
    inner.commit('inside', { 'x.txt': 'x\n' })
    inner.write('x.txt', 'y\n')
    await client.event('git.changed', ({ repositories }) =>
      repositories.some((one) => one.root === 'libs/inner' && letters(one)['libs/inner/x.txt'] === '.M'),
    )
    rmSync(join(worker.root, 'libs'), { recursive: true })
    await client.event('git.changed', ({ repositories }) => repositories.length === 1)
  })

  it('odd names: newlines, quotes, magic of pathspecs, leading dashes, no UTF-8', async () => {
    const odd = ['new\nline.txt', '"quoted".txt', ':(top)x.txt', '*.txt', '-rf', 'tab\tname', 'ünï çødé', 'a,b']
    for (const name of odd) project.write(name, `${name}\n`)
    writeFileSync(Buffer.concat([Buffer.from(`${worker.root}/caf`), Buffer.from([0xe9])]), 'x')
    const first = await watch()
    expect(letters(first)).toMatchObject(Object.fromEntries(odd.map((name) => [name, '.?'])))
    await client.request('git.stage', { root, paths: odd })
    const staged = await state((now) => letters(now)['-rf'] === 'A.')
    expect(letters(staged)).toMatchObject(Object.fromEntries(odd.map((name) => [name, 'A.'])))
    await client.request('git.unstage', { root, paths: ['*.txt'] })
    const now = await state((one) => letters(one)['*.txt'] === '.?')
    expect(letters(now)['new\nline.txt']).toBe('A.')
    await client.request('git.stage', { root })
    expect((await state((one) => one.changes.every(({ index }) => index === 'A'))).changes).toHaveLength(odd.length + 1)
    await client.request('git.commit', { root, message: 'odd' })
    const text = await client.request('git.text', { root, path: ':(top)x.txt', at: 'HEAD' })
    expect(text.text).toBe(':(top)x.txt\n')
    const { commits } = await client.request('git.log', { root, path: '*.txt', skip: 0, limit: 10 })
    expect(commits.map(({ path }) => path)).toEqual(['*.txt'])
    project.write('-rf', 'other\n')
    await client.request('git.discard', { root, paths: ['-rf'] })
    expect(project.read('-rf')).toBe('-rf\n')
  })

  it('a folder with far too much in it is told of in part', async () => {
    mkdirSync(join(worker.root, 'many'))
    for (let index = 0; index < 6_000; index++) writeFileSync(join(worker.root, 'many', `file-${index}`), '')
    const now = await watch()
    expect(now.truncated).toBe(true)
    expect(now.changes).toHaveLength(5_000)
  })

  it('paths that lead out, options as names and unknown repositories are refused', async () => {
    project.commit('first', { 'a.txt': 'one\n' })
    for (const path of ['../x', '/etc/passwd', 'a/../../x', '', 'a\0b']) {
      expect((await client.attempt('git.text', { root, path, at: 'HEAD' })).problem?.code, path).toBe('INVALID_REQUEST')
    }
    expect((await client.attempt('git.switch', { root, to: '--orphan' })).problem?.code).toBe('INVALID_REQUEST')
    expect((await client.attempt('git.merge', { root, ref: '-s ours' })).problem?.code).toBe('INVALID_REQUEST')
    expect((await client.attempt('git.stage', { root: '..', paths: ['x'] })).problem?.code).toBe('NOT_FOUND')
    expect((await client.attempt('git.addRemote', { root, remote: 'x', url: '--upload-pack=id' })).problem?.code).toBe(
      'INVALID_REQUEST',
    )
    const external = await client.attempt('git.addRemote', { root, remote: 'x', url: 'ext::sh -c id' })
    expect(external.problem?.code).toBe('INVALID_REQUEST')
    symlinkSync('/etc', join(worker.root, 'outside'))
    await client.request('git.refresh', {})
    expect((await client.attempt('git.stage', { root, paths: ['outside/passwd'] })).problem).toBeDefined()
    expect(project.git('status', '--porcelain')).toBe('?? outside')
  })

  it('an index.lock that stays is explained, and nothing happens', async () => {
    project.commit('first', { 'a.txt': 'one\n' })
    project.write('a.txt', 'two\n')
    project.write('.git/index.lock', '')
    const { problem } = await client.attempt('git.stage', { root, paths: ['a.txt'] })
    expect(problem?.detail).toMatch(/Another git program is at work.*index\.lock/)
    rmSync(join(worker.root, '.git/index.lock'))
    await client.request('git.stage', { root, paths: ['a.txt'] })
  })

  it('a folder of another user is not looked into until it is trusted', async () => {
    await worker.close()
    // What git's own tests use, since not everybody may give files away.
    worker = await TestWorker.boot({ claim: claimOf({ env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } }) })
    client = await worker.connect()
    project = TestRepository.init(worker.root)
    project.commit('first', { 'a.txt': 'one\n' })
    const untrusted = await watch()
    expect(untrusted.problem).toMatchObject({ kind: 'untrusted', detail: expect.stringContaining('trust') })
    await client.request('git.trust', { root })
    expect(await state((now) => now.problem === undefined)).toMatchObject({ branch: 'main', changes: [] })
  })

  it('a submodule and a linked working tree are told of as what they are', async () => {
    const other = TestRepository.init(join(worker.folder, 'other'))
    other.commit('theirs', { 'lib.txt': 'lib\n' })
    project.commit('first', { 'a.txt': 'one\n' })
    project.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', other.folder, 'dep')
    project.commit('with a submodule')
    project.git('worktree', 'add', '-q', 'linked', '-b', 'side')
    project.write('.git/info/exclude', 'linked\n')
    project.write('dep/lib.txt', 'changed\n')
    project.write('linked/a.txt', 'in the other tree\n')
    const { repositories } = await client.request('git.watch', {})
    const byRoot = Object.fromEntries(repositories.map((one) => [one.root, one]))
    expect(byRoot['']?.changes).toMatchObject([{ path: 'dep', submodule: true, worktree: 'M' }])
    expect(byRoot.dep?.changes).toMatchObject([{ path: 'dep/lib.txt', worktree: 'M' }])
    expect(byRoot.linked).toMatchObject({ branch: 'side', changes: [{ path: 'linked/a.txt', worktree: 'M' }] })
    const { problem } = await client.attempt('git.discard', { root, paths: ['dep'] })
    expect(problem?.detail).toMatch(/repository of its own/)
  })
})

describe('staging', () => {
  it('files and parts of files; what is typed is saved first', async () => {
    project.commit('first', { 'a.txt': 'one\ntwo\nthree\n' })
    await watch()
    project.write('a.txt', 'ONE\ntwo\nTHREE\n')
    const { text, oid } = await client.request('git.text', { root, path: 'a.txt', at: 'index' })
    expect(text).toBe('one\ntwo\nthree\n')
    const known = await client.request('git.text', { root, path: 'a.txt', at: 'index', known: oid ?? '' })
    expect(known).toEqual({ oid })
    const base = oid ?? ''
    await client.request('git.stageText', { root, path: 'a.txt', text: 'ONE\ntwo\nthree\n', base })
    expect(project.git('diff', '--cached', '--stat')).toContain('1 insertion')
    expect(project.read('a.txt')).toBe('ONE\ntwo\nTHREE\n')
    const late = await client.attempt('git.stageText', { root, path: 'a.txt', text: 'x', base })
    expect(late.problem?.code).toBe('CONFLICT')
    await client.request('git.unstage', { root })
    expect(project.git('diff', '--cached', '--stat')).toBe('')
  })

  it('a part of an untracked file, with its mode; line endings stay', async () => {
    project.commit('first', { 'dos.txt': 'one\r\ntwo\r\n' })
    project.write('run.sh', 'echo 1\necho 2\n')
    project.git('update-index', '--chmod=+x', '--add', 'run.sh')
    project.git('update-index', '--force-remove', 'run.sh')
    await client.request('git.stageText', { root, path: 'run.sh', text: 'echo 1\n' })
    expect(project.git('show', ':run.sh')).toBe('echo 1')
    const { oid, text } = await client.request('git.text', { root, path: 'dos.txt', at: 'index' })
    expect(text).toBe('one\ntwo\n')
    await client.request('git.stageText', { root, path: 'dos.txt', text: 'one\n2\n', base: oid ?? '' })
    expect(project.git('cat-file', 'blob', ':dos.txt')).toBe('one\r\n2\r')
  })

  it('before the first commit, too', async () => {
    project.write('a.txt', 'one\n')
    await client.request('git.stage', { root })
    expect(project.git('status', '--porcelain')).toBe('A  a.txt')
    await client.request('git.unstage', { root })
    expect(project.git('status', '--porcelain')).toBe('?? a.txt')
    expect(await client.request('git.text', { root, path: 'a.txt', at: 'HEAD' })).toEqual({})
    expect(await client.request('git.log', { root, skip: 0, limit: 5 })).toEqual({ commits: [], more: false })
  })

  it('what is discarded can be brought back, open documents follow', async () => {
    project.commit('first', { 'a.txt': 'one\n', 'gone.txt': 'here\n' })
    await watch()
    const { channel } = await client.request('document.open', { path: 'a.txt' })
    project.write('a.txt', 'precious\n')
    project.write('new/b.bin', new Uint8Array([0, 255, 1]))
    rmSync(join(worker.root, 'gone.txt'))
    const back = await client.request('git.discard', { root, paths: ['a.txt', 'new/b.bin', 'gone.txt'] })
    expect(back.files.map(({ path }) => path).sort()).toEqual(['a.txt', 'new/b.bin'])
    expect([project.read('a.txt'), project.read('gone.txt'), existsSync(join(worker.root, 'new/b.bin'))]).toEqual([
      'one\n',
      'here\n',
      false,
    ])
    rmSync(join(worker.root, 'new'), { recursive: true })
    await client.request('git.restore', { root, files: back.files })
    expect(project.read('a.txt')).toBe('precious\n')
    expect(project.read('new/b.bin')).toHaveLength(3)
    await client.request('document.save', { channel })
    expect(project.read('a.txt')).toBe('precious\n')
  })
})

describe('commits and branches', () => {
  it('commit with an author, amend, take back; hooks run and may refuse', async () => {
    project.write('a.txt', 'one\n')
    const author = { name: 'Page Person', email: 'page@example.com' }
    const { commit } = await client.request('git.commit', {
      root,
      message: 'First\n\n# not a comment',
      all: true,
      author,
    })
    expect(project.git('log', '-1', '--format=%an <%ae>|%B')).toContain('Page Person <page@example.com>|First\n\n# not')
    await client.request('git.commit', { root, message: 'Better', amend: true })
    expect(project.git('log', '-1', '--format=%an|%s')).toBe('Page Person|Better')
    expect(project.git('rev-parse', 'HEAD')).not.toBe(commit)
    project.write('a.txt', 'two\n')
    project.write('.git/hooks/pre-commit', '#!/bin/sh\necho "lint: a.txt is ugly" >&2\nexit 1\n')
    chmodSync(join(worker.root, '.git/hooks/pre-commit'), 0o755)
    const refused = await client.attempt('git.commit', { root, message: 'no', all: true })
    expect(refused.problem?.detail).toContain('a.txt is ugly')
    rmSync(join(worker.root, '.git/hooks/pre-commit'))
    await client.request('git.commit', { root, message: 'Second' })
    expect(await client.request('git.undoCommit', { root })).toEqual({ message: 'Second' })
    expect(project.git('status', '--porcelain')).toBe('M  a.txt')
    expect((await client.attempt('git.commit', { root, message: ' ' })).problem?.code).toBe('INVALID_REQUEST')
  })

  it('nobody known: it says so, and takes a name', async () => {
    project.git('config', '--unset', 'user.name')
    project.git('config', '--unset', 'user.email')
    project.git('config', 'user.useConfigOnly', 'true')
    project.write('a.txt', 'one\n')
    expect(await client.request('git.identity', { root })).toEqual({})
    const refused = await client.attempt('git.commit', { root, message: 'x', all: true })
    expect(refused.problem?.code).toBe('PRECONDITION_FAILED')
    const author = { name: 'New Person', email: 'new@example.com' }
    await client.request('git.setIdentity', { author })
    expect(await client.request('git.identity', { root })).toEqual(author)
    await client.request('git.commit', { root, message: 'x' })
    expect(project.git('log', '-1', '--format=%an')).toBe('New Person')
  })

  it('create, switch, rename, delete, and what would be lost is not', async () => {
    project.commit('first', { 'a.txt': 'one\n' })
    await watch()
    await client.request('git.switch', { root, to: 'topic', create: true })
    project.commit('on topic', { 'a.txt': 'topic\n' })
    await client.request('git.switch', { root, to: 'main' })
    expect(project.read('a.txt')).toBe('one\n')
    project.write('a.txt', 'mine\n')
    const kept = await client.attempt('git.switch', { root, to: 'topic' })
    expect(kept.problem).toMatchObject({ code: 'CONFLICT', detail: expect.stringContaining('"a.txt"') })
    await client.request('git.stash', { root, message: 'for later' })
    expect((await client.request('git.stashes', { root })).stashes).toMatchObject([
      { stash: 0, message: 'On main: for later' },
    ])
    await client.request('git.switch', { root, to: 'topic' })
    await client.request('git.switch', { root, to: 'main' })
    expect(await client.request('git.useStash', { root, stash: 0, action: 'pop' })).toEqual({ conflicts: 0 })
    expect(project.read('a.txt')).toBe('mine\n')
    expect((await client.attempt('git.deleteBranch', { root, branch: 'topic' })).problem?.detail).toMatch(/in no other/)
    await client.request('git.renameBranch', { root, branch: 'topic', to: 'side' })
    const { branches } = await client.request('git.branches', { root })
    expect(branches.map(({ name }) => name).sort()).toEqual(['main', 'side'])
    const { commit } = await client.request('git.deleteBranch', { root, branch: 'side', force: true })
    await client.request('git.discard', { root, paths: ['a.txt'] })
    await client.request('git.switch', { root, to: 'back', create: true, from: commit })
    expect((await client.attempt('git.switch', { root, to: 'a..b', create: true })).problem?.code).toBe('INVALID_NAME')
  })

  it('a conflict: sides, stages, resolve, continue, abort', async () => {
    project.commit('base', { 'a.txt': 'base\n', 'gone.txt': 'x\n' })
    project.git('switch', '-q', '-c', 'theirs')
    project.commit('theirs', { 'a.txt': 'theirs\n', 'gone.txt': 'changed\n' })
    project.git('switch', '-q', 'main')
    project.git('rm', '-q', 'gone.txt')
    project.commit('ours', { 'a.txt': 'ours\n' })
    await watch()
    expect(await client.request('git.merge', { root, ref: 'theirs' })).toEqual({ conflicts: 2 })
    const stopped = await state((now) => now.unfinished?.kind === 'merge')
    expect(stopped.message).toBe("Merge branch 'theirs'")
    expect(stopped.changes.map(({ path, conflict }) => [path, conflict])).toEqual([
      ['a.txt', 'UU'],
      ['gone.txt', 'DU'],
    ])
    const stages = await Promise.all(
      (['base', 'ours', 'theirs'] as const).map((at) => client.request('git.text', { root, path: 'a.txt', at })),
    )
    expect(stages.map(({ text }) => text)).toEqual(['base\n', 'ours\n', 'theirs\n'])
    expect((await client.attempt('git.commit', { root, message: 'x' })).problem?.detail).toMatch(/conflicts still/)
    await client.request('git.proceed', { root, action: 'abort' })
    expect(project.read('a.txt')).toBe('ours\n')
    await client.request('git.merge', { root, ref: 'theirs' })
    await client.request('git.takeSide', { root, path: 'gone.txt', side: 'ours' })
    expect(existsSync(join(worker.root, 'gone.txt'))).toBe(false)
    project.write('a.txt', 'both\n')
    await client.request('git.stage', { root, paths: ['a.txt'] })
    expect(await client.request('git.proceed', { root, action: 'continue' })).toEqual({ conflicts: 0 })
    expect(project.git('log', '-1', '--format=%s')).toBe("Merge branch 'theirs'")
    expect((await client.attempt('git.proceed', { root, action: 'abort' })).problem?.code).toBe('CONFLICT')
  })

  it('a rebase stops, shows how far it is, and goes on', async () => {
    project.commit('base', { 'a.txt': 'base\n' })
    project.git('switch', '-q', '-c', 'topic')
    project.commit('topic', { 'a.txt': 'topic\n' })
    project.git('switch', '-q', 'main')
    project.commit('main', { 'a.txt': 'main\n' })
    project.git('switch', '-q', 'topic')
    await watch()
    expect(await client.request('git.rebase', { root, onto: 'main' })).toEqual({ conflicts: 1 })
    const stopped = await state((now) => now.unfinished !== undefined)
    expect(stopped.unfinished).toEqual({ kind: 'rebase', branch: 'topic', step: 1, steps: 1 })
    await client.request('git.takeSide', { root, path: 'a.txt', side: 'theirs' })
    await client.request('git.proceed', { root, action: 'continue' })
    expect(project.git('log', '--format=%s', '-2')).toBe('topic\nmain')
  })

  it('the history of a file goes over its renames, a commit shows its files', async () => {
    project.commit('first', { 'old.txt': 'one\ntwo\nthree\n' })
    project.git('mv', 'old.txt', 'new.txt')
    project.commit('renamed')
    const last = project.commit('changed', { 'new.txt': 'one\ntwo\nthree\nfour\n', 'x.txt': 'x\n' })
    const { commits, more } = await client.request('git.log', { root, path: 'new.txt', skip: 0, limit: 2 })
    expect([commits.map(({ subject, path }) => `${subject} ${path}`), more]).toEqual([
      ['changed new.txt', 'renamed new.txt'],
      true,
    ])
    const older = await client.request('git.log', { root, path: 'new.txt', skip: 2, limit: 2 })
    expect(older.commits.map(({ path }) => path)).toEqual(['old.txt'])
    const details = await client.request('git.commitDetails', { root, commit: last })
    expect(details.files).toEqual([
      { kind: 'M', path: 'new.txt' },
      { kind: 'A', path: 'x.txt' },
    ])
    const first = await client.request('git.commitDetails', { root, commit: older.commits[0]?.commit ?? '' })
    expect(first.files).toEqual([{ kind: 'A', path: 'old.txt' }])
  })
})
