import { OmegaError } from '../core/errors.ts'

/**
 * All that somebody answers, who may be anybody: at most so many bytes (UTF-8), all of them within this time. Rejects with
 * BAD_GATEWAY or TIMEOUT.
 */
export async function boundedText(
  answer: NodeJS.ReadableStream | ReadableStream<Uint8Array>,
  maxBytes: number,
  withinMs: number,
): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new OmegaError('TIMEOUT', `The answer was not complete within ${withinMs / 1000} s.`)
    timer = setTimeout(() => reject(error), withinMs)
  })
  const iterator = (answer as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), late])
      if (done) return Buffer.concat(parts).toString('utf8')
      const part = Buffer.from(value)
      size += part.length
      if (size > maxBytes) throw new OmegaError('BAD_GATEWAY', `The answer has more than ${maxBytes} bytes.`)
      parts.push(part)
    }
  } finally {
    clearTimeout(timer)
    late.catch(() => undefined)
    // Not waited for: one that says nothing any more does not end either.
    void Promise.resolve(iterator.return?.()).catch(() => undefined)
    if ('destroy' in answer) (answer as unknown as { destroy(): void }).destroy()
  }
}
