/**
 * What a document's channel carries: messages of y-protocols, byte for byte. A varint says which protocol, then comes
 * for `sync` a varint for the step, and for both a byte string: its length as a varint and the bytes.
 */
export type DocumentMessage =
  | { kind: 'step1'; vector: Uint8Array }
  | { kind: 'step2' | 'update'; update: Uint8Array }
  | { kind: 'awareness'; update: Uint8Array }

const SYNC = 0
const AWARENESS = 1
const steps = ['step1', 'step2', 'update'] as const

export function encodeDocumentMessage(message: DocumentMessage): Uint8Array {
  const payload = message.kind === 'step1' ? message.vector : message.update
  const head = message.kind === 'awareness' ? [AWARENESS] : [SYNC, steps.indexOf(message.kind)]
  let length = payload.length
  while (length > 0x7f) {
    head.push((length & 0x7f) | 0x80)
    length = Math.floor(length / 128)
  }
  head.push(length)
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head)
  bytes.set(payload, head.length)
  return bytes
}

/** Total: anything that is no message gives undefined. The payload is a view of `bytes`. */
export function decodeDocumentMessage(bytes: Uint8Array): DocumentMessage | undefined {
  const step = bytes[0] === SYNC ? steps[bytes[1] ?? -1] : undefined
  const payload = byteString(bytes, step === undefined ? 1 : 2)
  if (payload === undefined) return undefined
  if (bytes[0] === AWARENESS) return { kind: 'awareness', update: payload }
  if (step === 'step1') return { kind: step, vector: payload }
  return step && { kind: step, update: payload }
}

/** The byte string that goes from `at` to the end. */
function byteString(bytes: Uint8Array, at: number): Uint8Array | undefined {
  let length = 0
  for (let index = at, scale = 1; index < Math.min(bytes.length, at + 5); index++, scale *= 128) {
    const byte = bytes[index] ?? 0
    length += (byte & 0x7f) * scale
    if (byte < 0x80) return length === bytes.length - index - 1 ? bytes.subarray(index + 1) : undefined
  }
  return undefined
}
