import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import Docker from 'dockerode'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withUpdates } from '../../src/drivers/base-image.ts'
import { extraCertificates } from '../../src/drivers/host-network.ts'
import { buildImage, selectStages } from '../../src/drivers/image-build.ts'
import { hashProgram, programParts, writeProgram } from '../../src/drivers/image-program.ts'
import { packageRoot } from '../../src/drivers/package-root.ts'
import { authority } from '../support/certificate-authority.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omega-images-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(path: string, content: string) {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), content)
}

describe('the Dockerfile cut down', () => {
  const dockerfile =
    'ARG A=debian\n\nFROM $A AS base\nRUN one\n\nFROM base AS build\nRUN two\n\nFROM base AS last\nRUN three\n'

  it('keeps the wanted stages, takes the made ones as they are, and leaves out the rest', () => {
    expect(selectStages(dockerfile, ['last'], { base: 'ready:1' })).toBe(
      'ARG A=debian\n\nFROM ready:1 AS base\nFROM base AS last\nRUN three\n',
    )
    expect(selectStages(dockerfile, ['base'])).toBe('ARG A=debian\n\nFROM $A AS base\nRUN one\n\n')
  })

  it('refuses a stage that is not there', () => {
    expect(() => selectStages(dockerfile, ['lost'])).toThrow('no stage lost')
  })

  it('is whole when all stages are wanted, and ends with omega, which a plain `docker build .` gives', async () => {
    const ours = await readFile(join(packageRoot, 'Dockerfile'), 'utf8')
    const stages = ['debian', 'node', 'base', 'build', 'project', 'template', 'omega']
    expect(selectStages(ours, stages)).toBe(ours)
    expect(ours.match(/^FROM .+$/gm)?.at(-1)).toBe('FROM base AS omega')
    expect(ours).not.toMatch(/--mount|--chmod|<<EOF|# syntax/)
  })
})

describe('a build through the engine', () => {
  const docker = new Docker()
  const tag = `omega-build-test:${process.pid}`
  const build = (dockerfile: string, steps: string[] = []) =>
    buildImage(docker, {
      ...{
        what: 'The test image',
        tag,
        dockerfile,
        folder,
        args: { WORD: 'hello' },
        labels: { 'omega.inputs': 'abc' },
      },
      onStep: (step) => steps.push(step),
    })
  afterEach(() =>
    docker
      .getImage(tag)
      .remove()
      .catch(() => {}),
  )

  it('takes the context, the arguments and the labels, and tells its steps', async () => {
    await write('hello.txt', 'hello')
    const steps: string[] = []
    await build('FROM scratch\nARG WORD=none\nCOPY $WORD.txt /\nENTRYPOINT ["/hello.txt"]\n', steps)
    const { Config, RootFS } = await docker.getImage(tag).inspect()
    expect(Config.Labels).toEqual({ 'omega.inputs': 'abc' })
    expect(Config.Entrypoint).toEqual(['/hello.txt'])
    expect(RootFS.Layers).toHaveLength(1)
    expect(steps[2]).toBe('3/5 : COPY $WORD.txt /')
  })

  it('that fails says why and shows the end of its log', async () => {
    const error = await build('FROM scratch\nCOPY lost.txt /\n').catch((reason) => reason)
    expect(error).toMatchObject({ code: 'BUILD_FAILED', message: expect.stringContaining('lost.txt') })
    expect(error.message).not.toContain('\n')
    expect(error.details.log).toContain('Step 2/3 : COPY lost.txt /')
    await expect(docker.getImage(tag).inspect()).rejects.toMatchObject({ statusCode: 404 })
  })

  it('whose Dockerfile is nonsense says so', async () => {
    const error = await build('NONSENSE\n').catch((reason) => reason)
    expect(error).toMatchObject({ code: 'BUILD_FAILED', message: expect.stringContaining('NONSENSE') })
  })
})

describe("omega's parts for the image", () => {
  beforeEach(async () => {
    for (const file of ['Dockerfile', '.dockerignore', 'package.json']) await write(file, file)
    await write('dist/bin/omega.js', 'the program')
    await write('dist/external.json', '["native"]')
    await write('templates/app/files/main.js', 'main')
    await write('templates/app/files/node_modules/junk/index.js', 'junk')
    await write('node_modules/native/package.json', '{"dependencies":{"needed":"1"}}')
    await write('node_modules/native/node_modules/needed/package.json', '{"version":"1"}')
    await write('node_modules/needed/package.json', '{"version":"2"}')
    await write('node_modules/unrelated/package.json', '{}')
  })

  it('are the bundle, the templates and the packages it needs, in the versions it needs', async () => {
    const target = join(folder, 'out')
    await writeProgram(await programParts(folder), target)
    const files = (await readdir(target, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    expect(files.sort()).toEqual([
      '.dockerignore',
      'Dockerfile',
      'dist/bin/omega.js',
      'dist/external.json',
      'node_modules/native/node_modules/needed/package.json',
      'node_modules/native/package.json',
      'package.json',
      'templates/app/files/main.js',
    ])
  })

  it('have another hash when one of them changes, and only then', async () => {
    const hash = async () => hashProgram(await programParts(folder))
    const before = await hash()
    await write('node_modules/unrelated/package.json', '{"changed":true}')
    await write('templates/app/files/node_modules/junk/index.js', 'changed')
    expect(await hash()).toBe(before)
    await write('node_modules/native/node_modules/needed/package.json', '{"version":"1.1"}')
    const after = await hash()
    expect(after).not.toBe(before)
    await write('dist/bin/omega.js', 'the program, changed')
    expect([before, after]).not.toContain(await hash())
  })

  it('are missing with a clear sentence when omega is not built', async () => {
    await rm(join(folder, 'dist'), { recursive: true })
    await expect(programParts(folder)).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringMatching(/npm run build/),
    })
  })
})

describe("a network's own certificate authorities", () => {
  it('are those Node.js does not bring along, each once', async () => {
    await write('bundle.crt', `# a comment\n${rootCertificates.slice(0, 3).join('\n')}\n${authority}\n${authority}`)
    await write('other.crt', `${authority}\n-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n`)
    const files = ['bundle.crt', 'other.crt', 'missing.crt'].map((name) => join(folder, name))
    expect(await extraCertificates([...files, undefined])).toEqual([`${authority}\n`])
  })

  it('are none where there are none', async () => {
    await write('bundle.crt', rootCertificates.join('\n'))
    expect(await extraCertificates([join(folder, 'bundle.crt')])).toEqual([])
  })
})

describe('the sources of a bootstrapped Debian', () => {
  it('are the mirror it came from, with updates and security updates', () => {
    expect(withUpdates('deb http://mirror.example/debian bookworm main\n')).toBe(
      'deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian bookworm-updates main\ndeb http://mirror.example/debian-security bookworm-security main\n',
    )
  })

  it('stay as they are when they are of another kind', () => {
    const other = 'deb cdrom:[Debian]/ bookworm main\n'
    expect(withUpdates(other)).toBe(other)
  })
})
