import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Tag } from '../../../../src/core/wire/frames.ts'
import { guestOf } from '../../../support/guests.ts'
import { LanguagePage, type OpenText, processesBelow } from '../../../support/language-page.ts'
import { TestWorker } from '../../../support/worker.ts'

/** A worker whose project has a TypeScript of its own: a server that misbehaves as it is told. */
let worker: TestWorker
let page: LanguagePage
let file: OpenText

beforeEach(async () => {
  worker = await TestWorker.boot()
  const folder = join(worker.root, 'node_modules/@typescript', `typescript-${process.platform}-${process.arch}`, 'lib')
  mkdirSync(folder, { recursive: true })
  copyFileSync(resolve(import.meta.dirname, '../../../support/fake-language-server.mjs'), join(folder, 'tsc'))
  chmodSync(join(folder, 'tsc'), 0o755)
  writeFileSync(join(worker.root, 'package.json'), '{"type": "module"}')
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  writeFileSync(join(worker.root, 'a.ts'), 'echo\n')
  writeFileSync(join(worker.root, 'other.ts'), 'other\n')
  page = new LanguagePage(await worker.connect())
  file = await page.document('a.ts')
  await page.open('typescript')
})
afterEach(() => worker.close())

const begin = { line: 0, character: 0 }
const hover = () => page.attempt('textDocument/hover', { textDocument: { uri: page.uri('a.ts') }, position: begin })
const said = async () => ((await hover()).result as { contents: { value: string } } | null)?.contents.value

/** The first line of the file, which tells the server what to do. */
function order(word: string): void {
  const { text } = file
  const end = text.toString().indexOf('\n')
  text.doc?.transact(() => {
    text.delete(0, end)
    text.insert(0, word)
  })
}

it('the server has the text as it is when it is asked, whatever is typed', async () => {
  file.insert(5, 'ä😀 line\nmore\r here\n')
  file.insert(5, '😀')
  expect(await said()).toBe('echo\n😀ä😀 line\nmore  here\n')
  file.replace('ä😀', 'a')
  expect(await said()).toBe('echo\n😀a line\nmore  here\n')
})

for (const [fault, reason] of [
  ['crash', /exit code 3/],
  ['garbage', /something else than messages/],
  ['huge', /99999999999 bytes/],
  ['array', /no JSON object/],
] as const) {
  it(`${fault}: the request fails, the server is started again, the page is told`, async () => {
    expect(await said()).toBe('echo\n')
    order(fault)
    expect((await hover()).error).toBeDefined()
    const { detail } = await page.client.event('language.changed', ({ state, detail }) => {
      return state === 'starting' && detail !== undefined
    })
    expect(detail).toMatch(reason)
    order('echo')
    expect(await said()).toBe('echo\n')
    expect(await page.client.request('files.read', { path: 'other.ts' })).toMatchObject({ text: 'other\n' })
  })
}

it('what nobody waits for is cancelled', async () => {
  await said()
  order('never')
  const id = 900
  const params = { textDocument: { uri: page.uri('a.ts') }, position: begin }
  page.send({ id, method: 'textDocument/hover', params })
  await page.ask('textDocument/documentHighlight', params)
  page.send({ cancel: id })
  await page.client.until(() => page.messages.some((message) => 'id' in message && message.id === id))
  expect(page.messages.find((message) => 'id' in message && message.id === id)).toMatchObject({
    error: { code: -32800 },
  })
  order('cancelled')
  expect(JSON.parse((await said()) ?? '[]')).toHaveLength(1)
})

it('two pages have numbers of their own, and each gets its own answers', async () => {
  const second = new LanguagePage(await worker.connect())
  await second.document('a.ts')
  await second.open('typescript')
  const params = { textDocument: { uri: page.uri('a.ts') }, position: begin }
  const answers = await Promise.all([
    page.attempt('textDocument/hover', params),
    second.attempt('textDocument/hover', params),
    page.attempt('textDocument/documentHighlight', params),
  ])
  expect(answers.map(({ result }) => (result === null ? null : 'text'))).toEqual(['text', 'text', null])
  expect(processesBelow(process.pid, worker.root).filter((pid) => pid > 0)).toHaveLength(1)
})

it('the server may ask for settings, and edit files of the project but no others', async () => {
  order('settings')
  expect(JSON.parse((await said()) ?? '[]')[0]).toMatchObject([{ inlayHints: {} }, null])
  order('edit')
  const answers = JSON.parse((await said()) ?? '[]') as { applied: boolean }[]
  expect(
    answers
      .slice(1)
      .map(({ applied }) => applied)
      .toSorted(),
  ).toEqual([false, true])
  expect(readFileSync(join(worker.root, 'other.ts'), 'utf8')).toBe('// by the server\nother\n')
})

it('who only looks gets hovers, but nothing that is about editing', async () => {
  const guest = new LanguagePage(await worker.connect(await guestOf(worker, { access: 'look' })))
  await guest.document('a.ts')
  await guest.open('typescript')
  const params = { textDocument: { uri: guest.uri('a.ts') }, position: begin }
  expect((await guest.attempt('textDocument/hover', params)).result).toBeTruthy()
  for (const method of ['completion', 'rename', 'codeAction', 'formatting', 'prepareRename']) {
    const { error } = await guest.attempt(`textDocument/${method}`, { ...params, newName: 'x' })
    expect(error?.message).toMatch(/look/)
  }
  const edit = { files: [{ path: 'a.ts', edits: [] }] }
  const format = { path: 'a.ts', hash: 1, tabSize: 2, insertSpaces: true, projectOnly: false }
  expect((await guest.client.attempt('language.edit', edit)).problem?.code).toBe('FORBIDDEN')
  expect((await guest.client.attempt('language.format', format)).problem?.code).toBe('FORBIDDEN')
  expect((await guest.client.attempt('language.restart', { server: 'typescript' })).problem?.code).toBe('FORBIDDEN')
})

it('methods, files and commands that are not for pages are refused', async () => {
  await said()
  const refused = async (method: string, params: unknown) => (await page.attempt(method, params)).error?.code
  expect(await refused('shutdown', {})).toBe(-32601)
  expect(await refused('textDocument/didChange', { textDocument: { uri: page.uri('a.ts') } })).toBe(-32601)
  expect(await refused('constructor', {})).toBe(-32601)
  expect(await refused('textDocument/hover', null)).toBeDefined()
  expect(await refused('textDocument/hover', { textDocument: { uri: 'file:///etc/passwd' }, position: begin })).toBe(
    -32801,
  )
  expect(await refused('textDocument/hover', { textDocument: { uri: page.uri('../a.ts') }, position: begin })).toBe(
    -32801,
  )
  expect(await refused('workspace/executeCommand', { command: 'rm' })).toBeDefined()
})

for (const [what, payload] of [
  ['no JSON', Buffer.from('{')],
  ['no message', Buffer.from('[1, 2]')],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['too much', Buffer.alloc(2 * 1024 * 1024, 0x20)],
] as const) {
  it(`${what} from a page ends its channel and nothing else`, async () => {
    expect(await said()).toBe('echo\n')
    page.client.send({ tag: Tag.data, channel: page.channel, payload })
    const gone = await page.client.attempt('language.close', { channel: page.channel })
    expect(gone.problem?.code).toBe('NOT_FOUND')
    await page.open('typescript')
    expect(await said()).toBe('echo\n')
  })
}

it('a server that was restarted knows everything again', async () => {
  expect(await said()).toBe('echo\n')
  await page.client.request('language.restart', { server: 'typescript' })
  file.insert(5, 'later\n')
  expect(await said()).toBe('echo\nlater\n')
})

it('a document with another name is another document for the server', async () => {
  await said()
  await page.client.request('files.rename', { from: 'a.ts', to: 'b.ts' })
  const params = { textDocument: { uri: page.uri('b.ts') }, position: begin }
  const { result } = await page.attempt('textDocument/hover', params)
  expect(result).toMatchObject({ contents: { value: 'echo\n' } })
  expect((await hover()).error?.code).toBe(-32801)
})
