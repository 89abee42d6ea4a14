import { beforeEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../../src/core/errors.ts'
import { ManualClock } from '../../../src/core/manual-clock.ts'
import { FileActions } from '../../../src/web/ide/files/file-actions.ts'
import { Uploads } from '../../../src/web/ide/files/uploads.ts'
import { Notices } from '../../../src/web/ide/notices/notices.ts'
import type { TabList } from '../../../src/web/ide/tabs/tab-list.ts'
import { MemoryProject } from '../support/memory-project.ts'

let project: MemoryProject
let notices: Notices
let actions: FileActions
let tabs: string[]
let selected: readonly string[]

beforeEach(() => {
  project = new MemoryProject({ 'src/a.ts': 'a', 'src/b.ts': 'b', 'lib/a.ts': 'other', 'read.me': 'read' })
  notices = new Notices(new ManualClock())
  tabs = []
  selected = []
  actions = new FileActions({
    connection: project.connection,
    tree: { changed: async () => {}, expand: async () => {}, reveal: async () => {} },
    tabs: {
      get files() {
        return tabs
      },
      get activeFile() {
        return tabs.at(-1)
      },
      removed: (path: string) => {
        tabs = tabs.filter((tab) => tab !== path && !tab.startsWith(`${path}/`))
      },
      open: (tab: string) => void tabs.push(tab),
    } as unknown as TabList,
    notices,
    openFile: (path) => void tabs.push(path),
    select: (paths) => {
      selected = paths
    },
  })
})

const said = () => notices.list.get().filter(({ shown }) => shown)
/** Answers what is asked next. */
const answer = (choice: string | undefined, uploads = actions.questions) =>
  new Promise<string>((resolve) => {
    const stop = uploads.now.subscribe(() => {
      const question = uploads.now.get()
      if (!question) return
      stop()
      resolve(`${question.title} ${question.detail}`)
      question.answer(choice)
    })
  })

describe('deleting', () => {
  it('is undone with the tabs that were open, and done again', async () => {
    tabs = ['read.me', 'src/b.ts', 'src/a.ts']
    await actions.remove(['src', 'read.me'])
    expect(project.paths()).toEqual(['lib/a.ts'])
    expect(tabs).toEqual([])
    expect(said().map(({ text }) => text)).toEqual(['Deleted 2 files and folders.'])
    await actions.undo()
    expect(project.paths().length).toBe(4)
    expect(tabs).toEqual(['read.me', 'src/b.ts', 'src/a.ts'])
    expect(said().map(({ text }) => text)).toEqual(['Undone: Deleted 2 files and folders.'])
    await actions.redo()
    expect(project.paths()).toEqual(['lib/a.ts'])
    await actions.undo()
    expect(project.paths().length).toBe(4)
  })

  it('of what the trash does not take asks first', async () => {
    project.tooLarge.add('src')
    const asked = answer(undefined)
    expect(await actions.remove(['src'])).toEqual([])
    expect(await asked).toContain('The trash does not take it.')
    expect(project.paths().length).toBe(4)
    const again = answer('delete')
    expect(await actions.remove(['src'])).toEqual(['src'])
    await again
    expect(project.paths()).toEqual(['lib/a.ts', 'read.me'])
    await actions.undo()
    expect(said().at(-1)?.text).toBe('There is nothing to undo.')
  })

  it('for good asks too', async () => {
    const asked = answer('delete')
    await actions.removeForGood(['read.me'])
    expect(await asked).toContain('This cannot be undone')
    expect(project.asked).toContain('files.remove')
  })

  it('that cannot be undone now can be later', async () => {
    await actions.remove(['read.me'])
    project.files.set('read.me', 'in the way')
    await expect(actions.undo()).rejects.toThrow('There is something')
    project.files.delete('read.me')
    await actions.undo()
    expect(project.files.get('read.me')).toBe('read')
    await actions.remove(['read.me'])
    project.trash.clear()
    await expect(actions.undo()).rejects.toThrow('gone')
    await actions.undo()
    expect(said().at(-1)?.text).toBe('There is nothing to undo.')
  })
})

describe('moving', () => {
  it('is undone', async () => {
    await actions.move(['src/a.ts', 'read.me'], 'docs')
    expect(project.paths()).toEqual(['docs/a.ts', 'docs/read.me', 'lib/a.ts', 'src/b.ts'])
    expect(selected).toEqual(['docs/a.ts', 'docs/read.me'])
    await actions.undo()
    expect(project.paths()).toEqual(['lib/a.ts', 'read.me', 'src/a.ts', 'src/b.ts'])
  })

  it('to where it is, or into itself, is nothing', async () => {
    await actions.move(['src/a.ts'], 'src')
    await actions.move(['src'], 'src/deep')
    expect(project.asked).toEqual([])
    expect(said()).toEqual([])
  })

  it('over something asks, and replaces so that both come back', async () => {
    const asked = answer('replace')
    await actions.move(['src/a.ts'], 'lib')
    expect(await asked).toContain('Replace a.ts?')
    expect(project.files.get('lib/a.ts')).toBe('a')
    await actions.undo()
    expect(project.files.get('lib/a.ts')).toBe('other')
    expect(project.files.get('src/a.ts')).toBe('a')
    const both = answer('both')
    await actions.move(['src/a.ts'], 'lib')
    await both
    expect(project.files.get('lib/a copy.ts')).toBe('a')
    const skip = answer('skip')
    project.files.set('src/a.ts', 'new')
    await actions.move(['src/a.ts'], 'lib')
    await skip
    expect(project.files.get('src/a.ts')).toBe('new')
  })

  it('of a name makes folders, and follows every level of undo', async () => {
    await actions.rename('read.me', 'docs/README.md')
    await actions.duplicate(['src/b.ts'])
    await actions.duplicate(['src/b.ts'])
    await actions.createFile('new.ts')
    expect(project.paths()).toContain('src/b copy 2.ts')
    expect(tabs).toEqual(['new.ts'])
    for (let step = 0; step < 4; step++) await actions.undo()
    expect(project.paths().filter((path) => path !== 'docs')).toEqual(['lib/a.ts', 'read.me', 'src/a.ts', 'src/b.ts'])
    expect(tabs).toEqual([])
    for (let step = 0; step < 4; step++) await actions.redo()
    expect(project.paths()).toContain('new.ts')
  })

  it('that is undone twice at once is undone once each', async () => {
    await actions.rename('read.me', 'one')
    await actions.rename('one', 'two')
    await Promise.all([actions.undo(), actions.undo()])
    expect(project.paths()).toContain('read.me')
  })
})

describe('uploading', () => {
  let sent: string[]
  let done: { paths: readonly string[]; replaced: number }[]
  let fail: (path: string) => Error | undefined
  let uploads: Uploads
  beforeEach(() => {
    sent = []
    done = []
    fail = () => undefined
    uploads = new Uploads({
      send: async (path, file, { replace, onProgress }) => {
        const error = fail(path)
        if (error) throw error
        onProgress(file.size)
        sent.push(replace ? `${path} (replaced)` : path)
        project.files.set(path, 'uploaded')
      },
      look: (path, names) => project.connection.request('files.look', { path, names }),
      makeFolder: async (path) => void project.files.set(path, 'folder'),
      questions: actions.questions,
      notices,
      onDone: (paths, replaced) => void done.push({ paths, replaced }),
    })
  })
  const file = (path: string, text = 'text') => ({ path, file: new File([text], path) })

  it('sends files and folders, and tells which are new at the top', async () => {
    await uploads.begin('src', [file('x.ts'), file('pack/deep/y.ts'), { path: 'pack/empty' }])
    expect(sent.sort()).toEqual(['src/pack/deep/y.ts', 'src/x.ts'])
    expect(project.files.get('src/pack/empty')).toBe('folder')
    expect([...(done[0]?.paths ?? [])].sort()).toEqual(['src/pack', 'src/x.ts'])
  })

  it.each([
    ['replace', ['new.ts', 'src/a.ts (replaced)'], 1],
    ['skip', ['new.ts'], 0],
    ['both', ['new.ts', 'src/a copy.ts'], 0],
    [undefined, [], 0],
  ])('asks about what is there: %s', async (choice, expected, replaced) => {
    const asked = answer(choice)
    await uploads.begin('', [file('src/a.ts'), file('new.ts')])
    expect(await asked).toContain('src/a.ts')
    expect(sent.sort()).toEqual(expected)
    expect(done[0]?.replaced ?? 0).toBe(replaced)
    if (choice === 'both') expect(done[0]?.paths).toEqual(['src/a copy.ts', 'new.ts'])
  })

  it('does not begin what the disk has no room for', async () => {
    project.free = 2
    await uploads.begin('', [file('big')])
    expect(sent).toEqual([])
    expect(said()[0]?.text).toBe('There is no room for big.')
  })

  it('tells what did not succeed, and goes on with the others', async () => {
    fail = (path) => (path === 'two' ? new Error('No.') : undefined)
    await uploads.begin('', [file('one'), file('two'), file('three')])
    expect(sent.sort()).toEqual(['one', 'three'])
    expect(said()[0]).toMatchObject({ text: 'A file was not uploaded.', detail: 'two: No.' })
  })

  it('counts those that were not tried any more', async () => {
    fail = () => new OmegaError('UNREACHABLE', 'Gone.')
    await uploads.begin(
      '',
      Array.from({ length: 9 }, (_, index) => file(`${index}`)),
    )
    const { text, detail } = said()[0] ?? {}
    expect(text).toBe('9 of 9 files were not uploaded.')
    expect(detail).toMatch(/^0: Gone\.\n[\s\S]*and \d more$/)
  })
})
