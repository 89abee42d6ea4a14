import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { describe, expect, it } from 'vitest'
import {
  type DocumentMessage,
  decodeDocumentMessage,
  encodeDocumentMessage,
} from '../../../src/core/wire/document-message.ts'

const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 16_380, maxLength: 16_390 }))
const message: fc.Arbitrary<DocumentMessage> = fc.oneof(
  bytes.map((vector) => ({ kind: 'step1' as const, vector })),
  fc.record({ kind: fc.constantFrom('step2', 'update', 'awareness'), update: bytes }),
)

/** As y-protocols writes it. */
function reference(sent: DocumentMessage): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, sent.kind === 'awareness' ? 1 : 0)
  if (sent.kind !== 'awareness') encoding.writeVarUint(encoder, { step1: 0, step2: 1, update: 2 }[sent.kind])
  encoding.writeVarUint8Array(encoder, sent.kind === 'step1' ? sent.vector : sent.update)
  return encoding.toUint8Array(encoder)
}

describe('messages of a document', () => {
  it('are those of y-protocols, and come back as they went', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const encoded = encodeDocumentMessage(sent)
        expect(encoded).toEqual(reference(sent))
        expect(decodeDocumentMessage(encoded)).toEqual(sent)
      }),
    )
  })

  it('are never made of garbage, and garbage throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (garbage) => {
        const decoded = decodeDocumentMessage(garbage)
        if (decoded) expect(decodeDocumentMessage(encodeDocumentMessage(decoded))).toEqual(decoded)
      }),
    )
    for (const wrong of [[], [0], [0, 3, 0], [2, 0], [1, 5, 1], [1, 0, 0], [1, 255, 255, 255, 255, 255]]) {
      expect(decodeDocumentMessage(Uint8Array.from(wrong))).toBeUndefined()
    }
  })
})
