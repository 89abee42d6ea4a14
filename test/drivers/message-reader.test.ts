import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageReader } from '../../src/drivers/message-reader.ts'

function reader(max = 1_000) {
  const messages: object[] = []
  return { messages, reader: new MessageReader(max, (message) => messages.push(message)) }
}

function encode(message: object, head = ''): Buffer {
  const body = Buffer.from(JSON.stringify(message))
  return Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body])
}

describe('messages of the base protocol', () => {
  it('come whole, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.string())),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (sent, cuts) => {
          const { messages, reader: it } = reader(100_000)
          let rest = Buffer.concat(sent.map((message) => encode(message)))
          for (const cut of [...cuts, rest.length]) {
            expect(it.push(rest.subarray(0, cut))).toBeUndefined()
            rest = rest.subarray(cut)
          }
          expect(JSON.stringify(messages)).toBe(JSON.stringify(sent))
        },
      ),
    )
  })

  it('may have other heads, in any case', () => {
    const { messages, reader: it } = reader()
    const other = 'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n'
    expect(it.push(encode({ a: 1 }, other))).toBeUndefined()
    expect(it.push(Buffer.from('content-length: 2\r\n\r\n{}'))).toBeUndefined()
    expect(messages).toEqual([{ a: 1 }, {}])
  })

  it('that are none are told, in whatever way they are wrong', () => {
    const wrong = [
      'Content-Length: 2\r\n\r\n[]',
      'Content-Length: 2\r\n\r\n{{',
      'Content-Length: 1001\r\n\r\n',
      'Content-Length: -4\r\n\r\n{}',
      'Content-Length: 99999999999999999999\r\n\r\n',
      'Length: 3\r\n\r\n',
      'x'.repeat(5_000),
    ]
    for (const text of wrong) expect([text, reader().reader.push(Buffer.from(text))]).not.toEqual([text, undefined])
  })

  it('of nonsense never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const { reader: it } = reader()
        for (const chunk of chunks) if (it.push(Buffer.from(chunk)) !== undefined) return
      }),
    )
  })
})
