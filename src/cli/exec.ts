import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { OmegaError } from '../core/errors.ts'
import type { ExecLine, ExecRequest } from '../core/wire/http.ts'
import type { Client } from './client.ts'
import { printable, say } from './output.ts'

/** What shells give for a command that does not exist. */
const NOT_STARTED = 127

/** Runs a command in a sandbox, passes its output on and gives its exit code (128 + n after signal n, as shells do). */
export async function runInside(client: Client, path: string, request: ExecRequest): Promise<number> {
  const response = await client.send(path, { body: request })
  if (!response.body) throw new OmegaError('BAD_GATEWAY', 'The master gave an empty answer.')
  const lines = createInterface({
    input: Readable.fromWeb(response.body as never),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  try {
    return await follow(lines)
  } catch (error) {
    if (error instanceof OmegaError) throw error
    throw endedEarly()
  }
}

async function follow(lines: AsyncIterable<string>): Promise<number> {
  for await (const text of lines) {
    if (text === '') continue
    const line = JSON.parse(text) as ExecLine
    if ('stream' in line) process[line.stream].write(Buffer.from(line.data, 'base64'))
    else if ('error' in line) {
      say(`omega: ${printable(line.error)}`)
      return NOT_STARTED
    } else return line.exit
  }
  throw endedEarly()
}

function endedEarly(): OmegaError {
  return new OmegaError('BAD_GATEWAY', 'The connection to the sandbox ended before the command did.')
}
