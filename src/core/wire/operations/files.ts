import { Type } from 'typebox'
import { type Done, path, strict } from './fields.ts'

export const filesParams = {
  /** In no order. A folder of more than 20,000 entries gives that many and `truncated`. */
  'files.list': Type.Object({ path }, strict),
  /** `version` stands for the bytes read, for `files.write`. Files over 5 MiB or not UTF-8 are refused. */
  'files.read': Type.Object({ path }, strict),
  /** Refused with CONFLICT when the file is not at `base` any more; without `base` it must not exist. */
  'files.write': Type.Object(
    { path, text: Type.String(), base: Type.Optional(Type.String({ maxLength: 100 })) },
    strict,
  ),
  'files.makeDirectory': Type.Object({ path }, strict),
  'files.rename': Type.Object({ from: path, to: path }, strict),
  'files.remove': Type.Object({ path }, strict),
  /** Begins to send `files.changed` for this folder (not below it); several may be watched. */
  'files.watch': Type.Object({ path }, strict),
  'files.unwatch': Type.Object({ path }, strict),
}

export interface Entry {
  name: string
  kind: 'file' | 'directory' | 'link' | 'other'
  /** Bytes. */
  size: number
}

export interface FilesResults {
  'files.list': { entries: Entry[]; truncated?: true }
  'files.read': { text: string; version: string }
  'files.write': { version: string }
  'files.makeDirectory': Done
  'files.rename': Done
  'files.remove': Done
  'files.watch': Done
  'files.unwatch': Done
}

export interface FilesEvents {
  /** Something in a watched folder; no names: list it again. */
  'files.changed': { directory: string; names: string[] }
  /** A page gave a file or folder another name: all that is below it moved along. */
  'files.renamed': { from: string; to: string }
}
