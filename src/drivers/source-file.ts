import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'

const MAX_SOURCE_BYTES = 8 * 1024 * 1024

/** The text of a file anywhere, by its URI, to be looked at. */
export async function readSource(uri: string): Promise<string> {
  const { O_RDONLY, O_NONBLOCK } = constants
  try {
    const file = await open(fileURLToPath(uri), O_RDONLY | O_NONBLOCK)
    try {
      const found = await file.stat()
      if (!found.isFile()) throw new OmegaError('INVALID_REQUEST', `${quote(uri)} is not a file.`)
      if (found.size > MAX_SOURCE_BYTES) throw new OmegaError('TOO_LARGE', `${quote(uri)} has ${found.size} bytes.`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof OmegaError) throw error
    throw new OmegaError('FILE_NOT_FOUND', `${quote(uri)} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}
