import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { expect, it } from 'vitest'
import { checkedImages } from '../../src/drivers/image-check.ts'

const KEPT = 'omega-snapshot:sn_00000000000000000000.0123456789ab'
const isOurs = (name: string) => name === KEPT

function archive(entries: Record<string, unknown>, first = ''): Promise<Buffer> {
  const made = pack()
  made.entry({ name: 'layer.tar' }, Buffer.alloc(300_000, 1))
  for (const [name, content] of Object.entries(entries)) {
    made.entry({ name }, typeof content === 'string' ? content : JSON.stringify(content))
  }
  made.entry({ name: 'last' }, first)
  made.finalize()
  return buffer(made)
}
const manifest = (...names: string[]) => [{ Config: 'c.json', RepoTags: names, Layers: ['layer.tar'] }]

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

it.each([512, 10_000, 10_000_000])('lets snapshots pass as they are, in pieces of %s bytes', async (size) => {
  const bytes = await archive({
    'manifest.json': manifest(KEPT),
    repositories: { 'omega-snapshot': { 'sn_00000000000000000000.0123456789ab': 'x' } },
    'index.json': { manifests: [{ annotations: { 'io.containerd.image.name': `docker.io/library/${KEPT}` } }] },
  })
  expect((await buffer(Readable.from(checkedImages(pieces(bytes, size), isOurs)))).equals(bytes)).toBe(true)
})

it.each<[string, Record<string, unknown>]>([
  ['another name', { 'manifest.json': manifest(KEPT, 'omega-template-react:latest') }],
  ['another name elsewhere', { 'manifest.json': manifest(KEPT), repositories: { omega: { latest: 'x' } } }],
  [
    'another name in an OCI layout',
    {
      'index.json': { manifests: [{ annotations: { 'io.containerd.image.name': 'docker.io/library/omega:latest' } }] },
    },
  ],
  ['no JSON', { './manifest.json': '{' }],
  ['the wrong JSON', { 'manifest.json': { RepoTags: 1 } }],
])('%s: refused, and never whole', async (_what, entries) => {
  const bytes = await archive(entries)
  for (const size of [512, 10_000_000]) {
    let given = 0
    const reading = async () => {
      for await (const piece of checkedImages(pieces(bytes, size), isOurs)) given += piece.length
    }
    await expect(reading()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(given).toBeLessThan(bytes.length)
  }
})

it('what is no archive, and one that is cut off, end with an error', async () => {
  const bytes = await archive({ 'manifest.json': manifest(KEPT) })
  for (const wrong of [Buffer.alloc(2_000, 65), bytes.subarray(0, 200_000)]) {
    await expect(buffer(Readable.from(checkedImages(pieces(wrong, 1_000), isOurs)))).rejects.toThrow()
  }
})
