const ESCAPE = 0x1b
/** A sequence longer than this is an image or a mistake; what is left of it is swallowed. */
const MAX_BYTES = 1024 * 1024
/** Begins a string that ends where the long one does, and means nothing. */
const STRING = Uint8Array.of(ESCAPE, 0x50)

/**
 * Follows the end of a terminal's output: the bytes that have come of a sequence or a character whose rest has not. A
 * terminal that joins in needs them before what comes next.
 */
export class UnfinishedOutput {
  #bytes: Uint8Array = new Uint8Array()

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** `inSequence`: the parser stands inside of an escape sequence behind the chunk. */
  push(chunk: Uint8Array, inSequence: boolean): void {
    const start = inSequence ? startOfSequence(chunk) : undefined
    if (start !== undefined) this.#bytes = withoutControls(chunk.subarray(start))
    else if (inSequence) this.#bytes = withoutControls(joined(this.#bytes, chunk))
    else this.#bytes = unfinishedCharacter(joined(this.#bytes.subarray(-3), chunk.subarray(-3)))
    if (this.#bytes.length > MAX_BYTES) this.#bytes = STRING
  }
}

/** Every escape begins anew, so it is the last one; so do the C1 controls DCS, SOS, CSI, OSC, PM and APC. */
function startOfSequence(bytes: Uint8Array): number | undefined {
  for (let at = bytes.length - 1; at >= 0; at--) {
    if (bytes[at] === ESCAPE) return at
    if (bytes[at] === 0xc2 && [0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f].includes(bytes[at + 1] ?? 0)) return at
  }
  return undefined
}

/** Inside of a sequence they have had their effect already. */
function withoutControls(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte) => byte >= 0x20 || byte === ESCAPE)
}

function unfinishedCharacter(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
    return length > back && byte < 0xf5 ? bytes.slice(-back) : new Uint8Array()
  }
  return new Uint8Array()
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}
