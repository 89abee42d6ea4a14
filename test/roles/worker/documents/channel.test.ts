import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { decodeDocumentMessage, encodeDocumentMessage } from '../../../../src/core/wire/document-message.ts'
import { Tag } from '../../../../src/core/wire/frames.ts'
import { TestWorker, type WireClient } from '../../../support/worker.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
beforeEach(async () => {
  worker = await TestWorker.boot()
  writeFileSync(join(worker.root, 'a.txt'), 'one\n')
})
afterEach(() => worker.close())

/** A page's copy of a document, as PROTOCOL.md describes it. */
async function open(client: WireClient, path: string) {
  const { channel, ...state } = await client.request('document.open', { path })
  const doc = new Y.Doc()
  const text = doc.getText('text')
  const awareness: Uint8Array[] = []
  client.listen(channel, (payload) => {
    const message = decodeDocumentMessage(payload)
    if (message?.kind === 'step2' || message?.kind === 'update') Y.applyUpdate(doc, message.update, 'worker')
    else if (message?.kind === 'awareness') awareness.push(message.update)
  })
  const send = (payload: Uint8Array) => client.send({ tag: Tag.data, channel, payload })
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'worker') send(encodeDocumentMessage({ kind: 'update', update }))
  })
  await client.until(() => text.length > 0)
  return { channel, state, doc, text, awareness, send }
}

const onDisk = () => readFileSync(join(worker.root, 'a.txt'), 'utf8')

describe('a document over the wire', () => {
  it('is the same for two pages and the file', async () => {
    const [one, two] = [await worker.connect(), await worker.connect()]
    const [a, b] = [await open(one, 'a.txt'), await open(two, './a.txt')]
    expect(a.state).toMatchObject({ dirty: false, lineEnding: 'lf', generation: b.state.generation })
    a.text.insert(0, 'A ')
    b.text.insert(b.text.length, 'B\n')
    await Promise.all([one.until(() => a.text.length === 8), two.until(() => b.text.length === 8)])
    await one.request('document.save', { channel: a.channel })
    expect([onDisk(), a.text.toString(), b.text.toString()]).toEqual(Array(3).fill('A one\nB\n'))
    await one.event('document.changed', ({ dirty, updates }) => !dirty && updates === 1)
  })

  it('takes in what another program does, and follows a rename', async () => {
    const client = await worker.connect()
    const { text, channel } = await open(client, 'a.txt')
    writeFileSync(join(worker.root, 'a.txt.tmp'), 'zero\none\n')
    renameSync(join(worker.root, 'a.txt.tmp'), join(worker.root, 'a.txt'))
    await client.until(() => text.toString() === 'zero\none\n')
    await client.request('files.rename', { from: 'a.txt', to: 'b.txt' })
    await client.event('files.renamed', ({ to }) => to === 'b.txt')
    text.insert(0, 'moved ')
    await client.request('document.save', { channel })
    expect(readFileSync(join(worker.root, 'b.txt'), 'utf8')).toBe('moved zero\none\n')
  })

  it('goes on after a restart of the worker, and is the same document', async () => {
    const client = await worker.connect()
    const first = await open(client, 'a.txt')
    first.text.insert(0, 'kept ')
    await client.request('document.save', { channel: first.channel })
    await worker.stop()
    await worker.start()
    const again = await worker.connect()
    const second = await open(again, 'a.txt')
    expect(second.state.generation).toBe(first.state.generation)
    expect(second.text.toString()).toBe('kept one\n')
  })

  it('tells others where one is, and that one has gone', async () => {
    const [one, two] = [await worker.connect(), await worker.connect()]
    const [a, b] = [await open(one, 'a.txt'), await open(two, 'a.txt')]
    const awareness = new Awareness(a.doc)
    awareness.setLocalState({ user: { name: 'Ada' } })
    a.send(encodeDocumentMessage({ kind: 'awareness', update: encodeAwarenessUpdate(awareness, [awareness.clientID]) }))
    await two.until(() => b.awareness.length === 1)
    expect(Buffer.from(b.awareness[0] ?? []).toString()).toContain('Ada')
    await one.request('document.close', { channel: a.channel })
    await two.until(() => b.awareness.length === 2)
    expect(Buffer.from(b.awareness[1] ?? []).toString()).toContain('null')
    awareness.destroy()
  })
})

describe('what is no update ends the channel, and changes nothing', () => {
  const updateOf = (change: (doc: Y.Doc) => void) => {
    const doc = new Y.Doc()
    change(doc)
    return Y.encodeStateAsUpdate(doc)
  }
  const update = (bytes: Uint8Array) => encodeDocumentMessage({ kind: 'update', update: bytes })
  const cases: [string, () => Uint8Array][] = [
    ['nothing', () => new Uint8Array()],
    ['another protocol', () => Uint8Array.of(7, 0, 0)],
    ['an unknown step', () => Uint8Array.of(0, 9, 0)],
    ['less than it says', () => Uint8Array.of(0, 2, 50, 1)],
    ['garbage for an update', () => update(Uint8Array.of(255, 255, 255, 1, 2, 3))],
    ['garbage for a vector', () => encodeDocumentMessage({ kind: 'step1', vector: Uint8Array.of(200) })],
    ['another text', () => update(updateOf((doc) => doc.getText('other').insert(0, 'x')))],
    ['a map', () => update(updateOf((doc) => doc.getMap('text').set('a', 1)))],
    ['a picture in the text', () => update(updateOf((doc) => doc.getText('text').insertEmbed(0, { image: 'x' })))],
    ['bold text', () => update(updateOf((doc) => doc.getText('text').insert(0, 'x', { bold: true })))],
    ['an array of texts', () => update(updateOf((doc) => doc.getArray('text').insert(0, [new Y.Text('x')])))],
    ['a huge cursor', () => encodeDocumentMessage({ kind: 'awareness', update: new Uint8Array(20_000) })],
    [
      'a cursor that is none',
      () => encodeDocumentMessage({ kind: 'awareness', update: Uint8Array.of(1, 1, 1, 1, 123) }),
    ],
  ]
  it.each(cases)('%s', async (_name, make) => {
    const client = await worker.connect()
    const { channel, send } = await open(client, 'a.txt')
    const other = await open(await worker.connect(), 'a.txt')
    send(make())
    await client.event('document.changed', (state) => state.channel === channel && state.problem !== undefined)
    expect((await client.attempt('document.save', { channel })).problem?.code).toBe('NOT_FOUND')
    const again = await open(client, 'a.txt')
    again.text.insert(0, 'still ')
    await client.request('document.save', { channel: again.channel })
    expect([onDisk(), other.text.toString()]).toEqual(['still one\n', 'still one\n'])
  })

  it('a vector that is none costs nothing but bytes', async () => {
    const client = await worker.connect()
    const { generation, channel } = await client.request('document.open', { path: 'a.txt' })
    await client.request('document.close', { channel })
    for (const vector of ['', 'AAAA', '////', 'not base64!']) {
      const opened = await client.request('document.open', { path: 'a.txt', generation, vector })
      await client.request('document.close', { channel: opened.channel })
    }
  })
})
