import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentStore, StoredDocument } from '../../src/core/document-store.ts'
import { MemoryDocumentStore } from '../../src/core/memory-document-store.ts'
import { DocumentJournal } from '../../src/drivers/document-journal.ts'

const bytes = (...values: number[]) => Uint8Array.of(...values)
const stored: StoredDocument = {
  generation: 'g1',
  lineEnding: 'crlf',
  byteOrderMark: true,
  version: 'v1',
  base: bytes(1, 2, 3),
  log: [
    { kind: 'update', update: bytes(4) },
    { kind: 'saving', version: 'v2' },
    { kind: 'refused', version: 'v2' },
  ],
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'omega-documents-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** `again` is the store after a restart of the worker. */
const kinds: [string, () => DocumentStore, (store: DocumentStore) => DocumentStore][] = [
  ['in memory', () => new MemoryDocumentStore(), (store) => store],
  ['on the disk', () => new DocumentJournal(folder), () => new DocumentJournal(folder)],
]

describe.each(kinds)('a document store %s', (_name, make, again) => {
  it('gives back what was written, also after a restart', () => {
    const store = make()
    expect([store.paths(), store.read('a')]).toEqual([[], undefined])
    store.write('a', stored)
    store.write('föö/\nb', { ...stored, log: [] })
    for (const one of [store, again(store)]) {
      expect(one.read('a')).toEqual(stored)
      expect(one.read('föö/\nb')?.log).toEqual([])
      expect(one.paths().sort()).toEqual(['a', 'föö/\nb'])
    }
  })

  it('appends, and nothing to what it does not have', () => {
    const store = make()
    store.write('a', { ...stored, log: [] })
    store.append('a', { kind: 'update', update: bytes(9, 9) })
    store.append('a', { kind: 'saving', version: 'v3' })
    store.append('b', { kind: 'update', update: bytes(1) })
    for (const one of [store, again(store)]) {
      expect(one.read('a')?.log).toEqual([
        { kind: 'update', update: bytes(9, 9) },
        { kind: 'saving', version: 'v3' },
      ])
      expect(one.read('b')).toBeUndefined()
    }
  })

  it('replaces, renames and removes', () => {
    const store = make()
    store.write('a', stored)
    store.write('a', { ...stored, version: 'v9', log: [] })
    store.write('b', stored)
    store.rename('a', 'b')
    store.rename('a', 'c')
    store.rename('b', 'b')
    for (const one of [store, again(store)]) {
      expect(one.paths()).toEqual(['b'])
      expect(one.read('b')?.version).toBe('v9')
    }
    store.append('b', { kind: 'saving', version: 'v10' })
    expect(again(store).read('b')?.log).toEqual([{ kind: 'saving', version: 'v10' }])
    store.remove('b')
    store.remove('b')
    expect([store.paths(), again(store).paths()]).toEqual([[], []])
  })

  it('does not give its own memory away', () => {
    const store = make()
    const mine = { ...stored, log: [...stored.log] }
    store.write('a', mine)
    mine.log.pop()
    store.read('a')?.log.pop()
    expect(store.read('a')?.log).toHaveLength(3)
  })
})

describe('a journal that was damaged', () => {
  const file = () => join(folder, readdirSync(folder)[0] ?? '')

  it('loses at most the record that was not whole, and takes more behind the others', () => {
    new DocumentJournal(folder).write('a', stored)
    const whole = readFileSync(file()).length
    appendFileSync(file(), Buffer.of(2, 0, 0, 1, 0, 7, 7))
    const store = new DocumentJournal(folder)
    expect(store.read('a')).toEqual(stored)
    store.append('a', { kind: 'update', update: bytes(5) })
    expect(new DocumentJournal(folder).read('a')?.log.at(-1)).toEqual({ kind: 'update', update: bytes(5) })
    truncateSync(file(), whole - 1)
    expect(new DocumentJournal(folder).read('a')?.log).toEqual(stored.log.slice(0, -1))
  })

  it('is none of ours: the document begins anew, and the others are as they were', () => {
    const store = new DocumentJournal(folder)
    store.write('a', stored)
    writeFileSync(file(), 'nonsense')
    store.write('b', stored)
    writeFileSync(join(folder, 'stray'), 'x')
    const again = new DocumentJournal(folder)
    expect([again.paths(), again.read('a'), again.read('b')]).toEqual([['b'], undefined, stored])
    expect(readdirSync(folder)).toHaveLength(1)
  })

  it('is gone: the document begins anew', () => {
    const store = new DocumentJournal(folder)
    store.write('a', stored)
    rmSync(file())
    expect(store.read('a')).toBeUndefined()
    expect(store.paths()).toEqual([])
  })
})
