import { type Static, Type } from 'typebox'

/** Files and folders as a tar archive, both ways; PROTOCOL.md, section 6. */
export const TAR_ADDRESS = '/_omega/tar'

/** A trailer of an archive that is sent: a JSON array of the names that were left out of it, percent-encoded. */
export const LEFT_OUT_TRAILER = 'x-omega-left-out'

/** What came of an archive. */
export const UnpackedView = Type.Object({
  files: Type.Integer(),
  folders: Type.Integer(),
  links: Type.Integer(),
  bytes: Type.Integer(),
  leftOut: Type.Array(Type.String(), { description: 'What is no file, folder or link: the first hundred.' }),
})
export type UnpackedView = Static<typeof UnpackedView>

/** As many as fit a trailer. */
export function printLeftOut(names: readonly string[]): string {
  return encodeURIComponent(JSON.stringify(names.slice(0, 20).map((name) => name.slice(0, 100))))
}

export function parseLeftOut(trailer: unknown): string[] {
  try {
    const names: unknown = JSON.parse(decodeURIComponent(String(trailer)))
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : []
  } catch {
    return []
  }
}

/**
 * Where the entries of a copied tree go. Into a folder they keep their names; else the one thing that is copied gets
 * the name it was asked to have. Undefined for what is not of that one thing.
 */
export function destination(path: string, isFolder: boolean): (name: string) => string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  // What is absolute stays so, to be refused where it is used.
  const clean = (path.startsWith('/') ? '/' : '') + parts.join('/')
  if (isFolder) return (name) => (clean === '' || name === '' ? clean + name : `${clean}/${name}`)
  let only: string | undefined
  return (name) => {
    const [top = '', ...rest] = name.split('/')
    only ??= top
    if (top === '' || top !== only) return undefined
    return [clean, ...rest].join('/')
  }
}
