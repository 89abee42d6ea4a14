/// <reference lib="dom" />
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../support/ask.ts'
import { IdeFiles } from '../support/ide-files.ts'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually, run } from '../support/omega.ts'
import { WireClient } from '../support/worker.ts'

/** A person with the files of a project, and then somebody who means harm. */
let box: IdeSandbox
let files: IdeFiles
let ours: string
let worker: string
beforeAll(async () => {
  box = await IdeSandbox.open('idefiles', 'static')
  files = new IdeFiles(box.page)
  ours = mkdtempSync(join(tmpdir(), 'omega-files-'))
  worker = await workerNow()
})
afterAll(async () => {
  await box?.close()
  rmSync(ours, { recursive: true, force: true })
})

const inProject = async (command: string) => (await box.exec(command)).stdout.trimEnd()
const prints = (command: string, expected: string) =>
  eventually(async () => {
    const found = await inProject(command)
    if (found !== expected) throw new Error(`it prints ${JSON.stringify(found)}`)
    return true
  }, `${command} prints ${expected}`)
/** Of what runs a command in the sandbox: another one after a crash. */
const workerNow = () => inProject('echo $PPID; cut -d" " -f22 /proc/$PPID/stat')

describe('the tree', () => {
  it('makes a folder and a file in it, which opens to be typed in', async () => {
    await files.create('folder', 'notes')
    await files.choose('notes', 'New file')
    await files.name('today.md')
    await files.row('notes/today.md').waitFor()
    await box.page.locator('.cm-content').click()
    await box.page.keyboard.type('# Today')
    await prints('cat notes/today.md', '# Today')
  })

  it('renames by F2, with the tab, and takes it back by Ctrl+Z', async () => {
    await files.row('notes/today.md').click()
    await files.tree.press('F2')
    await files.name('tomorrow.md')
    await box.page.getByRole('tab', { name: 'tomorrow.md' }).waitFor()
    await prints('ls notes', 'tomorrow.md')
    await files.row('notes/tomorrow.md').click()
    await files.tree.press('Control+z')
    await files.row('notes/today.md').waitFor()
    await prints('ls notes', 'today.md')
  })

  it('refuses a name that is none, and does not take what is there', async () => {
    await files.choose('notes', 'New file')
    await files.tree.getByRole('textbox').fill('../../escaped')
    await files.tree.locator('input[aria-invalid=true]').waitFor()
    await files.tree.getByRole('textbox').press('Escape')
    await files.choose('notes', 'New file')
    await files.name('today.md')
    await files.toast('There is already something at').waitFor()
    expect(await inProject('cat notes/today.md; ls ~ /tmp | grep -c escaped || true')).toBe('# Today0')
  })

  it('moves by dragging, and back by Undo', async () => {
    await box.exec('mkdir attic')
    await files.row('attic').waitFor()
    await files.row('notes/today.md').dragTo(files.row('attic'))
    // Pointed at, it stays for as long as the command takes.
    await files.toast('Moved today.md').hover()
    await prints('ls attic', 'today.md')
    await files.undo('Moved today.md')
    await files.row('notes/today.md').waitFor()
    await prints('ls attic notes', 'attic:\n\nnotes:\ntoday.md')
  })

  it('deletes a folder with all in it, undone at once or later from what was deleted', async () => {
    await files.row('notes/today.md').click()
    await files.tree.press('ArrowLeft')
    await files.tree.press('Delete')
    await files.row('notes').waitFor({ state: 'detached' })
    await files.toast('Deleted notes').hover()
    await prints('ls -d notes 2>&1 | grep -c "No such"', '1')
    await files.undo('Deleted notes')
    await prints('cat notes/today.md', '# Today')
    await files.row('attic').click()
    await files.tree.press('Delete')
    await files.row('attic').waitFor({ state: 'detached' })
    await files.command('Show deleted files')
    await files.trash.list().getByText('attic', { exact: true }).waitFor()
    await box.shot('ide-files-trash')
    await files.trash.restore('attic')
    await files.row('attic').waitFor()
    await prints('ls -d attic', 'attic')
  })

  it('shows what happens in the sandbox, and what git ignores as that', async () => {
    await box.exec(
      "mkdir -p node_modules/dep fresh && printf 'node_modules/\\n*.log\\n' > .gitignore && touch debug.log",
    )
    await files.row('fresh').waitFor()
    const description = (path: string) => files.row(path).getAttribute('aria-description')
    await eventually(async () => (await description('debug.log')) === 'ignored by git', 'the log looks ignored')
    await eventually(async () => (await description('node_modules')) === 'ignored by git', 'so does the folder')
    expect(await description('style.css')).toBeNull()
    const colour = (path: string) =>
      files
        .row(path)
        .locator('.label')
        .evaluate((label) => getComputedStyle(label).color)
    expect(await colour('debug.log')).not.toBe(await colour('style.css'))
    await box.exec('mv fresh renamed && rm debug.log')
    await files.row('renamed').waitFor()
    await files.row('debug.log').waitFor({ state: 'detached' })
  })
})

describe('uploads and downloads', () => {
  it('bring files, a folder, and what is dropped', async () => {
    const photo = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256))
    writeFileSync(join(ours, 'photo.raw'), photo)
    writeFileSync(join(ours, 'ünï cödé.txt'), 'words\n')
    mkdirSync(join(ours, 'lib/deep'), { recursive: true })
    for (const path of ['lib/a.js', 'lib/deep/b.js']) writeFileSync(join(ours, path), `// ${path}\n`)
    await files.upload('attic', 'files', [join(ours, 'photo.raw'), join(ours, 'ünï cödé.txt')])
    await files.row('attic/ünï cödé.txt').waitFor()
    await files.upload('attic', 'a folder', join(ours, 'lib'))
    await files.row('attic/lib').waitFor()
    await prints('cat attic/lib/a.js attic/lib/deep/b.js', '// lib/a.js\n// lib/deep/b.js')
    await files.drop('attic', 'dropped.txt', 'let go')
    await files.row('attic/dropped.txt').waitFor()
    await prints('cat attic/dropped.txt', 'let go')
  })

  it('ask before anything is replaced, and Undo takes an upload away', async () => {
    await files.drop('attic', 'dropped.txt', 'another')
    await box.page.getByRole('dialog', { name: 'Replace dropped.txt?' }).getByText('Keep both').click()
    await files.row('attic/dropped copy.txt').waitFor()
    await files.undo('Uploaded attic/dropped copy.txt')
    await files.row('attic/dropped copy.txt').waitFor({ state: 'detached' })
    expect(await inProject('cat attic/dropped.txt')).toBe('let go')
  })

  it('give a file as it is and a folder as a zip', async () => {
    const one = await files.download('attic/photo.raw')
    expect(one.suggestedFilename()).toBe('photo.raw')
    expect(readFileSync(await one.path()).equals(readFileSync(join(ours, 'photo.raw')))).toBe(true)
    await box.exec('touch attic/lib/x.log && ln -s /etc/passwd attic/lib/outside')
    const zip = await files.download('attic')
    expect(zip.suggestedFilename()).toBe('attic.zip')
    const there = join(ours, 'unpacked')
    // Python's zipfile is what every machine of ours has.
    const unpack = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])'
    expect(await run('python3', ['-c', unpack, await zip.path(), there])).toMatchObject({ code: 0 })
    const sums = 'find attic -type f ! -name outside | LC_ALL=C sort | xargs -d "\\n" sha256sum'
    const unpacked = await run('sh', ['-c', `cd "${there}" && ${sums}`])
    expect(unpacked.stdout.trimEnd().split('\n')).toEqual((await inProject(sums)).split('\n'))
    // A link is the name of what it leads to, and nothing of that.
    expect(readFileSync(join(there, 'attic/lib/outside'), 'utf8')).toBe('/etc/passwd')
    await (await files.download('attic', 'Download without ignored')).saveAs(join(ours, 'without.zip'))
    const names = await run('python3', ['-m', 'zipfile', '-l', join(ours, 'without.zip')])
    expect(names.stdout).toContain('attic/lib/a.js')
    expect(names.stdout).not.toContain('x.log')
    await files.collapse('attic')
  })
})

describe('folders of very many', () => {
  it('50,000 entries open, are few elements, and the last one opens', async () => {
    await box.exec(
      "mkdir many && cd many && seq -f 'f%05g.txt' 1 50000 | xargs touch && echo 'the very last' > f50000.txt",
    )
    await files.row('many').waitFor()
    await files.expand('many')
    await files.row('many/f00001.txt').waitFor()
    expect(await files.row('many/f00001.txt').getAttribute('aria-setsize')).toBe('50000')
    await files.scrollToEnd()
    await files.row('many/f50000.txt').click()
    await box.ide.line('the very last').waitFor()
    expect(await files.tree.locator('*').count()).toBeLessThan(1_500)
    await box.shot('ide-files-many')
    // A change in it is seen, and does not bring the whole of it again.
    await box.exec('echo > many/f50001.txt')
    await files.row('many/f50001.txt').waitFor()
    await files.scrollToTop()
    await files.collapse('many')
  })

  it('of 100,000 it says that not all are shown, and goes on', async () => {
    await box.exec('mkdir toomany && cd toomany && seq 1 100000 | xargs touch')
    await files.row('toomany').waitFor()
    await files.expand('toomany')
    await files.tree.locator('[data-path^="toomany/"]').first().waitFor()
    await files.scrollToEnd()
    await files.note().waitFor()
    expect(await files.note().textContent()).toContain('Only 50,000 are shown')
    await files.scrollToTop()
    await files.collapse('toomany')
    await box.exec('rm -r toomany many')
    await files.row('many').waitFor({ state: 'detached' })
  })
})

describe('files that are no text', () => {
  it('a picture is shown, bytes are shown as bytes', async () => {
    const red = 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=='
    await box.exec(`echo ${red} | base64 -d > red.png; printf 'A\\0\\001\\377\\376B' > data.bin`)
    await files.row('red.png').click()
    await files.viewer.image().waitFor()
    await eventually(
      () => files.viewer.image().evaluate((image) => (image as HTMLImageElement).naturalWidth === 2),
      'the picture is loaded',
    )
    await files.row('data.bin').click()
    await files.viewer.bytes().getByText('41 00 01 ff fe 42').waitFor()
    expect(await box.page.locator('.cm-content').count()).toBe(0)
  })

  it('what is not UTF-8 and what is too large is shown to be read, with the reason', async () => {
    await box.exec("printf 'caf\\351 au lait\\n' > latin.txt; seq 1 1000000 > long.log; truncate -s 1G sparse.bin")
    await files.row('latin.txt').click()
    await files.viewer.text().getByText('café au lait').waitFor()
    await files.viewer.text().getByText('This file is not UTF-8').waitFor()
    await files.row('long.log').click()
    await files.viewer.text().getByText('too large to be edited here').waitFor()
    await files.viewer.bar().getByText('1,000,001 lines').waitFor()
    await files.viewer.goToLine(999_999)
    await files.viewer.text().getByText('999999').first().waitFor()
    await box.shot('ide-files-large')
  })

  it('of a gigabyte only what is looked at is fetched; its lines are counted meanwhile', async () => {
    await files.row('sparse.bin').click()
    await files.viewer.bytes().getByText('00 00 00 00 00 00 00 00').first().waitFor()
    expect(await files.viewer.size().getAttribute('title')).toBe('1,073,741,824 bytes')
    await files.viewer.show('Text')
    await files.viewer
      .bar()
      .getByText(/counting lines|lines$/)
      .waitFor()
    await box.ide.openFile('style.css')
    expect(await workerNow()).toBe(worker)
  })

  it('pipes, sockets, links in circles and out are told for what they are', async () => {
    await box.exec(
      `mkdir odd && cd odd && mkfifo pipe && ln -s loop loop && ln -s .. up && ln -s / slash && ln -s /dev/zero zero &&
       ln -s nowhere dangling && python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('sock')"`,
    )
    await files.row('odd').waitFor()
    await files.expand('odd')
    for (const [name, sentence] of [
      ['pipe', 'is a pipe, not a file'],
      ['sock', 'is a socket'],
      ['loop', 'leads round in circles'],
      ['zero', "leads out of the project's folder"],
      ['slash', "leads out of the project's folder"],
      ['dangling', 'There is no "odd/dangling"'],
    ] as const) {
      await files.row(`odd/${name}`).click()
      await files.refusal().filter({ hasText: sentence }).waitFor()
      expect(await files.row(`odd/${name}`).getAttribute('aria-expanded')).toBeNull()
    }
    // A link to the folder above opens, as deep as somebody likes.
    await files.expand('odd/up')
    await files.row('odd/up/odd').waitFor()
    await files.expand('odd/up/odd')
    await files.row('odd/up/odd/up').waitFor()
    await files.collapse('odd')
  })

  it('devices are told for what they are, and never read', async () => {
    // Nobody in a sandbox may make one: these come from outside, as a mount or an image may bring them.
    const odd = await box.outsidePath(await inProject('cd odd && pwd'))
    const make = (name: string, kind: string) => `mknod "${odd}/dev-${name}" ${kind}`
    const all = ['umask 0', make('zero', 'c 1 5'), make('terminal', 'c 5 0'), make('disk', 'b 7 250')].join(' && ')
    expect(await run('sh', ['-c', all])).toMatchObject({ code: 0, stderr: '' })
    expect(await inProject('head -c 2 odd/dev-zero | od -An -tx1')).toBe(' 00 00')
    await files.expand('odd')
    for (const name of ['dev-zero', 'dev-terminal', 'dev-disk']) {
      await files.row(`odd/${name}`).click()
      await files
        .refusal()
        .filter({ hasText: `"odd/${name}" is a device, not a file. Use the terminal` })
        .waitFor()
    }
    await box.shot('ide-files-device')
    const headers = { authorization: `Bearer ${box.sandbox.token}`, host: new URL(box.sandbox.url).host }
    for (const route of ['file', 'rows']) {
      const { status, body } = await ask(box.sandbox.port, `/_omega/${route}?path=odd%2Fdev-zero`, { headers })
      expect([status, body]).toEqual([400, expect.stringContaining('is a device, not a file')])
    }
    await files.scrollToTop()
    await files.collapse('odd')
    // In an archive there is a note in its place.
    const zip = await files.download('odd')
    const listed = await run('python3', ['-m', 'zipfile', '-l', await zip.path()])
    expect(listed.stdout).toContain('LEFT-OUT.txt')
    expect(listed.stdout).not.toContain('dev-zero')
    expect(await workerNow()).toBe(worker)
  })

  it('names with line ends, escape codes, markup and marks of direction do nothing', async () => {
    await box.exec(
      `mkdir names && cd names && printf safe > $'new\\nline' && printf safe > $'\\e[31mred\\a' && printf safe > $'a\\u202etxt.exe' &&
       printf safe > '<img src=x onerror=alert(1)>' && printf safe > 'per%2fcent%2e%2e' && printf safe > 'q?u#e&x=1' &&
       printf safe > 'back\\slash' && printf safe > $'bad\\xff'`,
    )
    await files.row('names').waitFor()
    await files.expand('names')
    await files.tree.getByRole('treeitem', { name: 'new␊line', exact: true }).waitFor()
    const shown = ['new␊line', '␛[31mred␇', 'a\\u202etxt.exe', '<img src=x onerror=alert(1)>', 'back\\slash']
    for (const name of [...shown, 'per%2fcent%2e%2e', 'q?u#e&x=1']) {
      await files.tree.getByRole('treeitem', { name, exact: true }).click()
      await box.page.getByRole('tab', { name, exact: true, selected: true }).waitFor()
      await box.ide.line('safe').waitFor()
    }
    await files.tree.getByRole('treeitem', { name: /^bad/ }).click()
    await files.refusal().filter({ hasText: 'is not UTF-8, and cannot be used here' }).waitFor()
    await box.shot('ide-files-names')
    await files.tree.getByRole('treeitem', { name: '␛[31mred␇', exact: true }).click()
    await files.tree.press('Delete')
    await files.undo('Deleted ␛[31mred␇')
    await files.tree.getByRole('treeitem', { name: '␛[31mred␇', exact: true }).waitFor()
    await files.collapse('names')
  })
})

describe('somebody who means harm', () => {
  const outside = [
    '..',
    '../../etc/passwd',
    '/etc/passwd',
    'a/../../x',
    'odd/slash/etc/passwd',
    'odd/slash',
    'x\0y',
    'odd/zero/x',
  ]
  const bearer = () => ({ authorization: `Bearer ${box.sandbox.token}`, host: new URL(box.sandbox.url).host })

  it('is refused whatever path an operation is given', async () => {
    const { authorization, host } = bearer()
    const wire = new WireClient(box.sandbox.port, { authorization }, host)
    await wire.opened
    const asked = (path: string): [string, object][] => [
      ['files.list', { path }],
      ['files.look', { path, names: ['passwd', '../etc'] }],
      ['files.ignored', { path }],
      ['files.read', { path }],
      ['files.write', { path: `${path}/escaped`, text: 'x' }],
      ['files.makeDirectory', { path: `${path}/escaped`, parents: true }],
      ['files.rename', { from: 'style.css', to: `${path}/escaped` }],
      ['files.rename', { from: `${path}/escaped`, to: 'stolen' }],
      ['files.copy', { from: `${path}/hosts`, to: 'stolen' }],
      ['files.trash', { path: `${path}/tmp` }],
      ['files.remove', { path: `${path}/tmp` }],
      ['files.watch', { path }],
      ['document.open', { path }],
    ]
    const through = []
    for (const path of outside) {
      for (const [op, params] of asked(path)) {
        const { problem } = await wire.attempt(op, params)
        if (!/^(INVALID_REQUEST|FORBIDDEN|FILE_NOT_FOUND)$/.test(problem?.code ?? ''))
          through.push([op, params, problem])
      }
    }
    expect(through).toEqual([])
    wire.end()
  })

  it('is refused over plain HTTP, however the path is written', async () => {
    const paths = [
      ...outside.map((path) => encodeURIComponent(path)),
      '..',
      '../../etc/passwd',
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e/%2e%2e/etc/passwd',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '%2fetc%2fpasswd',
      '//etc/passwd',
      'odd%2fslash%2fetc%2fpasswd',
      'style.css%00',
      '%c0%ae%c0%ae/etc/passwd',
      '%ff%fe',
    ]
    const raw = [
      '/../../../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..%2f..%2fetc%2fpasswd',
      '/assets/..%2f..%2f..%2fetc%2fpasswd',
      '/assets/%2e%2e/%2e%2e/package.json',
      '//etc/passwd',
      '/_omega/file/../../etc/passwd',
      '/_omega/file%2f..%2f..%2fetc%2fpasswd?path=style.css',
    ]
    const headers = bearer()
    const answers: [string, number][] = []
    const send = async (method: string, path: string) => {
      const { status, body } = await ask(box.sandbox.port, path, { method, headers })
      expect(body).not.toMatch(/root:|"dependencies"/)
      answers.push([`${method} ${path}`, status])
    }
    for (const path of paths) {
      for (const route of ['file', 'rows']) await send('GET', `/_omega/${route}?path=${path}`)
      // A link is the name of what it leads to, in an archive.
      if (path !== 'odd%2Fslash') await send('GET', `/_omega/archive?path=${path}`)
      await send('PUT', `/_omega/file?path=${path}%2fescaped`)
      await send('PUT', `/_omega/file?path=${path}&replace=1`)
    }
    for (const path of raw) await send('GET', path)
    for (const twice of ['path=style.css&path=..', 'path=style.css&path[]=..', 'path[0]=..']) {
      await send('GET', `/_omega/file?${twice}`)
      await send('GET', `/_omega/archive?${twice}`)
    }
    expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([])
  })

  it('has changed nothing, and the worker is the same one', async () => {
    expect(await inProject('ls -d stolen /escaped /etc/escaped ~/escaped ~/../escaped 2>/dev/null || true')).toBe('')
    expect(await inProject('find / -xdev -name "escaped*" -not -path "/proc/*" 2>/dev/null || true')).toBe('')
    expect(await workerNow()).toBe(worker)
    const [memory = 0] = /\d+/.exec(await inProject('grep VmRSS /proc/$PPID/status')) ?? []
    expect(Number(memory)).toBeLessThan(400 * 1024)
    await box.ide.ready()
  })

  it('no page complained', () => {
    expect(box.complaints()).toEqual([])
  })
})
