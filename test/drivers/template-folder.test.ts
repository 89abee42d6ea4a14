import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemplateCatalog } from '../../src/drivers/template-catalog.ts'
import { ensureTemplateFolder } from '../../src/drivers/template-folder.ts'

let root: string
let cache: string
let catalog: TemplateCatalog
let said: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omega-template-folder-'))
  cache = join(root, 'cache')
  catalog = new TemplateCatalog(join(root, 'templates'))
  said = []
  await mkdir(join(root, 'templates/app/files/node_modules/left-over'), { recursive: true })
  await write('template.json', { title: 'App', description: 'An app', icon: 'app', port: 3000, start: 'node main.js' })
  await write('files/package.json', { name: 'app', dependencies: { greeting: 'file:greeting' } })
  await write('files/main.js', 'one')
  await mkdir(join(root, 'templates/app/files/greeting'))
  await write('files/greeting/package.json', { name: 'greeting', version: '1.0.0' })
  await write('files/package-lock.json', {
    name: 'app',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'app', dependencies: { greeting: 'file:greeting' } },
      greeting: { version: '1.0.0' },
      'node_modules/greeting': { resolved: 'greeting', link: true },
    },
  })
  await write('prepare.sh', 'echo ready > prepared.txt')
})
afterEach(() => rm(root, { recursive: true }))

const write = (path: string, content: unknown) =>
  writeFile(join(root, 'templates/app', path), typeof content === 'string' ? content : JSON.stringify(content))
const ensure = (name = 'app') => ensureTemplateFolder({ catalog, name, cache, onProgress: (line) => said.push(line) })

describe('the prepared folder of a template', () => {
  it('has the project, its dependencies and what prepare.sh made', async () => {
    const folder = await ensure()
    expect((await readdir(folder)).sort()).toEqual(
      ['greeting', 'main.js', 'node_modules', 'package-lock.json', 'package.json', 'prepared.txt'].sort(),
    )
    const installed = await readFile(join(folder, 'node_modules/greeting/package.json'), 'utf8')
    expect(JSON.parse(installed)).toEqual({ name: 'greeting', version: '1.0.0' })
    expect(await readdir(join(folder, 'node_modules'))).not.toContain('left-over')
    expect(said).toEqual(['installing the dependencies of template app'])
  })

  it('is made once, however many ask at once or later', async () => {
    const folders = await Promise.all([ensure(), ensure(), ensure()])
    expect(new Set([...folders, await ensure()]).size).toBe(1)
    expect(said).toHaveLength(1)
  })

  it('is made anew when the template changes, and the old one goes', async () => {
    const before = await ensure()
    await write('files/main.js', 'two')
    const after = await ensure()
    expect(await readFile(join(after, 'main.js'), 'utf8')).toBe('two')
    expect(await readdir(join(cache, 'app'))).toEqual([after.slice(join(cache, 'app').length + 1)])
    expect(after).not.toBe(before)
  })

  it('leaves nothing half made, and says how it failed', async () => {
    await write('prepare.sh', 'echo the disk is on fire >&2; exit 3')
    const error = await ensure().catch((reason) => reason)
    expect(error).toMatchObject({ code: 'BUILD_FAILED', message: 'sh ended with 3: the disk is on fire' })
    expect(await readdir(join(cache, 'app'))).toEqual([])
    await write('prepare.sh', 'true')
    expect(await readdir(await ensure())).toContain('main.js')
  })

  it('is not made for a template that is not there', async () => {
    await expect(ensure('none')).rejects.toMatchObject({ code: 'UNKNOWN_TEMPLATE' })
  })
})
