import { Store } from '../../shared/store.ts'
import { extensionOf } from '../files/paths.ts'

export type BesideKind = 'markdown' | 'drawing'

/** What can be shown of a document beside its text, as it is typed; undefined for most. */
export function besideKind(path: string): BesideKind | undefined {
  const extension = extensionOf(path)
  if (extension === 'md' || extension === 'markdown') return 'markdown'
  return extension === 'svg' ? 'drawing' : undefined
}

/** Whether documents that can are shown beside their text. */
export const besideShown = new Store(false)
