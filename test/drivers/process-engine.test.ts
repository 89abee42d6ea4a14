import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OmegaError } from '../../src/core/errors.ts'
import { createLog } from '../../src/drivers/log.ts'
import { ProcessEngine } from '../../src/drivers/process-engine.ts'
import { containerEngineSuite, eventually, placeOf, specOf } from '../support/container-engine-suite.ts'
import { writeStubOmega, writeStubTemplate } from '../support/stub-image.ts'

const root = mkdtempSync(join(tmpdir(), 'omega-process-engine-'))
const omegaPath = writeStubOmega(root)
const templates = ['good', 'broken']
writeStubTemplate(root, 'good')
writeStubTemplate(root, 'broken', { broken: '' })

function open(overrides: { host?: string; listen?: string; dataDir?: string } = {}): ProcessEngine {
  return new ProcessEngine({
    dataDir: join(root, 'data'),
    host: '127.0.0.1',
    listen: '127.0.0.1',
    omegaPath,
    templates: {
      names: async () => templates,
      manifestFolder: (name) => join(root, name),
      async project(name) {
        if (!templates.includes(name)) throw new OmegaError('UNKNOWN_TEMPLATE', name)
        return join(root, name)
      },
    },
    log: createLog('test', 'silent', 2),
    ...overrides,
  })
}

afterAll(() => rmSync(root, { recursive: true, force: true }))

containerEngineSuite('ProcessEngine', async () => ({
  open: async () => open(),
  good: 'good',
  broken: 'broken',
  close: async () => {},
}))

describe('ProcessEngine, by itself', { timeout: 30_000 }, () => {
  const dataDir = join(root, 'other')
  const folderOf = (id: string) => join(dataDir, 'processes', id)
  let engine: ProcessEngine
  beforeAll(async () => {
    engine = open({ dataDir })
    await engine.ping()
  })
  afterAll(async () => {
    for (const { key } of await engine.list()) await engine.remove(key)
  })

  it.each(['0.0.0.0', '::', '192.0.2.1', 'localhost', '127.0.0.1.evil'])('refuses to serve %s', (listen) => {
    expect(() => open({ listen })).toThrow(/loopback only/)
  })

  it('keeps the sandboxes of two hosts apart in one data directory', async () => {
    const spec = specOf('good')
    await engine.start(spec)
    expect(await open({ dataDir, host: '127.0.0.2' }).list()).toEqual([])
    expect(await engine.list()).toHaveLength(1)
    await engine.remove(spec.key)
  })

  it('gives the worker a short list of variables, not those of the manager', async () => {
    process.env.OMEGA_TEST_SECRET = 'marker-of-a-secret'
    try {
      const spec = specOf('good')
      await engine.start(spec)
      const url = `${await placeOf(engine, spec.key)}/environ`
      const environ = await eventually(
        () =>
          fetch(url)
            .then((response) => response.text())
            .catch(() => ''),
        (text) => text !== '',
      )
      expect(environ).toContain('OMEGA_DOMAIN=omega.test')
      expect(environ).not.toContain('marker-of-a-secret')
      await engine.remove(spec.key)
    } finally {
      delete process.env.OMEGA_TEST_SECRET
    }
  })

  it('takes a process that got the id of a dead worker for what it is: a stranger', async () => {
    const spec = specOf('good')
    await engine.start(spec)
    await engine.stop(spec.key)
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const other = stat.replace(/(\) (?:\S+ ){19})\d+/, '$11')
    expect(other).not.toBe(stat)
    writeFileSync(join(folderOf(spec.key), 'pid'), `${process.pid}\n${other}\n`)
    expect(await engine.inspect(spec.key)).toMatchObject({ state: 'stopped' })
    await engine.remove(spec.key)
  })

  it('ends what the worker started, too, even what left its group', async () => {
    const spec = specOf('good')
    await engine.start(spec)
    const project = join(folderOf(spec.key), 'project')
    const { spawn } = await import('node:child_process')
    const stray = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { cwd: project, detached: true })
    const ended = new Promise<string | null>((resolve) => stray.once('exit', (_code, signal) => resolve(signal)))
    await engine.remove(spec.key)
    expect(await ended).toBe('SIGKILL')
    expect(readdirSync(join(dataDir, 'processes')).filter((name) => name.startsWith(spec.key))).toEqual([])
  })

  it('cuts a log that grew too long, keeping its end', async () => {
    const spec = specOf('good')
    await engine.start(spec)
    const log = join(folderOf(spec.key), 'log')
    writeFileSync(log, `${'x'.repeat(1023)}\n`.repeat(3_000), { flag: 'a' })
    writeFileSync(log, 'the end\n', { flag: 'a' })
    await engine.list()
    expect(statSync(log).size).toBeLessThanOrEqual(256 * 1024)
    expect(await engine.logs(spec.key, 1)).toBe('the end\n')
    await engine.remove(spec.key)
  })

  it('ignores folders that are not whole and files that are not ours', async () => {
    mkdirSync(join(dataDir, 'processes', `${specOf('good').key}.new`), { recursive: true })
    mkdirSync(folderOf(specOf('good').key))
    writeFileSync(join(dataDir, 'processes', 'README'), '')
    expect(await engine.list()).toEqual([])
    await expect(engine.inspect('../../etc')).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })
})
