import { type Static, Type } from 'typebox'

/** A whole sandbox as a gzipped tar archive: `omega-sandbox.json` first, then its files below `project/`. */
export const EXPORT_ADDRESS = '/_omega/export'
export const IMPORT_ADDRESS = '/_omega/import'

export const EXPORT_MANIFEST = 'omega-sandbox.json'
export const EXPORT_FOLDER = 'project'

export const ExportManifest = Type.Object({
  format: Type.Literal(1),
  name: Type.String(),
  template: Type.String(),
  env: Type.Record(Type.String(), Type.String()),
})
export type ExportManifest = Static<typeof ExportManifest>
