import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'

/** What a file system refuses, in our terms: each says what was found and what to do. */

export function notA(kind: 'file' | 'folder', path: string): OmegaError {
  return new OmegaError('INVALID_REQUEST', `${quote(path)} is not a ${kind}.`)
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
    case 'ENXIO':
      return notA('file', path)
    case 'ELOOP':
      return new OmegaError('FORBIDDEN', `${shown} is a link that is not followed here.`)
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
