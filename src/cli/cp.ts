import { lstat, mkdir, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { OmegaError } from '../core/errors.ts'
import { destination, LEFT_OUT_TRAILER, parseLeftOut, type UnpackedView } from '../core/wire/tar.ts'
import { ProjectBytes } from '../drivers/project-bytes.ts'
import { explained } from '../drivers/project-errors.ts'
import { ProjectRoot } from '../drivers/project-path.ts'
import { packTree } from '../drivers/tree-pack.ts'
import { unpackTree } from '../drivers/tree-unpack.ts'
import type { Client } from './client.ts'
import { printable, printJson, say } from './output.ts'
import { Progress, size } from './progress.ts'

/** One side of a copy. */
export type CopySide = { sandbox: string; path: string } | { local: string }

/** `NAME:path` is in a sandbox; what has a slash before its colon is here, as with scp. */
export function copySide(text: string): CopySide {
  const [, sandbox, path = ''] = /^([A-Za-z0-9][A-Za-z0-9_-]*):(.*)$/s.exec(text) ?? []
  return sandbox === undefined ? { local: text } : { sandbox, path }
}

/** Copies files and folders into a sandbox or out of it; the rules for names are those of `cp -R`. */
export async function copy(client: Client, from: string, to: string, json: boolean): Promise<void> {
  const [source, target] = [copySide(from), copySide(to)]
  const progress = new Progress('copied')
  let done: UnpackedView
  try {
    if ('local' in source && 'sandbox' in target) done = await upload(client, source.local, target, progress)
    else if ('sandbox' in source && 'local' in target) done = await download(client, source, target.local, progress)
    else {
      throw new OmegaError(
        'INVALID_REQUEST',
        'One of the two must be in a sandbox, written NAME:path, and the other one here. A file here whose name has a colon begins with ./',
      )
    }
  } finally {
    progress.end()
  }
  if (json) return printJson(done)
  const { files, bytes, leftOut } = done
  say(`${files} ${files === 1 ? 'file' : 'files'} copied, ${size(bytes)}`)
  if (leftOut.length > 0) say(`left out (no files, or not to be read or kept): ${leftOut.map(printable).join(', ')}`)
}

async function upload(
  client: Client,
  source: string,
  { sandbox, path }: { sandbox: string; path: string },
  progress: Progress,
): Promise<UnpackedView> {
  const found = await lstat(source).catch((error: unknown) => {
    throw explained(error, source)
  })
  // `folder/.` means what is in it, as with cp.
  const isContent = found.isDirectory() && /(?:^|\/)\.\.?\/?$/.test(source)
  const place = resolve(source)
  if (!found.isDirectory() && !found.isFile() && !found.isSymbolicLink()) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `${JSON.stringify(source)} is no file, folder or link. Only those are copied.`,
    )
  }
  const { stream, leftOut } = packTree([{ place, name: isContent ? '' : basename(place) }], {
    onFile: (bytes) => progress.add(bytes, 1),
  })
  const query = new URLSearchParams({ path: isContent ? `${path}/`.replace(/^\/$/, '') : path })
  const answer = await client.stream(`${archiveOf(sandbox)}?${query}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/x-tar' },
    body: stream,
  })
  const done = JSON.parse(await textOf(answer)) as UnpackedView
  return { ...done, leftOut: [...leftOut, ...done.leftOut] }
}

async function download(
  client: Client,
  { sandbox, path }: { sandbox: string; path: string },
  target: string,
  progress: Progress,
): Promise<UnpackedView> {
  const isContent = path === '' || /(?:^|\/)\.\/?$/.test(path)
  const clean = path.replace(/(?:^|\/)\.\/?$|\/$/, '')
  const there = await stat(target).catch(() => undefined)
  if (there && !there.isDirectory() && isContent) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `${JSON.stringify(target)} is a file; a folder's content goes into a folder.`,
    )
  }
  const answer = await client.stream(`${archiveOf(sandbox)}?${new URLSearchParams({ path: clean })}`)
  const into = there?.isDirectory() === true || target.endsWith('/') || isContent
  const folder = into ? resolve(target) : dirname(resolve(target))
  await mkdir(into ? folder : dirname(resolve(target)), { recursive: true })
  const root = new ProjectRoot(folder)
  const placeOf = into ? within(isContent && clean !== '') : destination(basename(resolve(target)), false)
  const bytes = new ProjectBytes(root, folder)
  const options = { root, bytes, placeOf, onlyLinksInside: true, onFile: (count: number) => progress.add(count, 1) }
  const done = await unpackTree(answer as Readable, options).catch((error: unknown) => {
    if (error instanceof OmegaError) throw error
    throw new OmegaError('BAD_GATEWAY', 'The copy was cut off before its end. What had come whole is there.')
  })
  return { ...done, leftOut: [...parseLeftOut(answer.trailers[LEFT_OUT_TRAILER]), ...done.leftOut] }
}

/** Into a folder: under their names, or without the folder they were in. */
function within(withoutTop: boolean): (name: string) => string {
  return (name) => (withoutTop ? name.split('/').slice(1).join('/') : name)
}

function archiveOf(sandbox: string): string {
  return `/v1/sandboxes/${encodeURIComponent(sandbox)}/archive`
}
