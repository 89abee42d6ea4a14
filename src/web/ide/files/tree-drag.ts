import { useRef, useState } from 'react'
import { useWorkspace } from '../workspace-context.ts'
import { droppedItems } from './dropped-items.ts'
import { isWithin, parentOf } from './paths.ts'

/** The type of what is dragged within the page. */
const TYPE = 'application/x-omega-files'
/** A closed folder that is pointed at for this long while something is dragged opens. */
const OPEN_AFTER_MS = 700

/** Drag and drop in the tree: lines move, with Ctrl or Alt they are copied, and files of the desktop are uploaded. */
export function useTreeDrag() {
  const workspace = useWorkspace()
  const { files, tree, notices } = workspace
  /** The folder something would be dropped into; '' is the project's own. */
  const [over, setOver] = useState<string | undefined>()
  const opening = useRef<{ path: string; timer: ReturnType<typeof setTimeout> } | undefined>(undefined)
  const dragged = useRef<readonly string[]>([])

  const openSoon = (path: string | undefined) => {
    if (opening.current?.path === path) return
    clearTimeout(opening.current?.timer)
    opening.current =
      path === undefined ? undefined : { path, timer: setTimeout(() => void tree.expand(path), OPEN_AFTER_MS) }
  }
  const end = () => {
    openSoon(undefined)
    setOver(undefined)
  }
  /** Of a drop on this element. */
  const folderAt = (target: EventTarget): { folder: string; closed?: string } => {
    const line = (target as Element).closest<HTMLElement>('[data-path]')
    const path = line?.dataset.path
    if (line === null || path === undefined) return { folder: '' }
    if (!line.hasAttribute('aria-expanded')) return { folder: parentOf(path) }
    return line.getAttribute('aria-expanded') === 'true' ? { folder: path } : { folder: path, closed: path }
  }
  const isOurs = (transfer: DataTransfer) => transfer.types.includes(TYPE)
  const wanted = (transfer: DataTransfer) =>
    workspace.mayChange && (isOurs(transfer) || transfer.types.includes('Files'))
  const isCopy = (event: React.DragEvent) => event.ctrlKey || event.altKey

  return {
    over,
    ofRow: (path: string) => ({
      draggable: true,
      onDragStart: (event: React.DragEvent) => {
        const { selected } = files
        dragged.current = selected.includes(path) ? selected : [path]
        event.dataTransfer.setData(TYPE, JSON.stringify(dragged.current))
        event.dataTransfer.setData('text/plain', dragged.current.join('\n'))
        event.dataTransfer.effectAllowed = 'copyMove'
      },
      onDragEnd: end,
    }),
    ofTree: {
      onDragOver: (event: React.DragEvent) => {
        if (!wanted(event.dataTransfer)) return
        event.preventDefault()
        const { folder, closed } = folderAt(event.target)
        const intoItself = isOurs(event.dataTransfer) && dragged.current.some((path) => isWithin(folder, path))
        event.dataTransfer.dropEffect = intoItself
          ? 'none'
          : isOurs(event.dataTransfer) && !isCopy(event)
            ? 'move'
            : 'copy'
        setOver(intoItself ? undefined : folder)
        openSoon(closed)
      },
      onDragLeave: (event: React.DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) end()
      },
      onDrop: (event: React.DragEvent) => {
        end()
        if (!wanted(event.dataTransfer)) return
        event.preventDefault()
        const { folder } = folderAt(event.target)
        if (!isOurs(event.dataTransfer)) {
          files.upload(folder, droppedItems(event.dataTransfer))
          return
        }
        const paths = JSON.parse(event.dataTransfer.getData(TYPE)) as string[]
        notices.attempt(isCopy(event) ? files.actions.copy(paths, folder) : files.actions.move(paths, folder))
      },
    },
  }
}
