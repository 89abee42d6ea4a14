import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CodeAction, CompletionItem, CompletionList, WorkspaceEdit } from 'vscode-languageserver-protocol'
import { textHash } from '../../../../src/core/text-hash.ts'
import { LanguagePage, type OpenText, processesBelow } from '../../../support/language-page.ts'
import { TestWorker } from '../../../support/worker.ts'

/** TypeScript 7's own server, as it is in node_modules, behind a real worker. */
let worker: TestWorker
let page: LanguagePage
let main: OpenText

beforeAll(async () => {
  worker = await TestWorker.boot()
  mkdirSync(join(worker.root, 'src'))
  writeFileSync(join(worker.root, 'tsconfig.json'), '{"compilerOptions": {"strict": true, "module": "esnext"}}')
  writeFileSync(
    join(worker.root, 'src/shapes.ts'),
    'export interface Square {\n  side: number\n}\n\n/** How large it is. */\nexport function areaOf(square: Square): number {\n  return square.side ** 2\n}\n',
  )
  writeFileSync(
    join(worker.root, 'src/main.ts'),
    "import { areaOf } from './shapes'\n\nexport const small = areaOf({ side: 2 })\n",
  )
  writeFileSync(join(worker.root, 'src/user.ts'), "import { areaOf } from './shapes'\nareaOf({ side: 3 })\n")
  page = new LanguagePage(await worker.connect())
  await page.open('typescript')
  main = await page.document('src/main.ts')
})
afterAll(() => worker.close())

it('says what the server can', async () => {
  await page.client.until(() => page.messages.some((message) => 'capabilities' in message))
  await page.client.event('language.changed', ({ state }) => state === 'ready')
})

it('shows what a name means', async () => {
  const hover = await page.askAt<{ contents: { value: string } }>('textDocument/hover', 'src/main.ts', main, '= area')
  expect(hover.contents.value).toContain('How large it is.')
})

it('knows what was typed a moment ago, and imports what a completion needs', async () => {
  main.insert(main.text.length, 'const other: Squ')
  const list = await page.askAt<CompletionList>('textDocument/completion', 'src/main.ts', main, ': Squ', {
    context: { triggerKind: 1 },
  })
  const item = list.items.find(({ label }) => label === 'Square')
  const resolved = await page.ask<CompletionItem>('completionItem/resolve', item)
  expect(resolved.additionalTextEdits?.map(({ newText }) => newText).join()).toMatch(/Square/)
})

it('tells what is wrong, and that it is no more', async () => {
  main.replace('const other: Squ', 'const other: string = 1\n')
  await page.diagnostics('src/main.ts', (found) => found.some((text) => /not assignable/.test(text)))
  main.replace('const other: string = 1\n', '')
  await page.diagnostics('src/main.ts', (found) => found.length === 0)
})

it('renames in files that are open and in one that is not', async () => {
  const shapes = await page.document('src/shapes.ts')
  const edit = await page.askAt<WorkspaceEdit>('textDocument/rename', 'src/shapes.ts', shapes, 'function ar', {
    newName: 'sizeOf',
  })
  const changed = Object.keys(edit.changes ?? {}).toSorted()
  expect(changed).toEqual(['src/main.ts', 'src/shapes.ts', 'src/user.ts'].map((path) => page.uri(path)))
  const files = ['src/user.ts', 'src/main.ts', 'src/shapes.ts'].map((path) => ({
    path,
    edits: edit.changes?.[page.uri(path)] ?? [],
  }))
  expect(await page.client.request('language.edit', { files })).toEqual({ files: 3 })
  expect(readFileSync(join(worker.root, 'src/user.ts'), 'utf8')).toContain('sizeOf({ side: 3 })')
  expect(readFileSync(join(worker.root, 'src/shapes.ts'), 'utf8')).toContain('export function sizeOf(')
  await page.client.until(() => main.text.toString().includes('= sizeOf('))
  main.insert(main.text.length, 'areaOf({ side: 1 })\n')
  await page.diagnostics('src/main.ts', (found) => found.some((text) => /Cannot find name 'areaOf'/.test(text)))
  main.replace('areaOf({ side: 1 })\n', '')
  await page.diagnostics('src/main.ts', (found) => found.length === 0)
})

it('refuses edits of another text, and changes nothing then', async () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 900, character: 0 } }
  const fine = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }
  const before = readFileSync(join(worker.root, 'src/user.ts'), 'utf8')
  const files = [
    { path: 'src/user.ts', edits: [{ range: fine, newText: '// changed' }] },
    { path: 'src/main.ts', edits: [{ range, newText: '' }] },
  ]
  expect((await page.client.attempt('language.edit', { files })).problem?.code).toBe('CONFLICT')
  expect(readFileSync(join(worker.root, 'src/user.ts'), 'utf8')).toBe(before)
  const outside = [{ path: '../escape.ts', edits: [{ range: fine, newText: 'x' }] }]
  expect((await page.client.attempt('language.edit', { files: outside })).problem?.code).toBe('INVALID_REQUEST')
})

it('mends by a quick fix', async () => {
  main.insert(main.text.length, 'const square: Square = { side: 1 }\n')
  await page.diagnostics('src/main.ts', (found) => found.some((text) => /Cannot find name 'Square'/.test(text)))
  const told = page.messages.filter((one) => 'diagnostics' in one).at(-1) as { diagnostics: { message: string }[] }
  const diagnostic = told.diagnostics.find(({ message }) => /Square/.test(message)) as { range?: object }
  const actions = await page.ask<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri: page.uri('src/main.ts') },
    range: diagnostic.range,
    context: { diagnostics: [diagnostic], triggerKind: 1 },
  })
  expect(actions.map(({ title }) => title).join()).toMatch(/import/i)
})

it('sees what other programs do to files', async () => {
  main.insert(main.text.length, "import { late } from './late'\n")
  await page.diagnostics('src/main.ts', (found) => found.some((text) => /late/.test(text)))
  writeFileSync(join(worker.root, 'src/late.ts'), 'export const late = 1\n')
  await page.diagnostics('src/main.ts', (found) => !found.some((text) => /Cannot find module/.test(text)))
})

it('finds definitions, references and symbols, and shows a declaration outside of the project', async () => {
  const definition = await page.askAt<{ targetUri: string }[]>('textDocument/definition', 'src/main.ts', main, '= size')
  expect(definition[0]?.targetUri).toBe(page.uri('src/shapes.ts'))
  const references = await page.askAt<{ uri: string }[]>('textDocument/references', 'src/main.ts', main, '= size', {
    context: { includeDeclaration: true },
  })
  expect(new Set(references.map(({ uri }) => uri)).size).toBe(3)
  const symbols = await page.ask<{ name: string }[]>('workspace/symbol', { query: 'sizeOf' })
  expect(symbols.map(({ name }) => name)).toContain('sizeOf')

  main.insert(main.text.length, 'Math.max(1, 2)\n')
  const [math] = await page.askAt<{ targetUri: string }[]>('textDocument/definition', 'src/main.ts', main, '\nMat')
  const { text } = await page.client.request('language.source', { uri: math?.targetUri ?? '' })
  expect(text).toContain('interface Math')
  const refused = await page.client.attempt('language.source', { uri: 'file:///etc/passwd' })
  expect(refused.problem?.code).toBe('FORBIDDEN')
})

it('formats, unless the text is another one', async () => {
  main.insert(main.text.length, 'const   wide=1\n')
  const request = { path: 'src/main.ts', tabSize: 2, insertSpaces: true, projectOnly: false }
  const { edits, by } = await page.client.request('language.format', {
    ...request,
    hash: textHash(main.text.toString()),
  })
  expect(by).toBe('the language server')
  expect(edits.length).toBeGreaterThan(0)
  const none = await page.client.request('language.format', {
    ...request,
    hash: textHash(main.text.toString()),
    projectOnly: true,
  })
  expect(none).toEqual({ edits: [] })
  const refused = await page.client.attempt('language.format', { ...request, hash: 1 })
  expect(refused.problem?.code).toBe('CONFLICT')
  const texts = { [page.uri('src/main.ts')]: 1 }
  const stale = await page.attempt('workspace/symbol', { query: 'x' }, texts)
  expect(stale.error?.code).toBe(-32801)
})

it('works again after the death of the server', async () => {
  const [pid = 0] = processesBelow(process.pid, '--lsp --stdio')
  process.kill(pid, 'SIGKILL')
  await page.client.event(
    'language.changed',
    ({ state, detail }) => state === 'starting' && /SIGKILL/.test(detail ?? ''),
  )
  const hover = await page.askAt<{ contents: { value: string } }>('textDocument/hover', 'src/main.ts', main, '= size')
  expect(hover.contents.value).toContain('How large it is.')
})
