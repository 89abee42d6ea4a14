import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { request as openRequest } from 'node:http'
import { createServer as createUnixServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeRowBlocks } from '../../../../src/core/text-rows.ts'
import { BEARER, HOST, ORIGIN, TestWorker } from '../../../support/worker.ts'

let worker: TestWorker
let cookie: string
beforeAll(async () => {
  worker = await TestWorker.boot()
  cookie = await worker.signIn()
})
afterAll(() => worker.close())

interface Got {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** A request with a body of bytes, or of pieces one after the other. */
function send(
  method: string,
  address: string,
  headers: Record<string, string> = {},
  pieces: AsyncIterable<Uint8Array> | Uint8Array[] = [],
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: worker.port, path: address, method, agent: false as const }
    const request = openRequest({ ...options, headers: { host: HOST, ...BEARER, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    request.on('error', reject)
    const write = async () => {
      for await (const piece of pieces) request.write(piece)
      request.end()
    }
    write().catch(() => request.destroy())
  })
}

const at = (path: string, more = '') => `/_omega/file?path=${encodeURIComponent(path)}${more}`
const problemOf = ({ body }: Got) => (JSON.parse(body.toString()) as { code: string }).code
const put = (path: string, text: string, more = '', headers: Record<string, string> = {}) =>
  send('PUT', at(path, more), { 'content-type': 'text/plain', ...headers }, [Buffer.from(text)])

describe('reading', () => {
  it('gives all bytes, or a range of them', async () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256))
    writeFileSync(join(worker.root, 'bytes.bin'), bytes)
    const all = await send('GET', at('bytes.bin'))
    expect(all.status).toBe(200)
    expect(all.body.equals(bytes)).toBe(true)
    expect(all.headers['content-length']).toBe('1000')
    const ranges: [string, number, Buffer][] = [
      ['bytes=0-9', 206, bytes.subarray(0, 10)],
      ['bytes=990-', 206, bytes.subarray(990)],
      ['bytes=-5', 206, bytes.subarray(995)],
      ['bytes=990-5000', 206, bytes.subarray(990)],
      ['bytes=5-1', 200, bytes],
      ['bytes=1-2,4-5', 200, bytes],
      ['lines=1-2', 200, bytes],
      ['bytes=1000-', 416, Buffer.of()],
      ['bytes=-0', 416, Buffer.of()],
    ]
    for (const [range, status, expected] of ranges) {
      const got = await send('GET', at('bytes.bin'), { range })
      expect([range, got.status]).toEqual([range, status])
      expect(got.body.equals(expected)).toBe(true)
    }
    expect((await send('GET', at('bytes.bin'), { range: 'bytes=1000-' })).headers['content-range']).toBe('bytes */1000')
    const head = await send('HEAD', at('bytes.bin'))
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '1000', 0])
  })

  it('knows whether a file is the same still', async () => {
    writeFileSync(join(worker.root, 'tagged'), 'one')
    const { etag } = (await send('GET', at('tagged'))).headers
    expect((await send('GET', at('tagged'), { 'if-none-match': `${etag}` })).status).toBe(304)
    expect((await send('GET', at('tagged'), { 'if-match': `${etag}`, range: 'bytes=0-0' })).status).toBe(206)
    writeFileSync(join(worker.root, 'tagged'), 'two')
    expect((await send('GET', at('tagged'), { 'if-none-match': `${etag}` })).status).toBe(200)
    expect((await send('GET', at('tagged'), { 'if-match': `${etag}`, range: 'bytes=0-0' })).status).toBe(412)
    expect((await send('GET', at('tagged'), { 'if-range': `${etag}`, range: 'bytes=0-0' })).body.toString()).toBe('two')
  })

  it.each([
    ['page.html', 'application/octet-stream', true],
    ['script.js', 'application/octet-stream', true],
    ['drawing.svg', 'image/svg+xml', false],
    ['photo.JPG', 'image/jpeg', false],
    ['film.mp4', 'video/mp4', false],
    ['no-extension', 'application/octet-stream', true],
    ['constructor', 'application/octet-stream', true],
    ['x.__proto__', 'application/octet-stream', true],
  ])('%s is never anything active on our origin', async (name, type, attachment) => {
    writeFileSync(join(worker.root, name), '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    const { headers } = await send('GET', at(name))
    expect(headers['content-type']).toBe(type)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(headers['content-disposition']?.includes('attachment') ?? false).toBe(attachment)
    const download = await send('GET', at(name, '&download=1'))
    expect(download.headers['content-type']).toBe('application/octet-stream')
    expect(download.headers['content-disposition']).toContain('attachment')
  })

  it('carries any name', async () => {
    const name = 'new\nline "quoted" €名前 %2e.txt'
    writeFileSync(join(worker.root, name), 'odd')
    const got = await send('GET', at(name, '&download=1'))
    expect(got.body.toString()).toBe('odd')
    expect(got.headers['content-disposition']).toMatch(/^attachment; filename="[ -~]+"; filename\*=UTF-8''/)
  })

  it('refuses what is no file, is outside or may not be read, and goes on', async () => {
    mkdirSync(join(worker.root, 'folder'))
    execFileSync('mkfifo', [join(worker.root, 'fifo')])
    symlinkSync('/etc/passwd', join(worker.root, 'out'))
    symlinkSync('loop', join(worker.root, 'loop'))
    const socket = createUnixServer().listen(join(worker.root, 'socket'))
    const cases: [string, string][] = [
      ['folder', 'INVALID_REQUEST'],
      ['fifo', 'INVALID_REQUEST'],
      ['socket', 'INVALID_REQUEST'],
      ['out', 'FORBIDDEN'],
      ['loop', 'FORBIDDEN'],
      ['none', 'FILE_NOT_FOUND'],
      ['../state/claim.json', 'INVALID_REQUEST'],
      ['/etc/passwd', 'INVALID_REQUEST'],
      ['a\0b', 'INVALID_REQUEST'],
      ['', 'FORBIDDEN'],
    ]
    for (const [path, code] of cases) expect([path, problemOf(await send('GET', at(path)))]).toEqual([path, code])
    for (const address of ['/_omega/file', '/_omega/file?path=a&path=b', '/_omega/file?path=a&more=1']) {
      expect(problemOf(await send('GET', address))).toBe('INVALID_REQUEST')
    }
    socket.close()
    expect((await worker.ask('/readyz', { headers: BEARER })).status).toBe(200)
  })

  it('of a very large file keeps memory flat', async () => {
    writeFileSync(join(worker.root, 'huge'), '')
    truncateSync(join(worker.root, 'huge'), 8 * 1024 ** 3)
    const got = await send('GET', at('huge'), { range: `bytes=${7 * 1024 ** 3}-${7 * 1024 ** 3 + 9}` })
    expect([got.status, got.body.length]).toEqual([206, 10])
    const before = process.memoryUsage().rss
    // Somebody who asks for all of it and leaves.
    await Promise.all(
      Array.from({ length: 20 }, () => {
        return new Promise<void>((resolve) => {
          const options = { host: '127.0.0.1', port: worker.port, path: at('huge'), agent: false as const }
          const request = openRequest({ ...options, headers: { host: HOST, ...BEARER } }, (response) => {
            response.once('data', () => {
              request.destroy()
              resolve()
            })
          })
          request.on('error', () => undefined)
          request.end()
        })
      }),
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
  })

  it('needs a credential', async () => {
    expect((await worker.ask(at('bytes.bin'))).status).toBe(401)
    expect((await worker.ask(at('bytes.bin'), { headers: { cookie } })).status).toBe(200)
  })
})

describe('uploading', () => {
  it('writes a file, and the folders above it', async () => {
    const answer = await put('up/load/ed.txt', 'hello')
    expect(answer.status).toBe(201)
    expect(readFileSync(join(worker.root, 'up/load/ed.txt'), 'utf8')).toBe('hello')
    expect((await put('up/empty', '')).status).toBe(201)
    expect(readFileSync(join(worker.root, 'up/empty'), 'utf8')).toBe('')
  })

  it('replaces only when it is told to, and keeps the mode', async () => {
    await put('up/script', 'one')
    chmodSync(join(worker.root, 'up/script'), 0o755)
    expect(problemOf(await put('up/script', 'two'))).toBe('FILE_EXISTS')
    expect(readFileSync(join(worker.root, 'up/script'), 'utf8')).toBe('one')
    expect((await put('up/script', 'two', '&replace=1')).status).toBe(200)
    expect(readFileSync(join(worker.root, 'up/script'), 'utf8')).toBe('two')
    expect(
      execFileSync('stat', ['-c', '%a', join(worker.root, 'up/script')])
        .toString()
        .trim(),
    ).toBe('755')
    expect(problemOf(await put('up', 'x', '&replace=1'))).toBe('INVALID_REQUEST')
    expect(problemOf(await put('up/script/below', 'x'))).toBe('INVALID_REQUEST')
  })

  it('takes any bytes under any type, and names as odd as they come', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256))
    const headers = { 'content-type': 'application/json' }
    expect((await send('PUT', at('up/{odd}\n;€.bin'), headers, [bytes])).status).toBe(201)
    expect(readFileSync(join(worker.root, 'up/{odd}\n;€.bin')).equals(bytes)).toBe(true)
    expect((await send('PUT', at('up/untyped'), {}, [bytes])).status).toBe(201)
  })

  it('leaves nothing of what was cut off', async () => {
    async function* broken() {
      yield Buffer.alloc(200_000, 'x')
      await new Promise((resolve) => setTimeout(resolve, 50))
      throw new Error('the cable was pulled')
    }
    await expect(send('PUT', at('up/broken'), { 'content-length': '1000000' }, broken())).rejects.toThrow()
    await expect.poll(() => readdirSync(join(worker.config.stateDir, 'staging'))).toEqual([])
    expect(existsSync(join(worker.root, 'up/broken'))).toBe(false)
  })

  it('refuses what the disk has no room for before it comes', async () => {
    const answer = await send('PUT', at('up/giant'), { 'content-length': `${10 ** 15}` }, [Buffer.from('begin')]).catch(
      (error: Error) => error,
    )
    // The connection is closed on the rest; that nothing was made is what counts.
    if (!(answer instanceof Error)) expect(problemOf(answer)).toBe('TOO_LARGE')
    expect(existsSync(join(worker.root, 'up/giant'))).toBe(false)
  })

  it('stays inside', async () => {
    symlinkSync(worker.folder, join(worker.root, 'leads-out'))
    for (const path of ['../x', '/tmp/x', 'a/../../x', '', 'n'.repeat(300)]) {
      expect(['INVALID_REQUEST', 'FORBIDDEN']).toContain(problemOf(await put(path, 'x', '&replace=1')))
    }
    expect(problemOf(await put('leads-out/x', 'x'))).toBe('FORBIDDEN')
    expect(existsSync(join(worker.folder, 'x'))).toBe(false)
  })

  it('by a browser must come from our own page', async () => {
    const bearer = { authorization: '' }
    const byCookie = (origin: Record<string, string>) => put('up/by-cookie', 'x', '', { ...bearer, cookie, ...origin })
    expect((await byCookie({})).status).toBe(403)
    expect((await byCookie({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await byCookie({ origin: ORIGIN })).status).toBe(201)
  })

  it('takes longer than a claim may', async () => {
    const slow = await TestWorker.boot({ config: { bodyTimeoutMs: 50 } })
    const first = worker
    worker = slow
    async function* slowly() {
      for (let piece = 0; piece < 5; piece++) {
        yield Buffer.from('x')
        await new Promise((resolve) => setTimeout(resolve, 40))
      }
    }
    expect((await send('PUT', at('slow'), {}, slowly())).status).toBe(201)
    worker = first
    await slow.close()
  })
})

describe('rows of a text', () => {
  it('are counted by the block', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`)
    writeFileSync(join(worker.root, 'lines.log'), lines.join('\n'))
    const got = await send('GET', '/_omega/rows?path=lines.log')
    expect(got.status).toBe(200)
    const blocks = decodeRowBlocks(got.body)
    expect(blocks.reduce((sum, block) => sum + block.rows, 0)).toBe(20_000)
    expect(blocks[0]?.first).toBe(0)
    expect(got.headers.etag).toBe((await send('HEAD', at('lines.log'))).headers.etag)
    expect(problemOf(await send('GET', '/_omega/rows?path=fifo'))).toBe('INVALID_REQUEST')
  })
})

describe('an archive', () => {
  it('holds a folder, its links as links, and a note of what is not in it', async () => {
    const folder = join(worker.root, 'pack')
    mkdirSync(join(folder, 'sub/empty'), { recursive: true })
    writeFileSync(join(folder, 'a.txt'), 'text '.repeat(10_000))
    writeFileSync(join(folder, 'sub/run.sh'), '#!/bin/sh\n')
    chmodSync(join(folder, 'sub/run.sh'), 0o755)
    writeFileSync(join(folder, 'back\\slash €'), 'odd')
    symlinkSync('/etc/passwd', join(folder, 'out'))
    symlinkSync('.', join(folder, 'loop'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const got = await send('GET', '/_omega/archive?path=pack')
    expect(got.status).toBe(200)
    expect(got.headers['content-type']).toBe('application/zip')
    expect(got.headers['content-disposition']).toBe('attachment; filename="pack.zip"')
    const there = join(worker.folder, 'unpacked')
    unpack(got.body, there)
    expect(readFileSync(join(there, 'pack/a.txt'), 'utf8')).toBe('text '.repeat(10_000))
    expect(readdirSync(join(there, 'pack/sub')).sort()).toEqual(['empty', 'run.sh'])
    expect(readFileSync(join(there, 'pack/back_slash €'), 'utf8')).toBe('odd')
    expect(readFileSync(join(there, 'LEFT-OUT.txt'), 'utf8')).toContain('pack/pipe (a pipe, a socket or a device)')
    // A link is its target's name, and no more.
    expect(listed(got.body)['pack/out']).toEqual({ link: true, content: '/etc/passwd' })
    expect(listed(got.body)['pack/loop']).toEqual({ link: true, content: '.' })
  })

  it('of several things calls them by their paths, and may leave out what git ignores', async () => {
    const folder = join(worker.root, 'app')
    mkdirSync(join(folder, 'node_modules/dep'), { recursive: true })
    writeFileSync(join(folder, '.gitignore'), 'node_modules\n*.log\n')
    for (const name of ['index.js', 'debug.log', 'node_modules/dep/index.js']) writeFileSync(join(folder, name), name)
    const both = await send('GET', '/_omega/archive?path=app/index.js&path=pack/a.txt')
    expect(Object.keys(listed(both.body)).sort()).toEqual(['app/index.js', 'pack/a.txt'])
    const without = await send('GET', '/_omega/archive?path=app&without=ignored')
    expect(Object.keys(listed(without.body)).sort()).toEqual(['app/', 'app/.gitignore', 'app/index.js'])
    const all = await send('GET', '/_omega/archive?path=app')
    expect(Object.keys(listed(all.body))).toContain('app/node_modules/dep/index.js')
  })

  it('of what is not there, or outside, is refused before it begins', async () => {
    for (const [path, code] of [
      ['none', 'FILE_NOT_FOUND'],
      ['..', 'INVALID_REQUEST'],
      ['leads-out/state', 'FORBIDDEN'],
      ['fifo', 'INVALID_REQUEST'],
    ]) {
      expect([path, problemOf(await send('GET', `/_omega/archive?path=${path}`))]).toEqual([path, code])
    }
  })
})

const script = `
import io, json, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
if len(sys.argv) > 1: archive.extractall(sys.argv[1])
print(json.dumps({i.filename: {'link': i.external_attr >> 28 == 0o12, 'content': archive.read(i).decode()[:100]} for i in archive.infolist()}))
`
function listed(zip: Buffer): Record<string, { link: boolean; content: string }> {
  return JSON.parse(execFileSync('python3', ['-c', script], { input: zip }).toString())
}
function unpack(zip: Buffer, folder: string): void {
  execFileSync('python3', ['-c', script, folder], { input: zip })
}
