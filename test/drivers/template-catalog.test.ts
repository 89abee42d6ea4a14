import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/drivers/package-root.ts'
import { parseManifest, TemplateCatalog } from '../../src/drivers/template-catalog.ts'

const good = { title: 'Go', description: 'A Go server', icon: 'go', port: 8000, start: 'go run .' }
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omega-templates-'))
})
afterEach(() => rm(root, { recursive: true }))

async function write(name: string, manifest: unknown) {
  await mkdir(join(root, name), { recursive: true })
  await writeFile(join(root, name, 'template.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest))
}

describe('the catalog of templates', () => {
  it('lists what is in the folder, by name, and skips what is no template', async () => {
    await write('zig', { ...good, title: 'Zig' })
    await write('go', good)
    await mkdir(join(root, 'notes'))
    await mkdir(join(root, '.git'))
    await writeFile(join(root, 'README.md'), '')
    expect(await new TemplateCatalog(root).list()).toEqual([
      { name: 'go', ...good },
      { name: 'zig', ...good, title: 'Zig' },
    ])
  })

  it('gives one template and its folder', async () => {
    await write('go', { ...good, open: 'main.go' })
    const catalog = new TemplateCatalog(root)
    expect(await catalog.get('go')).toEqual({ name: 'go', ...good, open: 'main.go' })
    expect(catalog.folder('go')).toBe(join(root, 'go'))
  })

  it.each(['rust', '../go', 'GO', '', 'constructor'])('says which templates there are instead of %j', async (name) => {
    await write('go', good)
    const error = await new TemplateCatalog(root).get(name).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'UNKNOWN_TEMPLATE', message: expect.stringMatching(/There are: go\.$/) })
  })

  it('never gives a folder outside its own', () => {
    expect(() => new TemplateCatalog(root).folder('../go')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_TEMPLATE' }),
    )
  })

  it('says where the templates should be', async () => {
    const error = await new TemplateCatalog(join(root, 'none')).list().catch((reason) => reason)
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(join(root, 'none')) })
  })

  it('names a folder that cannot be a name', async () => {
    await write('Go_Lang', good)
    const error = await new TemplateCatalog(root).list().catch((reason) => reason)
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining('Go_Lang') })
  })
})

describe('a broken template.json', () => {
  it.each([
    ['no JSON', '{ "title": ', /^here\/template\.json is not JSON: .+\.$/],
    ['no object', '[]', /^here\/template\.json: /],
    ['a missing field', JSON.stringify({ ...good, start: undefined }), /template\.json: .*start/],
    ['a wrong type', JSON.stringify({ ...good, port: '80' }), /template\.json: port /],
    ['a wrong range', JSON.stringify({ ...good, port: 70000 }), /template\.json: port /],
    ['an empty title', JSON.stringify({ ...good, title: '' }), /template\.json: title /],
    ['an unknown field', JSON.stringify({ ...good, prot: 80 }), /no field "prot"\. There are: title, .*open\.$/],
  ])('with %s is named with its field', (_case, source, sentence) => {
    expect(() => parseManifest(source, 'here/template.json')).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringMatching(sentence) }),
    )
  })
})

describe('the templates of this repository', () => {
  it('are valid, and cover the frameworks people start with', async () => {
    const templates = await new TemplateCatalog(join(packageRoot, 'templates')).list()
    expect(templates.map(({ name }) => name)).toEqual(['node', 'python', 'react', 'static', 'vue'])
  })
})
