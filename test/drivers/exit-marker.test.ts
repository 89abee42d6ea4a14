import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ExitMarker } from '../../src/drivers/exit-marker.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

it('finds how a program ended, in whatever pieces it is told, and hides it', () => {
  const output = fc.string({
    unit: fc.constantFrom('a', '\n', '\x1b', ']', ';', '7', '\x1b]omega-', '\x1b]omega-1;', '\x07'),
  })
  fc.assert(
    fc.property(output, fc.integer({ min: 0, max: 255 }), fc.array(fc.nat(400)), (text, code, cuts) => {
      const stream = bytes(`${text}\x1b]omega-12;${code}\x07`)
      const marker = new ExitMarker('omega-12')
      let shown = ''
      let exitCode: number | undefined
      let from = 0
      for (const to of [
        ...cuts.filter((cut) => cut < stream.length).sort((one, other) => one - other),
        stream.length,
      ]) {
        const found = marker.push(stream.subarray(from, to))
        shown += Buffer.from(found.output).toString('latin1')
        exitCode ??= found.exitCode
        from = to
      }
      expect([shown, exitCode]).toEqual([text, code])
    }),
  )
})

it('holds nothing back that cannot be it', () => {
  const marker = new ExitMarker('omega-12')
  for (const text of ['$ ', '\x1b[0m', 'a\x1b]0;title\x07', '\x1b]omega-3']) {
    expect(Buffer.from(marker.push(bytes(text)).output).toString('latin1')).toBe(text)
  }
})
