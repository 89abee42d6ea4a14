import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../src/core/errors.ts'
import type { Content } from '../../src/web/ide/documents/content.ts'
import { Random } from '../support/random.ts'
import { type MemoryPage, MemorySandbox } from './memory-sandbox.ts'

let sandbox: MemorySandbox
beforeEach(() => {
  sandbox = new MemorySandbox(new Random(1))
})
afterEach(async () => {
  for (const page of sandbox.pages) page.close()
  const closed = sandbox.worker.documents.close()
  await sandbox.clock.pass(10_000)
  await closed
})

async function open(path: string, content: string): Promise<MemoryPage> {
  sandbox.disk.set(path, content)
  const page = sandbox.open()
  page.documents.at(path)
  await sandbox.clock.pass(500)
  return page
}

function contentOf(page: MemoryPage, path: string): Content {
  const content = page.documents.at(path).content.get()
  if (!content) throw new Error(`${path} is not open`)
  return content
}

const stateOf = (page: MemoryPage, path: string) => page.documents.at(path).state.get()
const type = (page: MemoryPage, path: string, at: number, text: string) => contentOf(page, path).text.insert(at, text)

describe('activity', () => {
  it('is what a page changes in a text, also while it was away', async () => {
    const page = await open('a.txt', 'one\n')
    type(page, 'a.txt', 0, 'x')
    await sandbox.clock.pass(1_000)
    expect(sandbox.worker.activity).toEqual(['edit'])
    page.offline = true
    page.wire?.cut()
    type(page, 'a.txt', 0, 'y')
    await sandbox.clock.pass(1_000)
    page.offline = false
    await sandbox.clock.pass(10_000)
    expect(sandbox.worker.activity).toEqual(['edit', 'edit'])
  })

  it('is not that a page is open, loads, comes back or has what the worker has, nor what programs do to a file', async () => {
    const page = await open('a.txt', 'one\n')
    sandbox.open().documents.at('a.txt')
    page.wire?.cut()
    await sandbox.clock.pass(5_000)
    page.reload(false).documents.at('a.txt')
    await sandbox.clock.pass(5_000)
    sandbox.disk.set('a.txt', 'two\n')
    await sandbox.clock.pass(5_000)
    expect(sandbox.worker.activity).toEqual([])
  })
})

describe('a sandbox that sleeps', () => {
  it('gets what was typed meanwhile when its page comes back, and keeps the page’s session however long it took', async () => {
    const page = await open('a.txt', 'one\n')
    const asleep = sandbox.worker.pages.sleep('asleep')
    await sandbox.clock.pass(1_500)
    await asleep
    expect(page.connection.state.get()).toEqual({ name: 'asleep', rest: 'asleep' })
    let sessions = 0
    page.connection.onSession(() => sessions++)
    await sandbox.clock.pass(24 * 3_600_000)
    type(page, 'a.txt', 3, '!')
    await sandbox.clock.pass(60_000)
    expect(sandbox.disk.get('a.txt')).toBe('one\n')
    page.connection.wake()
    await sandbox.clock.pass(3_000)
    expect(sandbox.disk.get('a.txt')).toBe('one!\n')
    expect(sessions).toBe(0)
  })

  it('forgets pages that do not come back, once it is awake', async () => {
    const page = await open('a.txt', 'one\n')
    const asleep = sandbox.worker.pages.sleep('asleep')
    await sandbox.clock.pass(1_500)
    await asleep
    page.close()
    await sandbox.clock.pass(3_600_000)
    expect(sandbox.worker.pages.all()).toHaveLength(1)
    sandbox.open()
    await sandbox.clock.pass(1_000)
    expect(sandbox.worker.pages.all()).toHaveLength(2)
    await sandbox.clock.pass(4 * 60_000)
    expect(sandbox.worker.pages.all()).toHaveLength(1)
  })
})

describe('a document', () => {
  it('is in its file soon, and says so', async () => {
    const page = await open('a.txt', 'one\n')
    expect(stateOf(page, 'a.txt')).toEqual({ phase: 'open', dirty: false })
    type(page, 'a.txt', 3, '!')
    expect(stateOf(page, 'a.txt').dirty).toBe(true)
    await sandbox.clock.pass(1_000)
    expect(sandbox.disk.get('a.txt')).toBe('one!\n')
    expect(stateOf(page, 'a.txt')).toEqual({ phase: 'open', dirty: false })
  })

  it('is in its file while somebody never stops typing', async () => {
    const page = await open('a.txt', '')
    for (let key = 0; key < 30; key++) {
      type(page, 'a.txt', key, 'x')
      await sandbox.clock.pass(100)
    }
    expect(sandbox.disk.get('a.txt')?.length).toBeGreaterThan(15)
  })

  it('is saved at once when asked, with all that was typed before', async () => {
    const page = await open('a.txt', '')
    type(page, 'a.txt', 0, 'now')
    const saved = page.documents.save('a.txt')
    await sandbox.clock.pass(100)
    expect(await saved).toBe(true)
    expect(sandbox.disk.get('a.txt')).toBe('now')
  })

  it('takes back only what its own person typed', async () => {
    const one = await open('a.txt', 'start\n')
    const two = sandbox.open()
    two.documents.at('a.txt')
    await sandbox.clock.pass(500)
    type(one, 'a.txt', 0, 'mine ')
    await sandbox.clock.pass(100)
    type(two, 'a.txt', 0, 'theirs ')
    await sandbox.clock.pass(100)
    sandbox.disk.set('a.txt', `${sandbox.disk.get('a.txt')}more\n`)
    await sandbox.clock.pass(1_000)
    contentOf(one, 'a.txt').undo.undo()
    await sandbox.clock.pass(1_000)
    expect(sandbox.disk.get('a.txt')).toBe('theirs start\nmore\n')
  })

  it('keeps line endings and byte order mark', async () => {
    const page = await open('a.txt', '\ufeffone\r\ntwo\r\n')
    expect(page.textOf('a.txt')).toBe('one\ntwo\n')
    type(page, 'a.txt', 3, '\nmore')
    await sandbox.clock.pass(1_000)
    expect(sandbox.disk.get('a.txt')).toBe('\ufeffone\r\nmore\r\ntwo\r\n')
    sandbox.disk.set('a.txt', 'one\nmore\ntwo\n')
    await sandbox.clock.pass(1_000)
    expect(stateOf(page, 'a.txt').dirty).toBe(false)
    type(page, 'a.txt', 0, '> ')
    await sandbox.clock.pass(1_000)
    expect(sandbox.disk.get('a.txt')).toBe('> one\nmore\ntwo\n')
  })

  it('follows its file to another name', async () => {
    const page = await open('src/a.txt', 'one\n')
    const document = page.documents.at('src/a.txt')
    type(page, 'src/a.txt', 0, 'unsaved ')
    await sandbox.clock.pass(50)
    const { documents, pages } = sandbox.worker
    const renamed = documents.rename('src', 'lib', async () => {
      sandbox.disk.set('lib/a.txt', sandbox.disk.get('src/a.txt') ?? '')
      sandbox.disk.remove('src/a.txt')
    })
    await sandbox.clock.pass(50)
    await renamed
    pages.tell('files.renamed', { from: 'src', to: 'lib' })
    await sandbox.clock.pass(50)
    expect(page.documents.at('lib/a.txt')).toBe(document)
    type(page, 'lib/a.txt', 0, 'and ')
    await sandbox.clock.pass(2_000)
    expect([sandbox.disk.get('src/a.txt'), sandbox.disk.get('lib/a.txt')]).toEqual([undefined, 'and unsaved one\n'])
    sandbox.crash()
    await sandbox.clock.pass(2_000)
    expect([page.textOf('lib/a.txt'), stateOf(page, 'lib/a.txt').dirty]).toEqual(['and unsaved one\n', false])
  })

  it('that nobody has open any more is written after a crash all the same', async () => {
    const page = await open('a.txt', 'one\n')
    type(page, 'a.txt', 0, 'typed ')
    await sandbox.clock.pass(150)
    expect(page.connection.unacknowledged).toBe(0)
    page.close()
    sandbox.crash()
    await sandbox.clock.pass(2_000)
    expect(sandbox.disk.get('a.txt')).toBe('typed one\n')
  })

  it('typed without a connection reaches its file though its tab was closed', async () => {
    const page = await open('a.txt', 'one\n')
    page.offline = true
    page.wire?.cut()
    type(page, 'a.txt', 0, 'offline ')
    const next = page.reload(false)
    await sandbox.clock.pass(5_000)
    expect(sandbox.disk.get('a.txt')).toBe('offline one\n')
    expect(stateOf(next, 'a.txt').dirty).toBe(false)
  })
})

describe('what others do to the file', () => {
  it('is merged with what is being typed', async () => {
    const page = await open('a.txt', 'first\nsecond\nthird\n')
    type(page, 'a.txt', 0, 'typed ')
    sandbox.disk.set('a.txt', 'first\nchanged\nthird\nfourth\n')
    await sandbox.clock.pass(2_000)
    expect(sandbox.disk.get('a.txt')).toBe('typed first\nchanged\nthird\nfourth\n')
    expect(page.textOf('a.txt')).toBe(sandbox.disk.get('a.txt'))
  })

  it('is not taken for an emptied file while it is being written', async () => {
    const page = await open('a.txt', 'one\ntwo\n')
    const before = contentOf(page, 'a.txt').text.toDelta()
    sandbox.disk.set('a.txt', '')
    await sandbox.clock.pass(60)
    sandbox.disk.set('a.txt', 'one\ntwo\nthree\n')
    const seen: string[] = []
    contentOf(page, 'a.txt').text.observe(() => seen.push(page.textOf('a.txt') ?? ''))
    await sandbox.clock.pass(2_000)
    expect([before[0]?.insert, seen]).toEqual(['one\ntwo\n', ['one\ntwo\nthree\n']])
  })

  it('removes it: the text stays until its person decides, and is there again when the file is', async () => {
    const page = await open('a.txt', 'one\n')
    sandbox.disk.remove('a.txt')
    await sandbox.clock.pass(1_000)
    expect(stateOf(page, 'a.txt').conflict).toBe('gone')
    type(page, 'a.txt', 0, 'still ')
    await sandbox.clock.pass(5_000)
    expect(sandbox.disk.get('a.txt')).toBeUndefined()
    const overwritten = page.documents.at('a.txt').overwrite()
    await sandbox.clock.pass(100)
    await overwritten
    expect(sandbox.disk.get('a.txt')).toBe('still one\n')
    expect(stateOf(page, 'a.txt')).toEqual({ phase: 'open', dirty: false })

    sandbox.disk.remove('a.txt')
    await sandbox.clock.pass(1_000)
    sandbox.disk.set('a.txt', 'still one\nrestored\n')
    await sandbox.clock.pass(5_000)
    expect(stateOf(page, 'a.txt').conflict).toBeUndefined()
    expect(page.textOf('a.txt')).toBe('still one\nrestored\n')
  })

  it('removes it while no page is connected', async () => {
    const page = await open('a.txt', 'one\n')
    page.offline = true
    page.wire?.cut()
    type(page, 'a.txt', 0, 'kept ')
    sandbox.disk.remove('a.txt')
    await sandbox.clock.pass(400_000)
    page.offline = false
    await sandbox.clock.pass(10_000)
    expect(stateOf(page, 'a.txt')).toMatchObject({ conflict: 'gone', dirty: true })
    expect(page.textOf('a.txt')).toBe('kept one\n')
  })

  it('makes it something that is no text: nothing is written until its person says so', async () => {
    const page = await open('a.txt', 'one\n')
    sandbox.disk.refusal = new OmegaError('UNSUPPORTED_MEDIA_TYPE', 'That is no text.')
    sandbox.disk.set('a.txt', 'binary')
    await sandbox.clock.pass(1_000)
    expect(stateOf(page, 'a.txt').conflict).toBe('not-text')
    type(page, 'a.txt', 0, 'mine: ')
    await sandbox.clock.pass(5_000)
    expect(sandbox.disk.get('a.txt')).toBe('binary')
    sandbox.disk.refusal = undefined
    const overwritten = page.documents.at('a.txt').overwrite()
    await sandbox.clock.pass(100)
    await overwritten
    expect(sandbox.disk.get('a.txt')).toBe('mine: one\n')
  })
})

describe('a lost history', () => {
  it('shows the file, and what was typed meanwhile waits for a decision', async () => {
    const page = await open('a.txt', 'one\n')
    page.offline = true
    page.wire?.cut()
    type(page, 'a.txt', 0, 'offline ')
    sandbox.forgetHistories()
    page.offline = false
    await sandbox.clock.pass(10_000)
    expect(page.textOf('a.txt')).toBe('one\n')
    expect(stateOf(page, 'a.txt').stranded).toBe('offline one\n')
    // Also after a reload.
    const again = page.reload(false)
    again.documents.at('a.txt')
    await sandbox.clock.pass(1_000)
    expect(stateOf(again, 'a.txt').stranded).toBe('offline one\n')
    again.documents.at('a.txt').settleStranded(true)
    await sandbox.clock.pass(1_000)
    expect(sandbox.disk.get('a.txt')).toBe('offline one\n')
    expect(stateOf(again, 'a.txt')).toEqual({ phase: 'open', dirty: false })
  })

  it('is nothing to speak of when nothing was typed, or the same', async () => {
    const page = await open('a.txt', 'one\n')
    sandbox.forgetHistories()
    await sandbox.clock.pass(5_000)
    expect([page.textOf('a.txt'), stateOf(page, 'a.txt')]).toEqual(['one\n', { phase: 'open', dirty: false }])
  })
})

describe('what cannot be opened', () => {
  it('says why, and opens when it can be', async () => {
    const page = sandbox.open()
    page.documents.at('none.txt')
    await sandbox.clock.pass(500)
    expect(stateOf(page, 'none.txt').failure?.code).toBe('FILE_NOT_FOUND')
    sandbox.disk.set('none.txt', 'there')
    void page.documents.at('none.txt').load()
    await sandbox.clock.pass(500)
    expect([stateOf(page, 'none.txt').phase, page.textOf('none.txt')]).toEqual(['open', 'there'])
  })

  it('is too large', async () => {
    const page = await open('big.txt', 'x'.repeat(3 * 1024 * 1024))
    expect(stateOf(page, 'big.txt').failure?.code).toBe('TOO_LARGE')
  })
})
