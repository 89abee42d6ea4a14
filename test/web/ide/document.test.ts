import { beforeEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../../src/core/errors.ts'
import { AUTO_SAVE_MS, Document, type FileAccess, type TextBuffer } from '../../../src/web/ide/documents/document.ts'
import { ManualClock, settle } from '../support/manual-clock.ts'

/** A disk with one file; its versions are counted. */
class FakeDisk implements FileAccess {
  text: string | undefined = 'one'
  version = 1
  writes: string[] = []
  failure: OmegaError | undefined
  /** The write happens, its answer is lost. */
  loseAnswer = false
  gate: Promise<void> = Promise.resolve()

  async read() {
    if (this.failure) throw this.failure
    if (this.text === undefined) throw new OmegaError('FILE_NOT_FOUND', 'There is no such file.')
    return { text: this.text, version: String(this.version) }
  }

  async write(_path: string, text: string, base: string | undefined) {
    await this.gate
    if (this.failure) throw this.failure
    const there = this.text === undefined ? undefined : String(this.version)
    if (base !== there) throw new OmegaError('CONFLICT', 'It changed.')
    this.change(text)
    this.writes.push(text)
    if (this.loseAnswer) throw new OmegaError('UNREACHABLE', 'Lost.')
    return { version: String(this.version) }
  }

  change(text: string | undefined) {
    this.text = text
    this.version++
  }
}

class FakeBuffer implements TextBuffer {
  value: string
  constructor(value: string) {
    this.value = value
  }
  text() {
    return this.value
  }
  replace(text: string) {
    this.value = text
  }
}

let clock: ManualClock
let disk: FakeDisk
let document: Document
let buffer: FakeBuffer

const type = (text: string) => {
  buffer.value = text
  document.edited()
}

beforeEach(async () => {
  clock = new ManualClock()
  disk = new FakeDisk()
  document = new Document('a.ts', disk, clock)
  await document.load((text) => {
    buffer = new FakeBuffer(text)
    return buffer
  })
})

describe('saving', () => {
  it('comes by itself when typing rests, once', async () => {
    type('two')
    await clock.pass(AUTO_SAVE_MS - 1)
    type('three')
    await clock.pass(AUTO_SAVE_MS - 1)
    expect(disk.writes).toEqual([])
    expect(document.state.get().dirty).toBe(true)
    await clock.pass(1)
    expect(disk.writes).toEqual(['three'])
    expect(document.state.get()).toMatchObject({ dirty: false, saving: false, saved: true })
  })

  it('writes what was typed while a write was under way, after it', async () => {
    let open = () => {}
    disk.gate = new Promise((resolve) => {
      open = resolve
    })
    type('two')
    const saved = document.save()
    type('three')
    open()
    await saved
    expect(disk.text).toBe('two')
    expect(document.state.get().dirty).toBe(true)
    await clock.pass(AUTO_SAVE_MS)
    expect(disk.text).toBe('three')
    expect(document.state.get().dirty).toBe(false)
  })

  it('stays unsaved without a connection, without an error, and is saved afterwards', async () => {
    disk.failure = new OmegaError('UNREACHABLE', 'Away.')
    type('two')
    await clock.pass(AUTO_SAVE_MS)
    expect(document.state.get()).toMatchObject({ dirty: true })
    expect(document.state.get().problem).toBeUndefined()
    disk.failure = undefined
    expect(await document.save()).toBe(true)
    expect(disk.text).toBe('two')
  })

  it('says what went wrong, and forgets it when the next save succeeds', async () => {
    disk.failure = new OmegaError('TOO_LARGE', 'It has 9 MB.')
    type('two')
    expect(await document.save()).toBe(false)
    expect(document.state.get().problem).toBe('It has 9 MB.')
    disk.failure = undefined
    await document.save()
    expect(document.state.get().problem).toBeUndefined()
  })

  it('knows its own write again when the answer was lost', async () => {
    disk.loseAnswer = true
    type('two')
    await document.save()
    expect(document.state.get().dirty).toBe(true)
    disk.loseAnswer = false
    expect(await document.save()).toBe(true)
    expect(document.state.get().conflict).toBeUndefined()
    expect(document.state.get().dirty).toBe(false)
  })
})

describe('changes by others', () => {
  it('replace the text while nothing is unsaved', async () => {
    disk.change('theirs')
    await document.diskChanged()
    expect(buffer.value).toBe('theirs')
    expect(document.state.get().dirty).toBe(false)
    type('mine')
    expect(await document.save()).toBe(true)
  })

  it('are a conflict while something is, and nothing is written until a person decides', async () => {
    type('mine')
    disk.change('theirs')
    await document.diskChanged()
    expect(document.state.get().conflict).toMatchObject({ text: 'theirs' })
    await clock.pass(AUTO_SAVE_MS * 3)
    expect(disk.text).toBe('theirs')
    expect(buffer.value).toBe('mine')
  })

  it('that a save meets are the same conflict', async () => {
    type('mine')
    disk.change('theirs')
    expect(await document.save()).toBe(false)
    expect(document.state.get().conflict).toMatchObject({ text: 'theirs' })
    document.takeTheirs()
    expect(buffer.value).toBe('theirs')
    expect(document.state.get().conflict).toBeUndefined()
    expect(document.state.get().dirty).toBe(false)
  })

  it('are overwritten when a person says so', async () => {
    type('mine')
    disk.change('theirs')
    await document.save()
    expect(await document.keepMine()).toBe(true)
    expect(disk.text).toBe('mine')
  })

  it('a removed file is a conflict, and keeping it writes it anew', async () => {
    disk.change(undefined)
    await document.diskChanged()
    expect(document.state.get().conflict).toBeDefined()
    expect(await document.keepMine()).toBe(true)
    expect(disk.text).toBe('one')
  })

  it('a file removed and made again with the same text is no conflict', async () => {
    disk.change(undefined)
    await document.diskChanged()
    disk.change('one')
    await document.diskChanged()
    expect(document.state.get().conflict).toBeUndefined()
  })
})

describe('drafts', () => {
  const loadWith = async (draft: { text: string; base: string }) => {
    document = new Document('a.ts', disk, clock)
    await document.load((text) => {
      buffer = new FakeBuffer(text)
      return buffer
    }, draft)
    await settle()
  }

  it('typed before a reload are saved when the disk is as it was', async () => {
    await loadWith({ text: 'draft', base: '1' })
    expect(buffer.value).toBe('draft')
    await clock.pass(AUTO_SAVE_MS)
    expect(disk.text).toBe('draft')
  })

  it('are a conflict when the disk has moved on', async () => {
    await loadWith({ text: 'draft', base: '0' })
    await clock.pass(AUTO_SAVE_MS)
    expect(disk.text).toBe('one')
    expect(document.state.get().conflict).toMatchObject({ text: 'one' })
  })
})

it('tells why a file cannot be opened', async () => {
  disk.failure = new OmegaError('UNSUPPORTED_MEDIA_TYPE', 'a.ts is not UTF-8 text.')
  await document.load((text) => new FakeBuffer(text))
  expect(document.state.get()).toMatchObject({ phase: 'failed', failure: 'a.ts is not UTF-8 text.' })
})
