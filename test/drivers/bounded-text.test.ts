import { PassThrough, Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { boundedText } from '../../src/drivers/bounded-text.ts'

it('gives what comes, whole letters across pieces too', async () => {
  const bytes = Buffer.from('dünn')
  expect(await boundedText(Readable.from([bytes.subarray(0, 2), bytes.subarray(2)]), 5, 1_000)).toBe('dünn')
})

it('ends what is larger, and what does not end', async () => {
  async function* endless() {
    for (;;) yield Buffer.alloc(1_000)
  }
  const large = Readable.from(endless())
  await expect(boundedText(large, 10_000, 60_000)).rejects.toMatchObject({ code: 'BAD_GATEWAY' })
  expect(large.destroyed).toBe(true)
  const mute = new PassThrough()
  mute.write('a')
  await expect(boundedText(mute, 10_000, 50)).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(mute.destroyed).toBe(true)
})
