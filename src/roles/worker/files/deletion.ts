import type { TrashedItem } from '../../../core/wire/operations/files.ts'
import type { LongWork } from '../../../drivers/tree-walk.ts'
import type { Services } from '../services.ts'

/** Puts a file or folder into the trash. What is typed in its documents is in the files by then; who has them open is told. */
export async function moveToTrash(services: Services, path: string, work: LongWork): Promise<TrashedItem> {
  return asideOf(services, path, () => services.trash.put(path, work))
}

/** For good. */
export async function removeForGood(services: Services, path: string): Promise<void> {
  await asideOf(services, path, () => services.files.remove(path))
}

/** Documents that were open when their file was deleted, and still are, go on. */
export async function restoreFromTrash(
  services: Services,
  id: string,
  to: string | undefined,
  work: LongWork,
): Promise<string> {
  const path = await services.trash.restore(id, to, work)
  for (const document of await services.documents.below(path)) void document.fileChanged()
  return path
}

/** Does something to files while their documents leave them alone, and has them look at what has become of them. */
async function asideOf<T>({ documents }: Services, path: string, work: () => Promise<T>): Promise<T> {
  const open = await documents.below(path)
  let result: T | undefined
  const run = async () => {
    result = await work()
  }
  try {
    await open.reduce<() => Promise<void>>((inner, document) => () => document.aside(inner), run)()
    return result as T
  } finally {
    for (const document of open) void document.fileChanged()
  }
}
