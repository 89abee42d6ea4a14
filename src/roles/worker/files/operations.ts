import type { FilesResults } from '../../../core/wire/operations/files.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'
import { moveToTrash, removeForGood, restoreFromTrash } from './deletion.ts'
import { FolderWatches } from './folder-watches.ts'
import { LongWorks } from './long-work.ts'

export const filesOperations: Handlers<keyof FilesResults> = {
  'files.list': reads(({ path }, { services }) => services.files.list(path)),
  'files.look': reads(({ path, names }, { services }) => services.files.look(path, names)),
  'files.ignored': reads(async ({ path }, { services }) => {
    const [folder, { entries }] = await Promise.all([services.files.folder(path), services.files.list(path)])
    const names = entries.map(({ name }) => name)
    return { names: await services.ignoreRules.ignored(folder, names) }
  }),
  'files.read': reads(({ path }, { services }) => services.files.read(path)),
  'files.write': changes(({ path, text, base }, { services }) => services.files.write(path, text, base)),
  'files.makeDirectory': changes(async ({ path, parents }, { services }) => {
    await services.files.makeDirectory(path, parents)
    return {}
  }),
  'files.rename': changes(async ({ from, to, task }, { services, page }) => {
    await page
      .belonging(LongWorks)
      .run(task, (work) => services.documents.rename(from, to, () => services.files.rename(from, to, work)))
    services.tellAll('files.renamed', { from, to })
    return {}
  }),
  'files.copy': changes(async ({ from, to, task }, { services, page }) => {
    for (const document of await services.documents.below(from)) await document.save().catch(() => undefined)
    await page.belonging(LongWorks).run(task, (work) => services.files.copy(from, to, work))
    return {}
  }),
  'files.remove': changes(async ({ path }, { services }) => {
    await removeForGood(services, path)
    return {}
  }),
  'files.trash': changes(({ path, task }, { services, page }) =>
    page.belonging(LongWorks).run(task, (work) => moveToTrash(services, path, work)),
  ),
  'files.restore': changes(async ({ id, to, task }, { services, page }) => {
    return { path: await page.belonging(LongWorks).run(task, (work) => restoreFromTrash(services, id, to, work)) }
  }),
  'files.trashed': reads(async (_, { services }) => ({ items: await services.trash.list() })),
  'files.emptyTrash': changes(async ({ id }, { services }) => {
    await services.trash.empty(id)
    return {}
  }),
  'files.cancel': changes(({ task }, { page }) => {
    page.belonging(LongWorks).cancel(task)
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
