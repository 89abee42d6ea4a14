import type { FilesResults } from '../../../core/wire/operations/files.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'
import { FolderWatches } from './folder-watches.ts'

export const filesOperations: Handlers<keyof FilesResults> = {
  'files.list': reads(({ path }, { services }) => services.files.list(path)),
  'files.read': reads(({ path }, { services }) => services.files.read(path)),
  'files.write': changes(({ path, text, base }, { services }) => services.files.write(path, text, base)),
  'files.makeDirectory': changes(async ({ path }, { services }) => {
    await services.files.makeDirectory(path)
    return {}
  }),
  'files.rename': changes(async ({ from, to }, { services }) => {
    await services.documents.rename(from, to, () => services.files.rename(from, to))
    services.tellAll('files.renamed', { from, to })
    return {}
  }),
  'files.remove': changes(async ({ path }, { services }) => {
    await services.files.remove(path)
    return {}
  }),
  'files.watch': reads(async ({ path }, { services, page }) => {
    await page.belonging(FolderWatches).add(path, services.files)
    return {}
  }),
  'files.unwatch': reads(({ path }, { page }) => {
    page.belonging(FolderWatches).remove(path)
    return {}
  }),
}
