import { execFileSync } from 'node:child_process'
import {
  lstatSync,
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
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { entriesOf, tarOf } from '../../../support/tar.ts'
import { BEARER, HOST, TestWorker } from '../../../support/worker.ts'

let worker: TestWorker
let outside: string
beforeAll(async () => {
  worker = await TestWorker.boot()
  outside = mkdtempSync(join(tmpdir(), 'omega-outside-'))
})
afterAll(async () => {
  await worker.close()
  rmSync(outside, { recursive: true })
})
beforeEach(() => {
  for (const name of readdirSync(worker.root)) rmSync(join(worker.root, name), { recursive: true })
})

const at = (path: string) => join(worker.root, path)
const text = (path: string) => readFileSync(at(path), 'utf8')

function call(method: string, path: string, body?: Uint8Array) {
  return new Promise<{ status: number; body: Buffer; json: Record<string, unknown>; trailers: NodeJS.Dict<string> }>(
    (resolve, reject) => {
      const url = `/_omega/tar?path=${encodeURIComponent(path)}`
      const options = {
        port: worker.port,
        path: url,
        method,
        headers: { host: HOST, ...BEARER, 'content-type': 'application/x-tar' },
      }
      const sent = request(options, async (response) => {
        const bytes = await buffer(response)
        const isJson = String(response.headers['content-type']).includes('json')
        resolve({
          status: response.statusCode ?? 0,
          body: bytes,
          json: isJson ? JSON.parse(String(bytes)) : {},
          trailers: response.trailers,
        })
      })
      sent.on('error', reject)
      sent.end(body)
    },
  )
}

describe('an archive that is put', () => {
  it('becomes files, folders and links, with their modes', async () => {
    const archive = await tarOf(
      { name: 'app', type: 'directory', mode: 0o750 },
      { name: 'app/run.sh', mode: 0o755, text: '#!/bin/sh\n' },
      { name: 'app/deep/er/a.txt', mode: 0o640, text: 'a' },
      { name: 'app/link', type: 'symlink', linkname: 'deep/er/a.txt' },
      { name: 'app/hard', type: 'link', linkname: 'app/run.sh' },
      { name: 'app/pipe', type: 'fifo' },
    )
    const { status, json } = await call('PUT', 'new/', archive)
    expect([status, json]).toEqual([200, { files: 3, folders: 1, links: 1, bytes: 21, leftOut: ['app/pipe'] }])
    expect(statSync(at('new/app')).mode & 0o777).toBe(0o750)
    expect(statSync(at('new/app/run.sh')).mode & 0o777).toBe(0o755)
    expect(statSync(at('new/app/deep/er/a.txt')).mode & 0o777).toBe(0o640)
    expect(readlinkSync(at('new/app/link'))).toBe('deep/er/a.txt')
    expect([text('new/app/link'), text('new/app/hard')]).toEqual(['a', '#!/bin/sh\n'])
  })

  it('takes the name that is asked for, unless that is a folder', async () => {
    await call('PUT', 'b.txt', await tarOf({ name: 'a.txt', text: '1' }))
    expect(text('b.txt')).toBe('1')
    await call('PUT', 'tree', await tarOf({ name: 'x', type: 'directory' }, { name: 'x/y', text: '2' }))
    expect(text('tree/y')).toBe('2')
    await call('PUT', 'tree', await tarOf({ name: 'x', type: 'directory' }, { name: 'x/y', text: '3' }))
    expect([text('tree/y'), text('tree/x/y')]).toEqual(['2', '3'])
    await call('PUT', '', await tarOf({ name: './top', text: '4' }))
    expect(text('top')).toBe('4')
    const two = await call('PUT', 'one', await tarOf({ name: 'a', text: '' }, { name: 'b', text: '' }))
    expect([two.status, two.json.detail]).toEqual([400, expect.stringContaining('more than one thing')])
  })

  it('replaces files and links as a whole, and no folder', async () => {
    writeFileSync(at('a'), 'old', { mode: 0o600 })
    symlinkSync('a', at('l'))
    mkdirSync(at('d'))
    await call('PUT', '', await tarOf({ name: 'a', text: 'new', mode: 0o644 }, { name: 'l', text: 'mine' }))
    expect([text('a'), text('l'), lstatSync(at('l')).isSymbolicLink()]).toEqual(['new', 'mine', false])
    expect(statSync(at('a')).mode & 0o777).toBe(0o644)
    const refused = await call('PUT', '', await tarOf({ name: 'd', text: 'x' }))
    expect(refused.json).toMatchObject({ code: 'INVALID_REQUEST', detail: '"d" is a folder, not a file.' })
    expect(readdirSync(worker.root).sort()).toEqual(['a', 'd', 'l'])
  })

  it.each([
    ['..', { name: '../evil', text: 'x' }],
    ['.. within', { name: 'a/../../evil', text: 'x' }],
    ['an absolute path', { name: '/evil', text: 'x' }],
    ['a folder above', { name: '..', type: 'directory' as const }],
    ['a hard link from outside', { name: 'evil', type: 'link' as const, linkname: '../../../../etc/passwd' }],
  ])('with %s is refused', async (_what, entry) => {
    const { json } = await call('PUT', '', await tarOf(entry))
    expect(json).toMatchObject({ code: 'INVALID_REQUEST' })
    expect(readdirSync(worker.root)).toEqual([])
    expect(readdirSync(worker.folder)).not.toContain('evil')
  })

  it('writes through no link that leads out', async () => {
    const archive = await tarOf({ name: 'out', type: 'symlink', linkname: outside }, { name: 'out/evil', text: 'x' })
    expect((await call('PUT', '', archive)).json).toMatchObject({ code: 'FORBIDDEN' })
    const hard = await tarOf(
      { name: 'p', type: 'symlink', linkname: '/etc/passwd' },
      { name: 'h', type: 'link', linkname: 'p' },
    )
    expect((await call('PUT', '', hard)).json).toMatchObject({ code: 'INVALID_REQUEST' })
    expect((await call('PUT', '../evil', await tarOf({ name: 'a', text: '' }))).status).toBe(400)
    expect(readdirSync(outside)).toEqual([])
  })

  it('that is none, or no whole one, is said to be so, and leaves no half file', async () => {
    expect((await call('PUT', '', Buffer.alloc(2000, 'x'))).json).toMatchObject({ code: 'INVALID_REQUEST' })
    const whole = await tarOf({ name: 'first', text: 'x' }, { name: 'second', text: 'y'.repeat(100_000) })
    const { json } = await call('PUT', '', whole.subarray(0, 50_000))
    expect(json).toMatchObject({ code: 'INVALID_REQUEST', detail: expect.stringContaining('no whole tar archive') })
    expect(readdirSync(worker.root)).toEqual(['first'])
  })
})

describe('an archive that is got', () => {
  it('has the files, folders and links below a path, and tar understands it', async () => {
    mkdirSync(at('src/deep'), { recursive: true })
    writeFileSync(at('src/run.sh'), 'x', { mode: 0o755 })
    writeFileSync(at('src/deep/empty'), '')
    writeFileSync(at('src/big'), Buffer.alloc(3_000_000, 7))
    writeFileSync(at(`src/${'long'.repeat(50)}`), 'é')
    symlinkSync('../../elsewhere', at('src/link'))
    execFileSync('mkfifo', [at('src/pipe')])
    const { status, body, trailers } = await call('GET', 'src')
    expect(status).toBe(200)
    const entries = await entriesOf(body)
    expect(entries.map(({ name, type = 'file' }) => `${name} ${type}`)).toEqual([
      'src directory',
      'src/big file',
      'src/deep directory',
      'src/deep/empty file',
      'src/link symlink',
      `src/${'long'.repeat(50)} file`,
      'src/run.sh file',
    ])
    expect(entries.at(-1)).toMatchObject({ mode: 0o755, text: 'x' })
    expect(JSON.parse(decodeURIComponent(trailers['x-omega-left-out'] ?? ''))).toEqual(['src/pipe'])
    execFileSync('tar', ['-C', outside, '-xf', '-'], { input: body })
    expect(readFileSync(join(outside, 'src/big')).length).toBe(3_000_000)
    expect(readlinkSync(join(outside, 'src/link'))).toBe('../../elsewhere')
    rmSync(join(outside, 'src'), { recursive: true })
  })

  it('of the whole project has no folder around it; a file is one entry', async () => {
    writeFileSync(at('a'), '1')
    expect(await entriesOf((await call('GET', '')).body)).toMatchObject([{ name: 'a', text: '1' }])
    expect(await entriesOf((await call('GET', 'a')).body)).toMatchObject([{ name: 'a', text: '1' }])
  })

  it('goes through what GNU tar makes and back', async () => {
    writeFileSync(at('x'), 'same')
    mkdirSync(at('dir'))
    const gnu = execFileSync('tar', ['-C', worker.root, '-cf', '-', '.'])
    await call('PUT', 'copy/', gnu)
    expect(text('copy/x')).toBe('same')
  })

  it.each([
    ['none', 404, 'FILE_NOT_FOUND'],
    ['../state', 400, 'INVALID_REQUEST'],
    ['/etc', 400, 'INVALID_REQUEST'],
  ])('of %s is refused', async (path, status, code) => {
    const answer = await call('GET', path)
    expect([answer.status, answer.json.code]).toEqual([status, code])
  })

  it('follows no link out', async () => {
    symlinkSync(outside, at('out'))
    writeFileSync(join(outside, 'secret'), 's')
    expect(await entriesOf((await call('GET', 'out')).body)).toMatchObject([{ name: 'out', type: 'symlink' }])
    expect((await call('GET', 'out/secret')).json).toMatchObject({ code: 'FORBIDDEN' })
  })
})
