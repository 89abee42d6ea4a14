import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { decodeDocumentMessage, encodeDocumentMessage } from '../../../src/core/wire/document-message.ts'
import { Tag } from '../../../src/core/wire/frames.ts'
import { DOCUMENT_TEXT } from '../../../src/core/wire/operations/documents.ts'
import { type FoundMatch, MAX_MATCHES, type SearchMessage } from '../../../src/core/wire/operations/search.ts'
import type { Params } from '../../../src/core/wire/operations.ts'
import { BEARER, TestWorker, type WireClient } from '../../support/worker.ts'

let worker: TestWorker
let page: WireClient

beforeEach(async () => {
  worker = await TestWorker.boot()
  page = await worker.connect()
})
afterEach(() => worker.close())

function put(path: string, text: string): void {
  mkdirSync(join(worker.root, path, '..'), { recursive: true })
  writeFileSync(join(worker.root, path), text)
}
const read = (path: string) => readFileSync(join(worker.root, path), 'utf8')

const plain = { isRegex: false, matchCase: false, wholeWord: false, include: '', exclude: '', ignored: false }
type End = Extract<SearchMessage, { end: unknown }>['end']

interface Found {
  channel: number
  files: Map<string, FoundMatch[]>
  end: End
  messages: number
}

/** Searches as a page does, to the end. */
async function search(query: string, options: Partial<Params<'search.text'>> = {}, client = page): Promise<Found> {
  const files = new Map<string, FoundMatch[]>()
  let end: End | undefined
  let messages = 0
  const { channel } = await client.request('search.text', { ...plain, query, ...options })
  const early = client.output.get(channel)
  if (early !== undefined) throw new Error('It began before its answer')
  client.listen(channel, (payload) => {
    const message = JSON.parse(Buffer.from(payload).toString()) as SearchMessage
    messages++
    client.paint(channel, payload.length)
    if ('end' in message) end = message.end
    else for (const { path, matches } of message.files) files.set(path, [...(files.get(path) ?? []), ...matches])
  })
  await client.until(() => end !== undefined)
  return { channel, files, end: end as End, messages }
}

/** A document as a page has it open. */
async function openDocument(path: string, client = page) {
  const doc = new Y.Doc()
  const { channel } = await client.request('document.open', { path })
  const asked: boolean[] = []
  let isSynced = false
  client.listen(channel, (payload) => {
    const message = decodeDocumentMessage(payload)
    if (message?.kind === 'update') {
      asked.push(client.events.at(-1)?.event === 'document.asked')
      Y.applyUpdate(doc, message.update, 'worker')
    } else if (message?.kind === 'step2') Y.applyUpdate(doc, message.update, 'worker')
    else if (message?.kind === 'step1') isSynced = true
  })
  await client.until(() => isSynced)
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'worker') client.send(dataOf(channel, encodeDocumentMessage({ kind: 'update', update })))
  })
  const text = doc.getText(DOCUMENT_TEXT)
  return { channel, text, asked }
}

function dataOf(channel: number, payload: Uint8Array) {
  return { tag: Tag.data, channel, payload }
}

describe('the list of files', () => {
  it('comes in pieces, and says when it ends', async () => {
    put('src/a.ts', '')
    put('src/b/c.ts', '')
    const chunks: Buffer[] = []
    const { channel } = await page.request('search.files', { ignored: false })
    page.listen(channel, (payload) => void chunks.push(Buffer.from(payload)))
    const listed = await page.event('search.listed', (data) => data.channel === channel)
    expect(Buffer.concat(chunks).toString().split('\0').sort()).toEqual(['', 'src/a.ts', 'src/b/c.ts'])
    expect(listed).toEqual({ channel, files: 2, truncated: false })
    expect((await page.attempt('search.close', { channel })).problem?.code).toBe('NOT_FOUND')
  })
})

describe('a search', () => {
  it('tells what it finds with its surroundings', async () => {
    put('a.ts', 'const a = 1\n  call(needle, needle) // end\n')
    const { files, end } = await search('needle')
    expect(files.get('a.ts')).toEqual(
      [
        { line: 2, column: 8, endLine: 2, endColumn: 14, before: '  call(', text: 'needle', after: ', needle) // end' },
        {
          line: 2,
          column: 16,
          endLine: 2,
          endColumn: 22,
          before: '  call(needle, ',
          text: 'needle',
          after: ') // end',
        },
      ].map((match) => ({ ...match, groups: [] })),
    )
    expect(end).toEqual({ files: 1, matches: 2, truncated: false })
  })

  it('sees what was typed before it, saved or not', async () => {
    put('open.txt', 'nothing\n')
    const { text } = await openDocument('open.txt')
    text.insert(0, 'just typed ')
    const { files } = await search('just typed')
    expect([...files.keys()]).toEqual(['open.txt'])
  })

  it('tells matches across lines, and groups', async () => {
    put('a.txt', 'one\r\ntwo three\r\n')
    const { files } = await search('(one)\\n(t)(x)?', { isRegex: true })
    expect(files.get('a.txt')?.[0]).toMatchObject({ line: 1, column: 1, endLine: 2, endColumn: 2, text: 'one\nt' })
    const named = await search('(?P<first>t)(h)(x)?', { isRegex: true })
    expect(named.files.get('a.txt')?.[0]?.groups).toEqual(['t', 'h', null])
  })

  it('stops where there is too much, and says so', async () => {
    put('many.txt', 'x\n'.repeat(MAX_MATCHES + 10))
    put('line.txt', 'x'.repeat(MAX_MATCHES + 10))
    for (const include of ['many.txt', 'line.txt']) {
      const { files, end } = await search('x', { include })
      expect(files.get(include)).toHaveLength(MAX_MATCHES)
      expect(end).toEqual({ files: 1, matches: MAX_MATCHES, truncated: true })
    }
  })

  it('says in a sentence what is wrong', async () => {
    const { end } = await search('(', { isRegex: true })
    expect(end.problem).toEqual({
      code: 'INVALID_REQUEST',
      detail: 'The regular expression is not valid: unclosed group.',
    })
    expect((await page.attempt('search.text', { ...plain, query: '' })).problem?.code).toBe('INVALID_REQUEST')
  })

  it('waits for a page that does not show what it found', async () => {
    put('many.txt', `${'y'.repeat(300)}x\n`.repeat(9_000))
    let bytes = 0
    let ended = false
    const { channel } = await page.request('search.text', { ...plain, query: 'x' })
    page.listen(channel, (payload) => {
      bytes += payload.length
      ended ||= Buffer.from(payload).toString().startsWith('{"end"')
    })
    await page.until(() => bytes > 512 * 1024)
    for (let round = 0; round < 20; round++) await page.request('hello', {})
    expect(ended).toBe(false)
    expect(bytes).toBeLessThan(2 * 1024 * 1024)
    page.paint(channel, bytes)
    const shown = bytes
    await page.until(() => bytes > shown)
  })

  it('survives a regular expression that would never end', async () => {
    put('a.txt', `${'a'.repeat(40)}!b\n`)
    const { files } = await search('(?:(a+)+)+!|(b)', { isRegex: true })
    expect(files.get('a.txt')).toHaveLength(2)
    await page.request('hello', {})
  })

  it('is forgotten when it is closed, and when the next one begins', async () => {
    put('a.txt', 'needle')
    const { channel } = await search('needle')
    await page.request('search.close', { channel })
    const replace = { channel, replacement: 'x', preserveCase: false }
    expect((await page.attempt('search.replace', replace)).problem?.code).toBe('NOT_FOUND')
  })
})

describe('a replacement', () => {
  it('changes files on the disk, and can be taken back', async () => {
    put('a.txt', '\ufeffneedle one\r\ntwo Needle\r\n')
    put('b/c.txt', 'needle')
    const { channel } = await search('needle')
    const answer = await page.request('search.replace', { channel, replacement: 'pin', preserveCase: true })
    expect(answer).toEqual({ replacement: 1, files: 2, matches: 3, skipped: 0, failures: [] })
    expect(read('a.txt')).toBe('\ufeffpin one\r\ntwo Pin\r\n')
    expect(read('b/c.txt')).toBe('pin')
    const undone = await page.request('search.undoReplace', { replacement: 1 })
    expect(undone).toEqual({ files: 2, matches: 3, skipped: 0, failures: [] })
    expect(read('a.txt')).toBe('\ufeffneedle one\r\ntwo Needle\r\n')
    expect((await page.attempt('search.undoReplace', { replacement: 1 })).problem?.code).toBe('NOT_FOUND')
  })

  it('uses groups, across lines too', async () => {
    put('a.txt', 'one: 1\ntwo: 2\n')
    const { channel } = await search('(\\w+): (\\d)\\n(two)', { isRegex: true })
    await page.request('search.replace', { channel, replacement: '\\U$1=$2\\n$3', preserveCase: false })
    expect(read('a.txt')).toBe('ONE=1\ntwo: 2\n')
  })

  it('changes only the files and matches that are named', async () => {
    put('a.txt', 'x x x')
    put('b.txt', 'x')
    const { channel } = await search('x')
    const options = { channel, replacement: 'y', preserveCase: false }
    await page.request('search.replace', { ...options, files: [{ path: 'a.txt', matches: [1] }] })
    expect([read('a.txt'), read('b.txt')]).toEqual(['x y x', 'x'])
    // The others have moved along.
    await page.request('search.replace', { ...options, replacement: 'long', files: [{ path: 'a.txt', matches: [0] }] })
    const rest = await page.request('search.replace', { ...options, files: [{ path: 'a.txt' }] })
    expect(rest).toMatchObject({ matches: 1, skipped: 0 })
    expect(read('a.txt')).toBe('long y y')
    const none = await page.attempt('search.replace', { ...options, files: [{ path: '../a.txt' }] })
    expect(none.problem?.code).toBe('NOT_FOUND')
  })

  it('reaches an open document with what is unsaved in it, as one step of whoever asked', async () => {
    put('open.txt', 'needle\n')
    const mine = await openDocument('open.txt')
    const other = await worker.connect(BEARER)
    const theirs = await openDocument('open.txt', other)
    mine.text.insert(0, 'typed needle ')
    const { channel } = await search('needle')
    mine.text.insert(0, 'later ')
    await page.request('search.replace', { channel, replacement: 'pin', preserveCase: false })
    // What was typed after the search has moved both: they are not where they were found.
    expect(mine.text.toString()).toBe('later typed needle needle\n')
    const again = await search('needle')
    await page.request('search.replace', { channel: again.channel, replacement: 'pin', preserveCase: false })
    expect(mine.text.toString()).toBe('later typed pin pin\n')
    expect(mine.asked).toEqual([true])
    await other.until(() => theirs.text.toString() === 'later typed pin pin\n')
    expect(theirs.asked).not.toContain(true)
    expect(read('open.txt')).toBe('later typed pin pin\n')
    await page.request('search.undoReplace', { replacement: 1 })
    expect(mine.text.toString()).toBe('later typed needle needle\n')
  })

  it('is taken back around what was edited since', async () => {
    put('a.txt', 'x 1\nx 2\nx 3\n')
    const { channel } = await search('x')
    await page.request('search.replace', { channel, replacement: 'long', preserveCase: false })
    writeFileSync(join(worker.root, 'a.txt'), 'new line\nlong 1\nlxng 2\nlong three\n')
    const undone = await page.request('search.undoReplace', { replacement: 1 })
    expect(undone).toMatchObject({ matches: 2, skipped: 1 })
    expect(read('a.txt')).toBe('new line\nx 1\nlxng 2\nx three\n')
  })

  it('says which files could not be changed', async () => {
    put('a.txt', 'x')
    put('b.txt', 'x')
    const { channel } = await search('x')
    const { rmSync } = await import('node:fs')
    rmSync(join(worker.root, 'a.txt'))
    const answer = await page.request('search.replace', { channel, replacement: 'y', preserveCase: false })
    expect(answer).toMatchObject({ files: 1, failures: [{ path: 'a.txt', detail: 'There is no "a.txt".' }] })
  })
})
