import { type DragEvent, type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import { Icon } from '../../shared/icons.tsx'
import { Menu, type MenuPlace } from '../../shared/menu.tsx'
import { rove } from '../../shared/roving.ts'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { tabMenu } from './terminal-menu.ts'
import { detailsOf, titleOf } from './terminal-title.ts'

const DRAGGED = 'application/x-omega-terminal'

/** The tabs of the terminals; those that are shown side by side belong together. */
export function TerminalTabs() {
  const { terminals } = useWorkspace()
  const { list, groups, active } = useStore(terminals.state)
  const renaming = useStore(terminals.renaming)
  return (
    <div
      className="tabbar terminal-tabs"
      role="tablist"
      aria-label="Terminals"
      onKeyDown={(event) => event.target instanceof HTMLInputElement || rove(event, '[role=tab]')}
    >
      {groups.map((group) => (
        <div key={group[0]} className="tab-group" role="presentation" data-split={group.length > 1 ? '' : undefined}>
          {group.map((terminal) => {
            const info = list.find((one) => one.terminal === terminal)
            return (
              info && (
                <TerminalTab
                  key={terminal}
                  info={info}
                  active={terminal === active}
                  shown={active !== undefined && group.includes(active)}
                  renaming={renaming === terminal}
                />
              )
            )
          })}
        </div>
      ))}
    </div>
  )
}

interface TabProps {
  info: TerminalInfo
  active: boolean
  /** Its group is in sight. */
  shown: boolean
  renaming: boolean
}

function TerminalTab({ info, active, shown, renaming }: TabProps) {
  const workspace = useWorkspace()
  const { terminals } = workspace
  const rang = useStore(terminals.rang).has(info.terminal)
  const [menu, setMenu] = useState<MenuPlace>()
  const closeMenu = useCallback(() => setMenu(undefined), [])
  const tab = useRef<HTMLDivElement>(null)
  const isApp = info.kind === 'app'
  const title = titleOf(info)
  const exited = info.exitCode !== undefined
  const close = () => workspace.attempt(terminals.close(info.terminal))
  const select = () => terminals.select(info.terminal)
  const rename = () => terminals.renaming.set(info.terminal)
  const end = () => {
    terminals.renaming.set(undefined)
    tab.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    if (event.key === 'Enter' || event.key === ' ') select()
    else if (event.key === 'F2') rename()
    else if (event.key === 'Delete' && !isApp) close()
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const { left, bottom } = event.currentTarget.getBoundingClientRect()
      setMenu({ x: left, y: bottom })
    } else return
    event.preventDefault()
  }
  useEffect(() => {
    if (active) tab.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [active])
  return (
    <div
      ref={tab}
      className={exited ? 'tab exited' : 'tab'}
      role="tab"
      aria-selected={active}
      aria-label={`${title}${exited ? `, ended with ${info.exitCode}` : ''}${rang ? ', wants attention' : ''}`}
      title={detailsOf(info)}
      data-kind={info.kind}
      data-shown={shown ? '' : undefined}
      tabIndex={active ? 0 : -1}
      aria-keyshortcuts={isApp ? undefined : 'Delete'}
      draggable={!renaming}
      onClick={select}
      onDoubleClick={rename}
      onAuxClick={(event) => event.button === 1 && !isApp && close()}
      onKeyDown={press}
      onContextMenu={(event) => {
        event.preventDefault()
        setMenu({ x: event.clientX, y: event.clientY })
      }}
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, info.terminal)}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && event.preventDefault()}
      onDrop={(event: DragEvent) => {
        const dragged = event.dataTransfer.getData(DRAGGED)
        if (dragged !== '') terminals.move(dragged, info.terminal)
      }}
    >
      <Icon name={rang ? 'bell' : isApp ? 'restart' : 'terminal'} size={13} />
      {renaming ? (
        <NameField
          title={title}
          name={info.name ?? ''}
          onEnd={end}
          onName={(name) => workspace.attempt(terminals.rename(info.terminal, name))}
        />
      ) : (
        <span className="label">{title}</span>
      )}
      {/* For the mouse: a tab holds no control of its own; the menu and the Delete key do the same. */}
      <span
        className="tool"
        aria-hidden="true"
        title={isApp ? 'Restart the app' : `Close ${title}`}
        onClick={(event) => {
          event.stopPropagation()
          if (isApp) workspace.attempt(terminals.restartApp())
          else close()
        }}
      >
        <Icon name={isApp ? 'refresh' : 'close'} size={12} />
      </span>
      {menu && (
        <Menu label={`Terminal ${title}`} items={tabMenu(workspace, info, rename)} at={menu} onClose={closeMenu} />
      )}
    </div>
  )
}

interface NameFieldProps {
  title: string
  name: string
  onName: (name: string) => void
  onEnd: () => void
}

/** Enter takes the name, an empty one gives the tab its own back; Escape changes nothing. */
function NameField({ title, name, onName, onEnd }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  const ended = useRef(false)
  const [text, setText] = useState(name)
  useEffect(() => field.current?.select(), [])
  const finish = (takes: boolean) => {
    // Enter takes the field away, which blurs it.
    if (ended.current) return
    ended.current = true
    if (takes && text.trim() !== name) onName(text.trim())
    onEnd()
  }
  return (
    <input
      ref={field}
      aria-label={`Name of terminal ${title}`}
      placeholder={title}
      maxLength={60}
      value={text}
      spellCheck={false}
      onChange={(event) => setText(event.target.value)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') finish(true)
        else if (event.key === 'Escape') finish(false)
      }}
      onBlur={() => finish(true)}
    />
  )
}
