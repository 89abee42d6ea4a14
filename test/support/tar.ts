import { buffer } from 'node:stream/consumers'
import { extract, pack } from 'tar-stream'

export interface Entry {
  name: string
  type?: 'file' | 'directory' | 'symlink' | 'link' | 'fifo'
  mode?: number
  linkname?: string
  text?: string
}

/** A tar archive of these entries, as bad as they are. */
export function tarOf(...entries: Entry[]): Promise<Buffer> {
  const archive = pack()
  for (const { text, ...header } of entries) {
    if (text === undefined && header.type !== undefined) archive.entry(header, () => undefined)
    else archive.entry(header, text ?? '', () => undefined)
  }
  archive.finalize()
  return buffer(archive as never)
}

/** The entries of an archive. */
export async function entriesOf(bytes: Uint8Array): Promise<Entry[]> {
  const archive = extract()
  archive.end(bytes)
  const entries: Entry[] = []
  for await (const entry of archive) {
    const { name, type, mode, linkname } = entry.header
    const chunks: Buffer[] = []
    for await (const chunk of entry as unknown as AsyncIterable<Buffer>) chunks.push(chunk)
    entries.push({
      name,
      mode,
      ...(type === 'file' ? { text: Buffer.concat(chunks).toString() } : { type: type as 'directory' }),
      ...(linkname ? { linkname } : {}),
    })
  }
  return entries
}
