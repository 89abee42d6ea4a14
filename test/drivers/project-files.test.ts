import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OmegaError } from '../../src/core/errors.ts'
import { MAX_FILE_BYTES, ProjectFiles } from '../../src/drivers/project-files.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let folder: string
let root: string
let files: ProjectFiles
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'omega-files-'))
  root = join(folder, 'root')
  mkdirSync(join(root, 'src'), { recursive: true })
  writeFileSync(join(root, 'src/a.ts'), 'const a = 1\n')
  writeFileSync(join(folder, 'canary'), 'never read')
  files = new ProjectFiles(root)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => (error instanceof OmegaError ? error.code : `thrown: ${error}`),
  )

/** Every operation with this path. */
const attempts = (path: string): [string, () => Promise<unknown>][] => [
  ['list', () => files.list(path)],
  ['read', () => files.read(path)],
  ['write', () => files.write(path, 'x', undefined)],
  ['write over', () => files.write(path, 'x', 'base')],
  ['make', () => files.makeDirectory(path)],
  ['rename', () => files.rename(path, 'new')],
  ['rename to', () => files.rename('src/a.ts', path)],
  ['remove', () => files.remove(path)],
  ['copy', () => files.copy(path, 'new')],
  ['copy to', () => files.copy('src/a.ts', path)],
  ['look', () => files.look(path, ['a'])],
  ['make all', () => files.makeDirectory(path, true)],
  ['watch', () => files.watch(path, () => undefined)],
  ['folder', () => files.folder(path)],
]

describe('paths', () => {
  it.each([
    '..',
    '../canary',
    'src/../../canary',
    'src/..',
    '/etc/passwd',
    '/',
    'a\0b',
    'src/a.ts\0.png',
    `${'n'.repeat(256)}`,
    '€'.repeat(86),
    'half \ud800 pair',
    './../canary',
    'src//..//../canary',
  ])('%j is refused by every operation', async (path) => {
    for (const [name, attempt] of attempts(path)) {
      expect([name, await codeOf(attempt())]).toEqual([name, 'INVALID_REQUEST'])
    }
    expect(readFileSync(join(folder, 'canary'), 'utf8')).toBe('never read')
  })

  it.each(['..%5ccanary', '..\\canary', '%2e%2e/canary', 'proc/self/root', '..;/canary', '\u002e\uff0e/canary'])(
    '%j is a name like any other, and nothing is there',
    async (path) => {
      expect(await codeOf(files.read(path))).toBe('FILE_NOT_FOUND')
    },
  )

  it.each(['', '.', './', 'src/.//', './/src'])('%j is a folder of the project', async (path) => {
    expect((await files.list(path)).entries.length).toBe(1)
  })

  it.each(['new\nline', 'esc\x1b[31m', ' space ', '-rf', 'ünïcödé', '名前', '*', 'quo\'te"', 'n'.repeat(255)])(
    'the name %j is fine',
    async (name) => {
      const { version } = await files.write(name, 'text', undefined)
      expect((await files.list('')).entries.map((entry) => entry.name)).toContain(name)
      expect(await files.read(name)).toEqual({ text: 'text', version })
      await files.remove(name)
    },
  )

  it('never lead out, whatever they are made of', async () => {
    symlinkSync(folder, join(root, 'out'))
    const part = fc.constantFrom('..', '.', '', 'src', 'a.ts', 'out', 'root', 'canary', '%2e%2e', '...')
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 7 }), async (parts) => {
        const path = parts.join('/')
        const read = await files.read(path).catch(() => undefined)
        expect(read?.text).not.toBe('never read')
        await files.write(path, 'overwritten', undefined).catch(() => undefined)
        expect(readFileSync(join(folder, 'canary'), 'utf8')).toBe('never read')
        expect(readdirSync(folder).sort()).toEqual(['canary', 'root'])
      }),
    )
  })

  it("the project's own folder can be neither replaced nor removed", async () => {
    for (const path of ['', '.', './/']) {
      expect(await codeOf(files.remove(path))).toBe('FORBIDDEN')
      expect(await codeOf(files.rename(path, 'x'))).toBe('FORBIDDEN')
      expect(await codeOf(files.write(path, 'x', undefined))).toBe('FORBIDDEN')
    }
    expect(existsSync(root)).toBe(true)
  })
})

describe('symbolic links', () => {
  it('that lead out are not followed', async () => {
    symlinkSync('../canary', join(root, 'file'))
    symlinkSync(folder, join(root, 'dir'))
    symlinkSync('/proc/self/root', join(root, 'proc'))
    for (const path of ['file', 'dir/canary', 'dir/root/../canary'.replace('/../', '/src/'), 'proc/etc/passwd']) {
      expect(['FORBIDDEN', 'FILE_NOT_FOUND']).toContain(await codeOf(files.read(path)))
    }
    expect(await codeOf(files.read('file'))).toBe('FORBIDDEN')
    expect(await codeOf(files.list('dir'))).toBe('FORBIDDEN')
    expect(await codeOf(files.write('dir/new', 'x', undefined))).toBe('FORBIDDEN')
    expect(await codeOf(files.write('file', 'x', 'base'))).toBe('FORBIDDEN')
    expect(await codeOf(files.write('file', 'x', undefined))).toBe('FILE_EXISTS')
    expect(await codeOf(files.makeDirectory('dir/new'))).toBe('FORBIDDEN')
    expect(await codeOf(files.remove('dir/canary'))).toBe('FORBIDDEN')
    expect(await codeOf(files.rename('dir/canary', 'mine'))).toBe('FORBIDDEN')
    expect(await codeOf(files.rename('src/a.ts', 'dir/mine'))).toBe('FORBIDDEN')
    expect(await codeOf(files.watch('dir', () => undefined))).toBe('FORBIDDEN')
    expect(readFileSync(join(folder, 'canary'), 'utf8')).toBe('never read')
    expect((await files.list('')).entries.find(({ name }) => name === 'file')?.kind).toBe('link')
  })

  it('are themselves removed and renamed, not what they lead to', async () => {
    symlinkSync(folder, join(root, 'dir'))
    await files.rename('dir', 'other')
    await files.remove('other')
    expect(readFileSync(join(folder, 'canary'), 'utf8')).toBe('never read')
    expect(existsSync(join(root, 'other'))).toBe(false)
  })

  it('inside are followed, and stay links when their file is saved', async () => {
    symlinkSync('src/a.ts', join(root, 'alias.ts'))
    const { version } = await files.read('alias.ts')
    await files.write('alias.ts', 'const a = 2\n', version)
    expect(readFileSync(join(root, 'src/a.ts'), 'utf8')).toBe('const a = 2\n')
    expect(lstatSync(join(root, 'alias.ts')).isSymbolicLink()).toBe(true)
  })

  it('that turn in circles or lead nowhere are errors', async () => {
    symlinkSync('loop', join(root, 'loop'))
    symlinkSync('nowhere', join(root, 'dangling'))
    expect(await codeOf(files.read('loop'))).toBe('FORBIDDEN')
    expect(await codeOf(files.read('dangling'))).toBe('FILE_NOT_FOUND')
    symlinkSync('src', join(root, 'folder'))
    const shown = (await files.list('')).entries.map(({ name, kind, target }) => `${name} ${kind} ${target ?? ''}`)
    expect(shown.sort()).toEqual(['dangling link ', 'folder link directory', 'loop link ', 'src directory '])
    expect((await files.list('folder')).entries).toEqual([{ name: 'a.ts', kind: 'file' }])
  })

  it('swapped under our feet never show what is outside', async () => {
    const swap = join(root, 'swap')
    const [good, evil] = [join(root, 'good'), join(root, 'evil')]
    let swapping = true
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
    }
    const swapper = (async () => {
      for (let round = 0; swapping; round++) {
        rmSync(swap, { force: true })
        mkdirSync(good)
        writeFileSync(join(good, 'canary'), 'inside')
        renameSync(good, swap)
        await turns(round % 40)
        rmSync(swap, { recursive: true })
        symlinkSync(folder, evil)
        renameSync(evil, swap)
        await turns(round % 7)
      }
    })()
    const texts = new Set<string>()
    for (let round = 0; round < 300; round++) {
      const read = await files.read('swap/canary').catch((error) => ({ text: (error as OmegaError).code }))
      texts.add(read.text)
    }
    swapping = false
    await swapper
    expect(texts).toContain('inside')
    expect(texts).not.toContain('never read')
  })
})

describe('reading', () => {
  it('gives the text as it is, whatever its line ends and first mark', async () => {
    for (const text of ['', '\ufeffwith a mark\r\n', 'no newline', 'a\0b', '€𝄞\r\r\n']) {
      writeFileSync(join(root, 't'), text)
      expect((await files.read('t')).text).toBe(text)
    }
  })

  it('refuses what is no text, too large, or no file', async () => {
    writeFileSync(join(root, 'binary'), Uint8Array.of(0x89, 0x50, 0xff))
    writeFileSync(join(root, 'sparse'), '')
    truncateSync(join(root, 'sparse'), 10 * 1024 ** 3)
    execFileSync('mkfifo', [join(root, 'fifo')])
    expect(await codeOf(files.read('binary'))).toBe('UNSUPPORTED_MEDIA_TYPE')
    expect(await codeOf(files.read('sparse'))).toBe('TOO_LARGE')
    expect(await codeOf(files.read('fifo'))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.write('fifo', 'x', 'base'))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.read('src'))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.read('src/a.ts/b'))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.list('src/a.ts'))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.read('none'))).toBe('FILE_NOT_FOUND')
    const kinds = (await files.list('')).entries.map(({ name, kind }) => `${name} ${kind}`)
    expect(kinds.sort()).toEqual(['binary file', 'fifo other', 'sparse file', 'src directory'])
  })

  it('takes just as much as it may', async () => {
    writeFileSync(join(root, 'large'), 'x'.repeat(MAX_FILE_BYTES))
    expect((await files.read('large')).text.length).toBe(MAX_FILE_BYTES)
  })
})

describe('writing', () => {
  it('keeps the mode, and leaves nothing behind', async () => {
    chmodSync(join(root, 'src/a.ts'), 0o755)
    const { version } = await files.read('src/a.ts')
    await files.write('src/a.ts', '#!/bin/sh\n', version)
    expect(statSync(join(root, 'src/a.ts')).mode & 0o7777).toBe(0o755)
    expect(readdirSync(join(root, 'src'))).toEqual(['a.ts'])
  })

  it('refuses what somebody else changed, removed or made meanwhile', async () => {
    const { version } = await files.read('src/a.ts')
    writeFileSync(join(root, 'src/a.ts'), 'changed')
    expect(await codeOf(files.write('src/a.ts', 'mine', version))).toBe('CONFLICT')
    rmSync(join(root, 'src/a.ts'))
    expect(await codeOf(files.write('src/a.ts', 'mine', version))).toBe('CONFLICT')
    writeFileSync(join(root, 'src/a.ts'), 'made')
    expect(await codeOf(files.write('src/a.ts', 'mine', undefined))).toBe('FILE_EXISTS')
    expect(readFileSync(join(root, 'src/a.ts'), 'utf8')).toBe('made')
    expect(readdirSync(join(root, 'src'))).toEqual(['a.ts'])
  })

  it('lets one of many win, and tells the others', async () => {
    const { version } = await files.read('src/a.ts')
    const saves = Array.from({ length: 20 }, (_, index) => codeOf(files.write('src/a.ts', `save ${index}`, version)))
    const news = Array.from({ length: 20 }, (_, index) => codeOf(files.write('new', `new ${index}`, undefined)))
    expect((await Promise.all(saves)).sort()).toEqual([...Array(19).fill('CONFLICT'), 'done'])
    expect((await Promise.all(news)).sort()).toEqual([...Array(19).fill('FILE_EXISTS'), 'done'])
  })

  it('is whole at every moment', async () => {
    let { version } = await files.read('src/a.ts')
    const texts = ['x'.repeat(200_000), 'y'.repeat(200_000)]
    let saving = true
    const seen = (async () => {
      const sizes = new Set<number>()
      while (saving) {
        sizes.add(readFileSync(join(root, 'src/a.ts')).length)
        await new Promise(setImmediate)
      }
      return sizes
    })()
    for (let round = 0; round < 20; round++) {
      version = (await files.write('src/a.ts', texts[round % 2] ?? '', version)).version
    }
    saving = false
    expect([...(await seen)].filter((size) => size !== 200_000 && size !== 12)).toEqual([])
  })

  it('refuses half characters and too much, changing nothing', async () => {
    const { version } = await files.read('src/a.ts')
    expect(await codeOf(files.write('src/a.ts', 'half \udc00', version))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.write('src/a.ts', 'x'.repeat(MAX_FILE_BYTES + 1), version))).toBe('TOO_LARGE')
    expect(await codeOf(files.write('none/b', 'x', undefined))).toBe('FILE_NOT_FOUND')
    expect(await codeOf(files.write('src/a.ts/b', 'x', undefined))).toBe('INVALID_REQUEST')
    expect((await files.read('src/a.ts')).version).toBe(version)
  })

  it('of one name of a file leaves its other name alone', async () => {
    linkSync(join(root, 'src/a.ts'), join(root, 'twin'))
    const { version } = await files.read('src/a.ts')
    await files.write('src/a.ts', 'new', version)
    expect(readFileSync(join(root, 'twin'), 'utf8')).toBe('const a = 1\n')
  })
})

describe('folders', () => {
  it('are made, renamed and removed with all in them', async () => {
    await files.makeDirectory('one')
    expect(await codeOf(files.makeDirectory('one'))).toBe('FILE_EXISTS')
    expect(await codeOf(files.makeDirectory('no/such'))).toBe('FILE_NOT_FOUND')
    await files.rename('src', 'one/src')
    expect(await codeOf(files.rename('one', 'one/two'))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.rename('none', 'two'))).toBe('FILE_NOT_FOUND')
    await files.makeDirectory('two')
    expect(await codeOf(files.rename('one', 'two'))).toBe('FILE_EXISTS')
    await files.remove('one')
    expect(readdirSync(root)).toEqual(['two'])
    expect(await codeOf(files.remove('one'))).toBe('FILE_NOT_FOUND')
  })

  it('of very many are listed in part', async () => {
    mkdirSync(join(root, 'many'))
    for (let index = 0; index < 50_001; index++) writeFileSync(join(root, 'many', `${index}`), '')
    const { entries, truncated } = await files.list('many')
    expect([entries.length, truncated]).toEqual([50_000, true])
  })

  it('are made with those above them, and may be there already', async () => {
    await files.makeDirectory('a/b/c', true)
    await files.makeDirectory('a/b', true)
    expect(statSync(join(root, 'a/b/c')).isDirectory()).toBe(true)
    expect(await codeOf(files.makeDirectory('src/a.ts/b', true))).toBe('INVALID_REQUEST')
    symlinkSync(folder, join(root, 'out'))
    expect(await codeOf(files.makeDirectory('out/new', true))).toBe('FORBIDDEN')
  })

  it('are copied with all in them, links as links, and never into themselves', async () => {
    chmodSync(join(root, 'src/a.ts'), 0o750)
    symlinkSync('a.ts', join(root, 'src/link'))
    execFileSync('mkfifo', [join(root, 'src/fifo')])
    await files.copy('src', 'copy')
    expect(readdirSync(join(root, 'copy')).sort()).toEqual(['a.ts', 'link'])
    expect(readFileSync(join(root, 'copy/a.ts'), 'utf8')).toBe('const a = 1\n')
    expect(statSync(join(root, 'copy/a.ts')).mode & 0o7777).toBe(0o750)
    expect(lstatSync(join(root, 'copy/link')).isSymbolicLink()).toBe(true)
    expect(await codeOf(files.copy('src', 'src/inside'))).toBe('INVALID_REQUEST')
    expect(await codeOf(files.copy('src', 'copy'))).toBe('FILE_EXISTS')
    expect(await codeOf(files.copy('src/fifo', 'fifo'))).toBe('INVALID_REQUEST')
    expect(readdirSync(root).sort()).toEqual(['copy', 'src'])
  })

  it('are looked at name by name', async () => {
    symlinkSync('src', join(root, 'link'))
    const { entries, free } = await files.look('', ['src', 'link', 'none', '..', '../canary', ''])
    expect(entries.map(({ name, kind, target }) => [name, kind, target])).toEqual([
      ['src', 'directory', undefined],
      ['link', 'link', 'directory'],
    ])
    expect(free).toBeGreaterThan(0)
  })
})

describe('watching', () => {
  it('tells what changed in a folder, gathered, without our own temporary files', async () => {
    const told: string[][] = []
    const watcher = await files.watch('src', (names) => told.push(names))
    const { version } = await files.read('src/a.ts')
    await files.write('src/a.ts', 'saved', version)
    writeFileSync(join(root, 'src/new'), '1')
    writeFileSync(join(root, 'elsewhere'), '1')
    await expect.poll(() => told.flat()).toEqual(expect.arrayContaining(['a.ts', 'new']))
    expect(told.flat().filter((name) => name.startsWith('.omega') || name === 'elsewhere')).toEqual([])
    watcher.close()
  })

  it('of more than the kernel keeps says to list everything again', async () => {
    mkdirSync(join(root, 'many'))
    const told: string[][] = []
    const watchers = [await files.watch('many', () => undefined), await files.watch('src', (names) => told.push(names))]
    // Nothing is read meanwhile, and the last one finds no place in the queue.
    for (let index = 0; index < 17_000; index++) writeFileSync(join(root, 'many', `${index}`), '')
    writeFileSync(join(root, 'src/lost'), '')
    await expect.poll(() => told, { timeout: 10_000 }).toEqual([[]])
    for (const watcher of watchers) watcher.close()
  })

  it('of a folder that goes ends quietly', async () => {
    const told: string[][] = []
    const watcher = await files.watch('src', (names) => told.push(names))
    await files.remove('src')
    await expect.poll(() => told.length).toBeGreaterThan(0)
    watcher.close()
    expect(await codeOf(files.watch('src', () => undefined))).toBe('FILE_NOT_FOUND')
  })
})
