import { createReadStream, createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { Value } from 'typebox/value'
import { OmegaError } from '../core/errors.ts'
import { EXPORT_MANIFEST, ExportManifest } from '../core/wire/export.ts'
import { explained } from '../drivers/project-errors.ts'
import type { Client } from './client.ts'

const pathOf = (name: string, rest: string) => `/v1/sandboxes/${encodeURIComponent(name)}${rest}`

/** Writes a sandbox as one .tar.gz, to a file that is there whole or not at all, or to what stdout leads to. */
export async function exportSandbox(client: Client, name: string, output: string | undefined): Promise<void> {
  if (output === undefined && process.stdout.isTTY) {
    throw new OmegaError(
      'INVALID_REQUEST',
      'An export is no text for a terminal. Say `> my-app.tar.gz`, or --output FILE.',
    )
  }
  const answer = await client.stream(pathOf(name, '/export'))
  try {
    if (output === undefined) return await pipeline(answer, process.stdout, { end: false })
    await pipeline(answer, createWriteStream(`${output}.part`))
    await rename(`${output}.part`, output)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ECONNRESET' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw explained(error, output ?? 'stdout')
    throw new OmegaError('BAD_GATEWAY', 'The export was cut off before its end.')
  }
}

/** What an export says of its sandbox; it is the first thing in it. */
export async function readManifest(file: string): Promise<ExportManifest> {
  const source = createReadStream(file)
  const unzip = createGunzip()
  const archive = extract()
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
    archive.destroy()
  }
  source.on('error', fail)
  unzip.on('error', fail)
  unzip.on('data', (chunk) => archive.write(chunk))
  unzip.on('end', () => archive.end(null))
  source.pipe(unzip)
  try {
    for await (const entry of archive) {
      if (entry.header.name !== EXPORT_MANIFEST || entry.header.size > 4 * 1024 * 1024) break
      const value: unknown = JSON.parse(await textOf(entry as never))
      if (Value.Check(ExportManifest, value)) return value
      break
    }
  } catch (error) {
    failure ??= error
  } finally {
    source.destroy()
    unzip.destroy()
  }
  if ((failure as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') throw explained(failure, file)
  throw new OmegaError(
    'INVALID_REQUEST',
    `${JSON.stringify(file)} is no export of a sandbox. \`omega sandbox export NAME > FILE\` makes one.`,
  )
}

/** Puts an export's files in the place of a new sandbox's; when that fails, the sandbox goes again. */
export async function importInto(client: Client, id: string, file: string): Promise<void> {
  try {
    const answer = await client.stream(pathOf(id, '/import'), {
      method: 'PUT',
      headers: { 'content-type': 'application/gzip' },
      body: createReadStream(file),
    })
    answer.resume()
  } catch (error) {
    await client.call(pathOf(id, ''), { method: 'DELETE' }).catch(() => undefined)
    throw error
  }
}
