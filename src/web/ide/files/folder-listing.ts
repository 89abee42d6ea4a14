import type { Entry } from '../../../core/wire/operations/files.ts'

/** What the tree shows of a folder. Values: every function gives a new one. */
export interface FolderListing {
  /** In the order they are shown in: folders first, then names as people order them. */
  readonly entries: readonly Entry[]
  /** There are more than the worker tells of. */
  readonly truncated: boolean
}

/** One for all: making a collator for each comparison would take longer than everything else. */
const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

export function isFolder({ kind, target }: Entry): boolean {
  return kind === 'directory' || target === 'directory'
}

/** As it came from the worker. git's own folder is not for browsing. */
export function listingOf(entries: readonly Entry[], truncated: boolean): FolderListing {
  return { entries: entries.filter(({ name }) => name !== '.git').sort(compare), truncated }
}

/** With what a look at these names has found: those found are there, the others are not. */
export function patched(listing: FolderListing, changed: readonly string[], found: readonly Entry[]): FolderListing {
  const looked = new Set(changed)
  const kept = listing.entries.filter(({ name }) => !looked.has(name))
  const come = listingOf(found, false).entries
  const entries: Entry[] = []
  let next = 0
  for (const entry of kept) {
    for (let other = come[next]; other && compare(other, entry) < 0; other = come[++next]) entries.push(other)
    entries.push(entry)
  }
  entries.push(...come.slice(next))
  return { entries, truncated: listing.truncated }
}

function compare(a: Entry, b: Entry): number {
  const folders = Number(isFolder(b)) - Number(isFolder(a))
  // Names that people read the same are told apart, so that the order is always the same one.
  return folders || names.compare(a.name, b.name) || (a.name < b.name ? -1 : Number(a.name > b.name))
}
