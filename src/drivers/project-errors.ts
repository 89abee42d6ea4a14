import type { Stats } from 'node:fs'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'

/** What a file system refuses, in our terms: each says what was found and what to do. */

/** `found`: what is there instead, if that is known. */
export function notA(kind: 'file' | 'folder', path: string, found?: Kind): OmegaError {
  const what = found ? nounOf(found) : undefined
  const sentence = what === undefined ? `is not a ${kind}` : `is a ${what}, not a ${kind}`
  const advice = what === 'folder' || what === 'file' ? '' : ' Use the terminal for it.'
  return new OmegaError('INVALID_REQUEST', `${quote(path)} ${sentence}.${advice}`)
}

type Kind = Pick<Stats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket' | 'isSymbolicLink'>

function nounOf(found: Kind): string {
  if (found.isFile()) return 'file'
  if (found.isDirectory()) return 'folder'
  if (found.isSymbolicLink()) return 'link'
  if (found.isFIFO()) return 'pipe'
  return found.isSocket() ? 'socket' : 'device'
}

export function exists(path: string): OmegaError {
  return new OmegaError('FILE_EXISTS', `There is already something at ${quote(path)}. Choose another name.`)
}

export function diskFull(): OmegaError {
  return new OmegaError('TOO_LARGE', 'The disk of the sandbox is full. Remove something, or empty the trash.')
}

/** For `catch`: throws what a system call's failure at `path` means. */
export function explain(path: string): (error: unknown) => never {
  return (error) => {
    throw explained(error, path)
  }
}

export function explained(error: unknown, path: string): OmegaError {
  if (error instanceof OmegaError) return error
  const { code } = error as NodeJS.ErrnoException
  const shown = quote(path)
  switch (code) {
    case 'ENOENT':
      return new OmegaError('FILE_NOT_FOUND', `There is no ${shown}.`)
    case 'EEXIST':
      return exists(path)
    case 'ENOTDIR':
      return new OmegaError('INVALID_REQUEST', `A part of ${shown} is not a folder.`)
    case 'EISDIR':
      return new OmegaError('INVALID_REQUEST', `${shown} is a folder, not a file.`)
    case 'ENXIO':
      return new OmegaError('INVALID_REQUEST', `${shown} is a socket or a device, not a file. Use the terminal for it.`)
    case 'ELOOP':
      return new OmegaError('FORBIDDEN', `${shown} is a link that leads round in circles. Remove it, or mend it.`)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new OmegaError('FORBIDDEN', `The file system does not allow this for ${shown} (${code}).`)
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull()
  }
  return new OmegaError('INVALID_REQUEST', `The file system refuses ${shown} (${code ?? String(error)}).`)
}
