import { ARCHIVE_ADDRESS, FILE_ADDRESS } from '../../../core/wire/media.ts'

/** Where a file's bytes are had, on our own host. */
export function fileAddress(path: string): string {
  return `${FILE_ADDRESS}?${new URLSearchParams({ path })}`
}

/** Where the browser gets files to keep: one as it is, several and folders as a zip. */
export function downloadAddress(paths: readonly string[], isFile: boolean, withoutIgnored = false): string {
  const [only = ''] = paths
  if (paths.length === 1 && isFile) return `${fileAddress(only)}&download=1`
  const query = new URLSearchParams(paths.map((path) => ['path', path]))
  if (withoutIgnored) query.set('without', 'ignored')
  return `${ARCHIVE_ADDRESS}?${query}`
}

/** Has the browser download it; it shows the progress, and what goes wrong, by itself. */
export function download(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
