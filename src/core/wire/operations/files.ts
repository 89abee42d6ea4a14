import { Type } from 'typebox'
import { type Done, path, strict } from './fields.ts'

/** Named by a page for work that may take long: `files.progress` tells of it, `files.cancel` ends it. */
const task = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }))
const trashId = Type.String({ pattern: '^[a-z0-9]{1,13}-[A-Za-z0-9_-]{1,24}$' })

export const filesParams = {
  /** In no order. A folder of more than 50,000 entries gives that many and `truncated`. */
  'files.list': Type.Object({ path }, strict),
  /** Sizes and times of those of the names that are in the folder. */
  'files.look': Type.Object({ path, names: Type.Array(Type.String({ maxLength: 255 }), { maxItems: 1000 }) }, strict),
  /** Which entries of a folder git would ignore. */
  'files.ignored': Type.Object({ path }, strict),
  /** `version` stands for the bytes read, for `files.write`. Files over 5 MiB or not UTF-8 are refused. */
  'files.read': Type.Object({ path }, strict),
  /** Refused with CONFLICT when the file is not at `base` any more; without `base` it must not exist. */
  'files.write': Type.Object(
    { path, text: Type.String(), base: Type.Optional(Type.String({ maxLength: 100 })) },
    strict,
  ),
  /** With `parents` those above it are made as well, and it may be there already. */
  'files.makeDirectory': Type.Object({ path, parents: Type.Optional(Type.Boolean()) }, strict),
  'files.rename': Type.Object({ from: path, to: path, task }, strict),
  /** A file, or a folder with all in it. Links are copied as links. */
  'files.copy': Type.Object({ from: path, to: path, task }, strict),
  /** For good. */
  'files.remove': Type.Object({ path }, strict),
  /** Into the trash. What is too large for it is refused with TOO_LARGE and stays. */
  'files.trash': Type.Object({ path, task }, strict),
  /** Out of the trash, to where it was or to another place that must be free. */
  'files.restore': Type.Object({ id: trashId, to: Type.Optional(path), task }, strict),
  'files.trashed': Type.Object({}, strict),
  /** Removes one thing in the trash for good, or all of them. */
  'files.emptyTrash': Type.Object({ id: Type.Optional(trashId) }, strict),
  /** Ends the work of that name, which then fails and leaves everything as it was. */
  'files.cancel': Type.Object({ task: Type.String({ minLength: 1, maxLength: 64 }) }, strict),
  /** Begins to send `files.changed` for this folder (not below it); several may be watched. */
  'files.watch': Type.Object({ path }, strict),
  'files.unwatch': Type.Object({ path }, strict),
}

export interface Entry {
  name: string
  kind: 'file' | 'directory' | 'link' | 'other'
  /** What a link leads to, when that is in the project. */
  target?: 'file' | 'directory'
}

/** An entry that was looked at. */
export interface KnownEntry extends Entry {
  /** Bytes. */
  size: number
  /** Milliseconds since 1970. */
  modified: number
}

export interface TrashedItem {
  id: string
  /** Where it was. */
  path: string
  kind: Entry['kind']
  /** Bytes on the disk, with all that is in it. */
  bytes: number
  /** Milliseconds since 1970. */
  at: number
}

export interface FilesResults {
  'files.list': { entries: Entry[]; truncated?: true }
  /** `free`: bytes that the disk has left. */
  'files.look': { entries: KnownEntry[]; free: number }
  'files.ignored': { names: string[] }
  'files.read': { text: string; version: string }
  'files.write': { version: string }
  'files.makeDirectory': Done
  'files.rename': Done
  'files.copy': Done
  'files.remove': Done
  'files.trash': TrashedItem
  'files.restore': { path: string }
  'files.trashed': { items: TrashedItem[] }
  'files.emptyTrash': Done
  'files.cancel': Done
  'files.watch': Done
  'files.unwatch': Done
}

export interface FilesEvents {
  /** Something in a watched folder; no names: list it again. */
  'files.changed': { directory: string; names: string[] }
  /** A page gave a file or folder another name: all that is below it moved along. */
  'files.renamed': { from: string; to: string }
  /** Of work with a name, to the page that asked for it. `total` is known from the start or not at all. */
  'files.progress': { task: string; files: number; total?: number }
}
