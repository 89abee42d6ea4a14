import { printable } from '../../../core/printable.ts'

/** Paths of the wire: relative to the project's folder, `/` between names, '' for the folder itself. */
export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** To be read: a name may hold line ends, escape codes and marks that turn it around. */
export function shownName(path: string): string {
  return printable(nameOf(path))
}

/** Lower case, without the dot; '' for none. */
export function extensionOf(path: string): string {
  const name = nameOf(path)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** Whether `path` is `directory` or lies below it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`)
}

/** Why a file cannot be called so, or undefined when it can. */
export function refuseName(name: string): string | undefined {
  if (name.trim() === '') return 'Type a name.'
  if (name.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'A name has no empty parts, and neither . nor .. in it.'
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'A name has no control characters.'
  return name.length > 255 ? 'A name has at most 255 characters.' : undefined
}
