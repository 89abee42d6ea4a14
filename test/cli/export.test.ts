import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Client } from '../../src/cli/client.ts'
import { exportSandbox, importInto, readManifest } from '../../src/cli/export.ts'
import { API_TOKEN } from '../support/master.ts'
import { type MasterWithWorker, startMasterWithWorker } from '../support/master-with-worker.ts'
import { tarOf } from '../support/tar.ts'

let parts: MasterWithWorker
let client: Client
let here: string
beforeAll(async () => {
  parts = await startMasterWithWorker('box')
  client = new Client(parts.master.url, API_TOKEN)
  here = mkdtempSync(join(tmpdir(), 'omega-export-'))
})
afterAll(async () => {
  await parts.close()
  rmSync(here, { recursive: true })
})

const inside = (path: string) => join(parts.worker.root, path)

it('a sandbox goes out and comes back with its files, and with nothing else', async () => {
  writeFileSync(inside('run'), 'x', { mode: 0o755 })
  symlinkSync('run', inside('link'))
  const file = join(here, 'box.tar.gz')
  await exportSandbox(client, 'box', file)
  expect(await readManifest(file)).toEqual({ format: 1, name: 'box', template: 'tiny', env: {} })
  writeFileSync(inside('run'), 'changed')
  writeFileSync(inside('later'), 'y')
  await importInto(client, 'box', file)
  expect(readdirSync(parts.worker.root).sort()).toEqual(['link', 'run'])
  expect([readFileSync(inside('link'), 'utf8'), statSync(inside('run')).mode & 0o777]).toEqual(['x', 0o755])
  expect(readdirSync(here)).toEqual(['box.tar.gz'])
})

it('what is no whole export changes nothing', async () => {
  const put = (body: Uint8Array) =>
    parts.master.api('/v1/sandboxes/box/import', { method: 'PUT', body: new Uint8Array(body) })
  const whole = readFileSync(join(here, 'box.tar.gz'))
  const strange = gzipSync(await tarOf({ name: 'etc/passwd', text: 'x' }))
  const evil = gzipSync(await tarOf({ name: 'project/../../evil', text: 'x' }))
  for (const body of [Buffer.from('nonsense'), whole.subarray(0, whole.length - 20), strange, evil]) {
    expect((await put(body)).body).toMatchObject({ code: 'INVALID_REQUEST' })
    expect(readdirSync(parts.worker.root).sort()).toEqual(['link', 'run'])
  }
  const file = join(here, 'bad.tar.gz')
  writeFileSync(file, strange)
  await expect(readManifest(file)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  writeFileSync(file, 'nonsense')
  await expect(readManifest(file)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  await expect(readManifest(join(here, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
})
