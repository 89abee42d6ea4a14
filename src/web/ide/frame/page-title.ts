import { nameOf } from '../files/paths.ts'
import { parseViewTab } from '../tabs/tab-view.ts'
import type { Workspace } from '../workspace.ts'

/** What the browser's tab says. */
export interface PageFace {
  title: string
  /** plain: all is well. unsaved: something typed is not in its file for a while. cut: there is no connection. */
  mark: 'plain' | 'unsaved' | 'cut'
}

/** Most is saved within a moment of being typed: only what is not is worth a mark. */
const UNSAVED_AFTER_MS = 2_000

/** What is drawn over the icon, bottom right. */
const dots: Record<PageFace['mark'], string> = {
  plain: '',
  unsaved: '<circle cx="16" cy="16" r="4" fill="#f0a020" stroke="#fff"/>',
  cut: '<circle cx="16" cy="16" r="4" fill="#8a93a3" stroke="#fff"/>',
}

/** The title and icon of the browser's tab follow what is open, unsaved and cut. */
export function addPageTitle(workspace: Workspace): void {
  const { connection, documents, hello, tabs } = workspace
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const plain = icon?.href ?? ''
  let lasting = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const show = () => {
    const { title, mark } = faceOf(workspace, lasting)
    document.title = title
    const href = dots[mark] === '' ? plain : plain.replace('%3C/svg%3E', encodeURIComponent(`${dots[mark]}</svg>`))
    if (icon && icon.href !== href) icon.href = href
  }
  const unsaved = () => {
    clearTimeout(timer)
    lasting &&= documents.unsaved.get() > 0
    if (documents.unsaved.get() > 0) {
      timer = setTimeout(() => {
        lasting = true
        show()
      }, UNSAVED_AFTER_MS)
    }
    show()
  }
  documents.unsaved.subscribe(unsaved)
  for (const store of [connection.state, hello, tabs.state]) store.subscribe(show)
}

export function faceOf(
  { connection, hello, tabs }: Pick<Workspace, 'connection' | 'hello' | 'tabs'>,
  unsaved: boolean,
): PageFace {
  const { name } = connection.state.get()
  const { active } = tabs.state.get()
  const view = active === undefined ? undefined : parseViewTab(active)
  const shown = view ? tabs.views.get(view.view)?.title(view.arg) : active && nameOf(active)
  const title = [shown, hello.get()?.sandbox.name, 'omega'].filter(Boolean).join(' - ')
  return {
    title: unsaved ? `\u25cf ${title}` : title,
    mark: name === 'waiting' || name === 'signed-out' || name === 'ended' ? 'cut' : unsaved ? 'unsaved' : 'plain',
  }
}
