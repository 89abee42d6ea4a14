import { extract } from 'tar-stream'
import { OmegaError } from '../core/errors.ts'

/** Entries of `docker save` that say what its images are called; small ones. */
const NAMING = ['manifest.json', 'repositories', 'index.json']
const NAMING_BYTES = 4 * 1024 * 1024

/**
 * An archive of images as it comes, up to its last piece, which is only given out if all of them are called as `isOurs`
 * allows: another name would be taken from the image that has it here. An engine that gets less loads nothing. Rejects with
 * FORBIDDEN.
 */
export async function* checkedImages(
  archive: AsyncIterable<Uint8Array>,
  isOurs: (name: string) => boolean,
): AsyncGenerator<Uint8Array> {
  let failure: Error | undefined
  const reading = extract()
  reading.on('entry', ({ name, size = 0 }, body, next) => {
    const parts: Buffer[] = []
    const isNaming = NAMING.includes(name.replace(/^\.\//, ''))
    if (isNaming && size > NAMING_BYTES) failure ??= refused(`${name} has ${size} bytes`)
    body.on('data', (part) => {
      if (isNaming && size <= NAMING_BYTES) parts.push(part as Buffer)
    })
    body.on('error', () => undefined)
    body.on('end', () => {
      if (isNaming) failure ??= wrongName(name, Buffer.concat(parts).toString('utf8'), isOurs)
      next()
    })
  })
  const over = new Promise<void>((done) => {
    reading.on('finish', () => done())
    reading.on('close', () => done())
    reading.on('error', (error) => {
      failure ??= error
      done()
    })
  })
  let held: Uint8Array | undefined
  for await (const piece of archive) {
    if (!failure && !reading.write(Buffer.from(piece))) {
      await Promise.race([new Promise<void>((done) => reading.once('drain', () => done())), over])
    }
    if (failure) throw failure
    if (held) yield held
    held = piece
  }
  reading.end(undefined)
  await over
  if (failure) throw failure
  if (held) yield held
}

function wrongName(entry: string, text: string, isOurs: (name: string) => boolean): Error | undefined {
  let names: string[]
  try {
    names = namesIn(entry, JSON.parse(text))
  } catch {
    return refused(`${entry} cannot be read`)
  }
  const wrong = names.find((name) => !isOurs(name))
  return wrong === undefined ? undefined : refused(`one is called ${JSON.stringify(wrong.slice(0, 200))}`)
}

/** Docker's image specification 1.2 (`manifest.json`, `repositories`), OCI's image layout (`index.json`). */
function namesIn(entry: string, content: unknown): string[] {
  if (entry.endsWith('manifest.json')) {
    return (content as { RepoTags?: string[] | null }[]).flatMap(({ RepoTags }) => RepoTags ?? [])
  }
  if (entry.endsWith('repositories')) {
    return Object.entries(content as Record<string, Record<string, string>>).flatMap(([repository, tags]) =>
      Object.keys(tags).map((tag) => `${repository}:${tag}`),
    )
  }
  const { manifests = [] } = content as { manifests?: { annotations?: Record<string, string> }[] }
  return manifests.flatMap(({ annotations = {} }) => {
    const name = annotations['io.containerd.image.name']
    return name === undefined ? [] : [name.replace(/^docker\.io\/(library\/)?/, '')]
  })
}

const refused = (why: string) =>
  new OmegaError('FORBIDDEN', `The images that another host sends are not taken: ${why}. Only snapshots may come.`)
