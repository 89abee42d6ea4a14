import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Client } from '../../src/cli/client.ts'
import { copy, copySide } from '../../src/cli/cp.ts'
import { API_TOKEN } from '../support/master.ts'
import { type MasterWithWorker, startMasterWithWorker } from '../support/master-with-worker.ts'
import { type Entry, tarOf } from '../support/tar.ts'

let parts: MasterWithWorker
let client: Client
let here: string
beforeAll(async () => {
  parts = await startMasterWithWorker('box')
  client = new Client(parts.master.url, API_TOKEN)
  // What is said to people is not looked at here.
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterAll(async () => {
  vi.restoreAllMocks()
  await parts.close()
})
beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), 'omega-cp-'))
  for (const name of readdirSync(parts.worker.root)) rmSync(join(parts.worker.root, name), { recursive: true })
  return () => rmSync(here, { recursive: true })
})

const there = (path: string) => join(parts.worker.root, path)
const text = (path: string) => readFileSync(path, 'utf8')
const cp = (from: string, to: string) => copy(client, from, to, false)

describe('the sides of a copy', () => {
  it.each<[string, object]>([
    ['my-app:src/a', { sandbox: 'my-app', path: 'src/a' }],
    ['my-app:', { sandbox: 'my-app', path: '' }],
    ['./my-app:x', { local: './my-app:x' }],
    ['/a:b', { local: '/a:b' }],
    ['file', { local: 'file' }],
  ])('%s', (given, side) => {
    expect(copySide(given)).toEqual(side)
  })

  it('are one here and one there', async () => {
    await expect(cp('a', 'b')).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    await expect(cp('box:a', 'box:b')).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })
})

describe('into a sandbox', () => {
  beforeEach(() => {
    mkdirSync(join(here, 'tree/deep'), { recursive: true })
    writeFileSync(join(here, 'tree/deep/run'), 'run', { mode: 0o755 })
    symlinkSync('deep/run', join(here, 'tree/link'))
    writeFileSync(join(here, 'big'), Buffer.alloc(20_000_000, 1))
  })

  it('go folders, with modes and links: under their name, another one, or what is in them', async () => {
    mkdirSync(there('in'))
    await cp(join(here, 'tree'), 'box:in')
    await cp(join(here, 'tree'), 'box:other')
    await cp(`${here}/tree/.`, 'box:')
    for (const path of ['in/tree', 'other', '.']) {
      expect(text(there(`${path}/link`))).toBe('run')
      expect(readlinkSync(there(`${path}/link`))).toBe('deep/run')
      expect(statSync(there(`${path}/deep/run`)).mode & 0o777).toBe(0o755)
    }
    expect(readdirSync(parts.worker.root).sort()).toEqual(['deep', 'in', 'link', 'other'])
  })

  it('go large files', async () => {
    await cp(join(here, 'big'), 'box:new/big')
    expect(readFileSync(there('new/big')).equals(Buffer.alloc(20_000_000, 1))).toBe(true)
  })

  it('goes nothing beside the project, and nothing that is not there', async () => {
    for (const path of ['../x', '/tmp/x', 'a/../../x']) {
      await expect(cp(join(here, 'tree'), `box:${path}`)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    }
    symlinkSync(here, there('out'))
    await expect(cp(join(here, 'tree'), 'box:out/x')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(cp(join(here, 'none'), 'box:')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(cp(join(here, 'tree'), 'nobody:')).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
    expect(readdirSync(parts.worker.root)).toEqual(['out'])
    expect(readdirSync(here).sort()).toEqual(['big', 'tree'])
  })
})

describe('out of a sandbox', () => {
  beforeEach(() => {
    mkdirSync(there('dist/deep'), { recursive: true })
    writeFileSync(there('dist/deep/run'), 'run', { mode: 0o755 })
    symlinkSync('deep/run', there('dist/link'))
  })

  it('come folders: under their name, another one, or what is in them', async () => {
    mkdirSync(join(here, 'in'))
    await cp('box:dist', join(here, 'in'))
    await cp('box:dist', join(here, 'other'))
    await cp('box:dist/.', join(here, 'content'))
    await cp('box:', join(here, 'all'))
    for (const path of ['in/dist', 'other', 'content', 'all/dist']) {
      expect(text(join(here, path, 'link'))).toBe('run')
      expect(readlinkSync(join(here, path, 'link'))).toBe('deep/run')
      expect(statSync(join(here, path, 'deep/run')).mode & 0o777).toBe(0o755)
    }
    expect(readdirSync(here).sort()).toEqual(['all', 'content', 'in', 'other'])
  })

  it('come files, in the place of others', async () => {
    writeFileSync(join(here, 'run'), 'old')
    await cp('box:dist/deep/run', join(here, 'run'))
    await cp('box:dist/deep/run', `${here}/new/`)
    expect([text(join(here, 'run')), text(join(here, 'new/run'))]).toEqual(['run', 'run'])
  })

  it('come no links that lead out of where they are put', async () => {
    symlinkSync('/etc/passwd', there('dist/evil'))
    symlinkSync('../../..', there('dist/up'))
    await cp('box:dist', join(here, 'x'))
    expect(readdirSync(join(here, 'x')).sort()).toEqual(['deep', 'link'])
  })

  it('comes what there is, and else the reason', async () => {
    await expect(cp('box:none', here)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(cp('box:../state', here)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it.each<[string, Entry[]]>([
    ['..', [{ name: '../evil', text: 'x' }]],
    ['an absolute path', [{ name: '/tmp/omega-evil', text: 'x' }]],
    [
      'a link to write through',
      [
        { name: 'd', type: 'symlink', linkname: '..' },
        { name: 'd/evil', text: 'x' },
      ],
    ],
  ])('a worker that was taken over writes nowhere else: %s', async (_what, entries) => {
    const archive = await tarOf(...entries)
    const evil = createServer((_request, response) => response.end(archive))
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    const taken = new Client(`http://127.0.0.1:${(evil.address() as AddressInfo).port}`, API_TOKEN)
    mkdirSync(join(here, 'in'))
    await copy(taken, 'box:a', join(here, 'in'), false).catch(() => undefined)
    expect(readdirSync(here)).toEqual(['in'])
    expect(readdirSync(tmpdir())).not.toContain('omega-evil')
    evil.close()
  })
})
