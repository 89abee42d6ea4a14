import { type ReactNode, useEffect, useRef, useState } from 'react'
import { printable } from '../../../core/printable.ts'
import { Icon } from '../../shared/icons.tsx'
import { Menu, type MenuPlace } from '../../shared/menu.tsx'
import { useStore } from '../../shared/use-store.ts'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf, shownName } from '../files/paths.ts'
import { InFile } from '../people/in-file.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { tabMenu } from './feature.ts'
import { dropAtEnd, useTabDrag } from './tab-drag.ts'
import { parseViewTab } from './tab-view.ts'

/** What of a tab is seen. */
interface Face {
  name: string
  mark: ReactNode
  detail: string
  /** Tells it from another of the same name. */
  where?: string
  dirty: boolean
}

/** The open files and views. */
export function TabBar() {
  const { tabs } = useWorkspace()
  const { open } = useStore(tabs.state)
  return (
    <div className="tabbar" role="tablist" aria-label="Open files" {...dropAtEnd(tabs)}>
      {open.map((tab) => (
        <Tab key={tab} tab={tab} />
      ))}
    </div>
  )
}

function Tab({ tab }: { tab: string }) {
  const workspace = useWorkspace()
  const { tabs } = workspace
  const { active } = useStore(tabs.state)
  const [menu, setMenu] = useState<MenuPlace | undefined>()
  const { mark: dropMark, handlers } = useTabDrag(tabs, tab)
  const element = useRef<HTMLDivElement>(null)
  const { name, mark, detail, where, dirty } = useFace(tab)
  const isActive = tab === active
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [isActive])
  const show = useShow(tab)
  const close = () => void tabs.close(tab)
  return (
    <>
      <div
        ref={element}
        className="tab"
        role="tab"
        aria-selected={isActive}
        aria-label={dirty ? `${name}, not saved` : name}
        aria-keyshortcuts="Delete"
        data-tab={tab.replace('\0', 'view ')}
        data-dirty={dirty ? '' : undefined}
        title={detail}
        tabIndex={isActive ? 0 : -1}
        data-drop={dropMark}
        {...handlers}
        onClick={show}
        // Else the middle button begins to scroll.
        onMouseDown={(event) => event.button === 1 && event.preventDefault()}
        onContextMenu={(event) => {
          event.preventDefault()
          setMenu({ x: event.clientX, y: event.clientY })
        }}
        onAuxClick={(event) => event.button === 1 && close()}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === ' ') show()
          else if (event.key === 'ArrowRight') tabs.step(1)
          else if (event.key === 'ArrowLeft') tabs.step(-1)
          else if (event.key === 'Delete') close()
          else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
            event.preventDefault()
            const { left, bottom } = event.currentTarget.getBoundingClientRect()
            setMenu({ x: left, y: bottom })
          }
        }}
      >
        {mark}
        <span className="label">{name}</span>
        {where !== undefined && <span className="where">{where}</span>}
        {!parseViewTab(tab) && <InFile path={tab} />}
        {/* For the mouse: a tab holds no control of its own, and the Delete key does the same. */}
        <span
          className="tool"
          aria-hidden="true"
          title={`Close ${name}`}
          onClick={(event) => {
            event.stopPropagation()
            close()
          }}
        >
          <Icon name="close" size={12} />
        </span>
      </div>
      {menu && (
        <Menu
          label={`What to do with ${name}`}
          items={tabMenu(workspace, tab)}
          at={menu}
          onClose={() => setMenu(undefined)}
        />
      )}
    </>
  )
}

function useShow(tab: string): () => void {
  const workspace = useWorkspace()
  return () => (parseViewTab(tab) ? workspace.tabs.open(tab) : workspace.openFile(tab))
}

function useFace(tab: string): Face {
  const { documents, tabs } = useWorkspace()
  // An unshown tab's document is loaded when it is shown: only then can it be dirty.
  useStore(documents.unsaved)
  const views = useStore(tabs.views.list)
  const parsed = parseViewTab(tab)
  if (parsed) {
    const view = views.find(({ id }) => id === parsed.view)
    const name = view?.title(parsed.arg) ?? parsed.view
    const mark = <Icon name={view?.icon ?? 'file'} size={14} />
    return { name, mark, detail: view?.detail?.(parsed.arg) ?? name, dirty: false }
  }
  const name = nameOf(tab)
  const hasTwin = tabs.files.some((other) => other !== tab && nameOf(other) === name)
  return {
    name: printable(name),
    mark: <FileMark path={tab} />,
    detail: printable(tab),
    dirty: documents.isDirty(tab),
    ...(hasTwin ? { where: shownName(parentOf(tab)) || '.' } : {}),
  }
}
